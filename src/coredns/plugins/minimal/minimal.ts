import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { ServingPanic } from '../../server/chain.ts';

/** Before, it looked into the reply even where nobody wrote one. */
const passesUnwritten = since('1.15.0');

/** `minimal`: a positive answer loses its authority and additional sections, before it is cut to the client's size. */
export function setUpMinimal({ directive: words, release }: PluginSetup): Plugin {
  words.next();
  if (words.nextArgument()) throw words.argumentError();
  return {
    name: 'minimal',
    *handle(request, next) {
      const outcome = yield* next(request);
      const { reply } = outcome;
      if (reply === undefined) {
        if (outcome.error === undefined && !inRelease(passesUnwritten, release.name)) throw new ServingPanic();
        return outcome;
      }
      if (!isPositive(reply)) return outcome;
      return { ...outcome, reply: changed(reply, { authority: [], additional: [], edns: undefined }) };
    },
  };
}

/** Neither a denial nor a delegation (response.Typify). */
function isPositive({ rcode, answer, authority }: Message): boolean {
  if (rcode !== 'NOERROR') return false;
  return answer.length > 0 || !authority.some(({ data: { type } }) => type === 'SOA' || type === 'NS');
}

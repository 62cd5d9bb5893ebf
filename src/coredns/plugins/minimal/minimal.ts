import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { ServingPanic } from '../../server/chain.ts';

/**
 * `minimal`: a positive answer loses its authority and additional sections, before it is cut to the client's size.
 * It looks into the reply even where nobody wrote one.
 */
export function setUpMinimal({ directive: words }: PluginSetup): Plugin {
  words.next();
  if (words.nextArgument()) throw words.argumentError();
  return {
    name: 'minimal',
    *handle(request, next) {
      const outcome = yield* next(request);
      const { reply } = outcome;
      if (reply === undefined) {
        if (outcome.error === undefined) throw new ServingPanic();
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

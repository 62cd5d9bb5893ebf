import { changed, replyTo } from '../../../dns/build.ts';
import { inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

const ttl = 8482;
/** Words behind the directive were passed over. */
const refusesWords = since('1.14.4');

/** `any`: a minimal answer to queries of type ANY (RFC 8482). */
export function setUpAny(setup: PluginSetup): Plugin {
  const { directive: words, release } = setup;
  while (inRelease(refusesWords, release.name) && words.next()) if (words.nextArgument()) throw words.argumentError();
  return {
    name: 'any',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question?.type !== 'ANY') return yield* next(request);
      setup.decided(request, 'answered', 'NOERROR');
      const data = { type: 'HINFO', cpu: 'ANY obsoleted', os: 'See RFC 8482' } as const;
      const answer = [{ name: question.name, ttl, class: 'IN', data }];
      return { rcode: 'NOERROR', reply: changed(replyTo(request.message), { answer }) };
    },
  };
}

import { replyTo } from '../../../dns/build.ts';
import { takesNothing } from '../../no-arguments.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';

const ttl = 8482;

/** `any`: a minimal answer to queries of type ANY (RFC 8482). */
export function setUpAny(setup: PluginSetup): Plugin {
  takesNothing(setup);
  return {
    name: 'any',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question?.type !== 'ANY') return yield* next(request);
      setup.decided(request, 'answered', 'NOERROR');
      const data = { type: 'HINFO', cpu: 'ANY obsoleted', os: 'See RFC 8482' } as const;
      const answer = [{ name: question.name, ttl, class: 'IN', data }];
      return { rcode: 'NOERROR', reply: { ...replyTo(request.message), answer } };
    },
  };
}

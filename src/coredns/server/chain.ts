import { replyTo } from '../../dns/build.ts';
import type { Message, Rcode } from '../../dns/message.ts';
import type { Handler, Outcome, Plugin, Request } from '../plugin.ts';

/** Return codes with which a handler says that it has written nothing (`plugin.ClientWrite`). */
const unwritten: readonly Rcode[] = ['SERVFAIL', 'REFUSED', 'FORMERR', 'NOTIMP'];

/** The plugins one inside the other; undefined: there is none. Whoever calls `next` at the end is named in the error. */
export function chainOf(plugins: readonly Plugin[]): Handler | undefined {
  let chain: Handler | undefined;
  for (const plugin of [...plugins].reverse()) {
    const next = chain ?? endAfter(plugin.name);
    chain = (request) => plugin.handle(request, next);
  }
  return chain;
}

function endAfter(name: string): Handler {
  const outcome: Outcome = { rcode: 'SERVFAIL', error: `plugin/${name}: no next plugin found` };
  // biome-ignore lint/correctness/useYield: the end of the chain takes no time
  return function* () {
    return outcome;
  };
}

/** What goes to the client: the reply written, an empty one where the server owes it, or nothing. */
export function replyOf(request: Request, outcome: Outcome): Message | undefined {
  if (outcome.reply !== undefined) return outcome.reply;
  if (outcome.silent === true || !unwritten.includes(outcome.rcode)) return undefined;
  return replyTo(request.message, outcome.rcode);
}

import { changed, replyTo } from '../../dns/build.ts';
import type { Message, Rcode } from '../../dns/message.ts';
import type { Handler, Outcome, Plugin, Request } from '../plugin.ts';

/** Return codes with which a handler says that it has written nothing (`plugin.ClientWrite`). */
const unwritten: readonly Rcode[] = ['SERVFAIL', 'REFUSED', 'FORMERR', 'NOTIMP'];

/** The plugins one inside the other; undefined: there is none. Whoever calls `next` at the end is named in the error. */
export function chainOf(plugins: readonly Plugin[]): Handler | undefined {
  let chain: Handler | undefined;
  for (const plugin of [...plugins].reverse()) {
    const next = chain ?? endAfter(plugin);
    chain = (request) => plugin.handle(request, next);
  }
  return chain;
}

/** A Go panic while a query is served, such as over a message that is not there: the server recovers and answers SERVFAIL. */
export class ServingPanic extends Error {
  /** The query as `rewrite` had made it. */
  rewritten?: Outcome['rewritten'];

  constructor() {
    super('runtime error: invalid memory address or nil pointer dereference');
  }
}

/** How many aliases may have led to a question, one by the other, for the next to be followed (dnsserver.LoopKey). */
export const mostAliases = 8;

/** A server that asks itself without end: nothing is answered while its stack grows. */
export class EndlessQuestion extends Error {}

function endAfter({ name }: Plugin): Handler {
  const outcome: Outcome = { rcode: 'SERVFAIL', error: noNext(name) };
  // biome-ignore lint/correctness/useYield: the end of the chain takes no time
  return function* () {
    return outcome;
  };
}

/** The error of the last plugin's `next`. */
export const noNext = (plugin: string): string => `plugin/${plugin}: no next plugin found`;

/** What goes to the client: the reply written, an empty one where the server owes it, or nothing. */
export function replyOf(request: Request, outcome: Outcome): Message | undefined {
  if (outcome.reply !== undefined) return outcome.reply;
  if (!isUnwritten(outcome)) return undefined;
  const { question } = outcome.rewritten ?? {};
  return replyTo(
    question === undefined ? request.message : changed(request.message, { question: [question] }),
    outcome.rcode,
  );
}

/** Does the server owe the client an empty reply? */
export function isUnwritten({ reply, silent, rcode }: Outcome): boolean {
  return reply === undefined && silent !== true && unwritten.includes(rcode);
}

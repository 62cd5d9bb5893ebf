import type { Edns, Flags, Message, Rcode } from './message.ts';

/** A query for one name and type; RD is set unless said. */
export function query(
  id: number,
  question: { readonly name: string; readonly type: string; readonly class?: string },
  options: { readonly flags?: Partial<Flags>; readonly edns?: Edns } = {},
): Message {
  const { name, type, class: of = 'IN' } = question;
  const { aa = false, tc = false, rd = true, ra = false, ad = false, cd = false } = options.flags ?? {};
  return {
    id,
    response: false,
    opcode: 'QUERY',
    flags: { aa, tc, rd, ra, ad, cd },
    rcode: 'NOERROR',
    question: [{ name, type, class: of }],
    answer: [],
    authority: [],
    additional: [],
    edns: options.edns,
  };
}

/** The empty response to a query: id, opcode, question, RD and CD repeated; no EDNS. */
export function replyTo({ id, opcode, flags, question }: Message, rcode: Rcode = 'NOERROR'): Message {
  return {
    id,
    response: true,
    opcode,
    flags: { aa: false, tc: false, rd: flags.rd, ra: false, ad: false, cd: flags.cd },
    rcode,
    question,
    answer: [],
    authority: [],
    additional: [],
    edns: undefined,
  };
}

/**
 * A message with something else in it. It keeps its keys in the order in which a message is made, so that V8 knows one
 * shape of messages, and finds what it is asked for wherever they pass without a search.
 */
export function changed(message: Message, changes: Partial<Message>): Message {
  const { id, response, opcode, flags, rcode, question, answer, authority, additional, edns } = message;
  const copy = { id, response, opcode, flags, rcode, question, answer, authority, additional, edns };
  return Object.assign(copy, changes);
}

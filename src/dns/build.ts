import type { Edns, Flags, Message, Rcode } from './message.ts';

const noFlags: Flags = { aa: false, tc: false, rd: false, ra: false, ad: false, cd: false };

/** A query for one name and type; RD is set unless said. */
export function query(
  id: number,
  question: { readonly name: string; readonly type: string; readonly class?: string },
  options: { readonly flags?: Partial<Flags>; readonly edns?: Edns } = {},
): Message {
  return {
    id,
    response: false,
    opcode: 'QUERY',
    flags: { ...noFlags, rd: true, ...options.flags },
    rcode: 'NOERROR',
    question: [{ class: 'IN', ...question }],
    answer: [],
    authority: [],
    additional: [],
    edns: options.edns,
  };
}

/** The empty response to a query: id, opcode, question, RD and CD repeated; no EDNS. */
export function replyTo(request: Message, rcode: Rcode = 'NOERROR'): Message {
  return {
    ...request,
    response: true,
    flags: { ...noFlags, rd: request.flags.rd, cd: request.flags.cd },
    rcode,
    answer: [],
    authority: [],
    additional: [],
    edns: undefined,
  };
}

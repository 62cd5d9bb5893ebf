import type { Edns, Flags, Message, Rcode } from './message.ts';
import type { ResourceRecord } from './record.ts';

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

/** All three sections in order. */
export function allRecords(message: Message): ResourceRecord[] {
  return [...message.answer, ...message.authority, ...message.additional];
}

/** A copy in which every record's TTL is changed. */
export function mapTtl(message: Message, ttl: (record: ResourceRecord) => number): Message {
  const change = (records: readonly ResourceRecord[]) => records.map((r) => ({ ...r, ttl: ttl(r) }));
  return {
    ...message,
    answer: change(message.answer),
    authority: change(message.authority),
    additional: change(message.additional),
  };
}

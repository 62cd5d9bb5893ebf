import type { Message } from '../dns/message.ts';

/** The addresses in replies, each once, IPv4 first: on a host without a global IPv6 address rule 1 of RFC 6724 puts IPv6 last. */
export function addressesOf(replies: readonly Message[]): string[] {
  const data = replies.flatMap(({ answer }) => answer.map((record) => record.data));
  const ofType = (type: 'A' | 'AAAA') => data.flatMap((d) => (d.type === type ? [d.address] : []));
  return [...new Set([...ofType('A'), ...ofType('AAAA')])];
}

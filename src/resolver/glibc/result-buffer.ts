import type { Message } from '../../dns/message.ts';
import type { Family } from '../lookup.ts';
import type { GlibcRelease } from '../releases.ts';

/** The buffer that getaddrinfo hands to nss_dns first; twice as large each time the result did not fit (scratch_buffer). */
export const firstBuffer = 1024;

/** A struct gaih_addrtuple, and what its beginning is a multiple of. */
const [tupleLength, tupleAlignment] = [40, 8];
const pointerLength = 8;
const addressLength = { A: 4, AAAA: 16 } as const;
/** Where aliases are reserved: 48 pointers and an IPv6 address. */
const reserved = 48 * pointerLength + 16;

/**
 * Octets that nss_dns fills with the result of a lookup (resolv/nss_dns/dns-host.c): for both families a tuple an address
 * (`gethostbyname4_r`), for one a `struct hostent` (`getanswer_r`).
 */
export function resultLength(replies: readonly Message[], family: Family, { hostent }: GlibcRelease): number {
  const found = replies.map(contents);
  const addresses = found.reduce((sum, { count }) => sum + count, 0);
  if (family === 'any') {
    const name = found.find(({ count }) => count > 0)?.names.at(-1) ?? 0;
    return aligned(tupleLength + name, tupleAlignment) + (addresses - 1) * tupleLength;
  }
  const [{ names, records } = { names: [], records: 0 }] = found;
  const length = addressLength[family === 'ipv4' ? 'A' : 'AAAA'];
  const [name = 0] = names;
  const canonical = names.at(-1) ?? 0;
  if (hostent === 'exact') {
    const data = aligned(total(names), 4) + addresses * length;
    return aligned(data, pointerLength) + (addresses + 1 + names.length) * pointerLength;
  }
  // Owner and target of each alias, the name once more, and the owner of the last record, which is written before its address.
  const aliases = names.slice(1).reduce((sum, target, i) => sum + target + (names[i] ?? 0), 0);
  const texts = aligned(name + aliases + canonical, 4);
  return reserved + (records + 1) * pointerLength + texts + (addresses - 1) * length + Math.max(length, canonical);
}

/** Of a reply: octets of the name asked for and of each alias as text, addresses of the type asked for, records. */
function contents({ question, answer }: Message) {
  const [asked] = question;
  // The final dot makes room for the zero.
  const names = [(asked?.name ?? '.').length];
  let count = 0;
  for (const { data } of answer) {
    if (data.type === 'CNAME') names.push(data.target.length);
    else if (data.type === asked?.type) count++;
  }
  return { names, count, records: answer.length };
}

function total(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}

function aligned(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}

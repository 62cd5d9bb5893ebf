import { formatIpv4, parseIpv4 } from './ipv4.ts';

/** Eight groups of an IPv6 address as text has it, such as `2001:db8::1` (RFC 4291 §2.2). */
export function parseIpv6(text: string): number[] | undefined {
  const halves = text.toLowerCase().split('::');
  if (halves.length > 2 || (halves.length === 2 && halves[0]?.includes('.'))) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').map(groupsOf)));
  const front = joined(head ?? []);
  const back = joined(tail ?? []);
  if (front === undefined || back === undefined) return undefined;
  const missing = 8 - front.length - back.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array<number>(missing).fill(0), ...back];
}

/** One group, or the two of an IPv4 address at the end. */
function groupsOf(part: string, index: number, parts: readonly string[]): number[] | undefined {
  if (/^[0-9a-f]{1,4}$/.test(part)) return [Number.parseInt(part, 16)];
  const ipv4 = index === parts.length - 1 ? parseIpv4(part) : undefined;
  return ipv4 === undefined ? undefined : [ipv4 >>> 16, ipv4 & 0xffff];
}

function joined(parts: readonly (readonly number[] | undefined)[]): number[] | undefined {
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/** The one form to print it in: the longest run of zeros as `::`, IPv4 mapped ones with dots (RFC 5952). */
export function formatIpv6(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535';
  if (isMapped) return `::ffff:${formatIpv4((groups[6] ?? 0) * 65_536 + (groups[7] ?? 0))}`;
  const shown = groups.map((group) => group.toString(16));
  const run = longestZeros(groups);
  if (run.length < 2) return shown.join(':');
  return `${shown.slice(0, run.start).join(':')}::${shown.slice(run.start + run.length).join(':')}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

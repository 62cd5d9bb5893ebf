import { nodeOfCache } from '../cluster/node-local-dns/name.ts';
import { type Micros, millisecond, second } from '../engine/time.ts';

/** An instant or a span in seconds, to the tenth; shorter than half a tenth to the millisecond: `60 s`, `88.1 s`, `0.004 s`. */
export function inSeconds(micros: Micros): string {
  const seconds = micros / second;
  if (seconds !== 0 && Math.abs(seconds) < 0.05) return `${trim(seconds.toFixed(3))} s`;
  return `${trim(seconds.toFixed(1))} s`;
}

/** How long something is kept: `until 75.1 s`, `for ever`. */
export function untilWhen(runsOut: Micros): string {
  return runsOut === Number.POSITIVE_INFINITY ? 'for ever' : `until ${inSeconds(runsOut)}`;
}

export function runsOutWhen(runsOut: Micros): string {
  return runsOut === Number.POSITIVE_INFINITY ? 'never runs out' : `runs out at ${inSeconds(runsOut)}`;
}

/** An instant to the millisecond, where it matters what came before what: `65.003 s`. */
export function instant(micros: Micros): string {
  return `${trim((micros / second).toFixed(3))} s`;
}

/** A latency: `0.4 ms`, `12 ms`, `5.01 s`. */
export function inMilliseconds(micros: Micros): string {
  if (micros >= second) return `${trim((micros / second).toFixed(2))} s`;
  const ms = micros / millisecond;
  return `${ms >= 10 ? Math.round(ms) : trim(ms.toFixed(ms >= 1 ? 1 : 2))} ms`;
}

function trim(fixed: string): string {
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

/** `1 lookup`, `2 lookups`, `2 queries`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** The same, but for those beyond the first three, which are only counted where there are many. */
export function listedInShort(items: readonly string[]): string {
  return items.length <= 5 ? listed(items) : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`;
}

/** A place without its folder: `Corefile:4`. */
export function shortPlace(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

/** Without a capital first letter. */
export function decapitalised(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** With a capital first letter. */
export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A name as people write it, without the final dot; the root keeps its own. */
export function withoutDot(name: string): string {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;
}

/** Who a CoreDNS process is: `CoreDNS coredns-1`, `NodeLocal DNSCache on node-1`. */
export function processTitle(name: string): string {
  const node = nodeOfCache(name);
  return node === undefined ? `CoreDNS ${name}` : `NodeLocal DNSCache on ${node}`;
}

/** Why a socket is not told of an error: without `connect` none comes to it, and of a host that cannot be reached only whoever asks for it hears (`IP_RECVERR`). */
export function whyUnheard(errno: string): string {
  return errno === 'ECONNREFUSED' ? 'its socket is not connected' : 'its socket does not ask for such errors';
}

import type { AskedBy } from './asked-by.ts';
import type { Explanation } from './explanation.ts';
import type { CacheHop, Hop } from './hop.ts';
import type { JudgedLookup } from './lookup.ts';
import { capitalised, inSeconds, listed, processTitle, runsOutWhen } from './words.ts';

/** Why a stale answer came: the caches that had it when it was no longer true, down to the one that took it while it was. */
export function whyStale(lookup: JudgedLookup, hops: readonly Hop[], askedBy: AskedBy): Explanation {
  const since = lookup.staleSince ?? lookup.start;
  const holders = hops.filter((hop) => hop.kind === 'cache').filter((hop) => hop.t >= since);
  const [nearest] = holders;
  if (nearest === undefined) return oldSource(lookup, hops, since, askedBy);
  const sentences = holders.map((hop, index) =>
    index === 0
      ? `${nameOf(hop)} answered from its cache: ${entryOf(hop)}.`
      : `It had that from ${nameOf(hop)}'s cache: ${entryOf(hop)}.`,
  );
  const last = holders.at(-1);
  const behind = last === undefined ? undefined : hops[hops.indexOf(last) + 1];
  if (last !== undefined && behind !== undefined && last.storedAt > since) {
    const sent = inSeconds(behind.t);
    sentences.push(
      behind.t < since
        ? `That was on its way when the record changed: ${nameOf(behind)} had sent it at ${sent}.`
        : `${nameOf(behind)} itself had answered that at ${sent}, although it was no longer served elsewhere.${askedBy.sentence(behind.trace)}`,
    );
  }
  return {
    cause: (nearest.holder ?? 'the JVM') === 'the JVM' ? `${nearest.layer}-cache` : 'client-cache',
    strand: nearest.trace,
    holders,
    hops,
    short: `${cachesOf(nearest, holders.slice(1))}${filledLate(last, behind, since)}`,
    sentence: capitalised(sentences.join(' ')),
  };
}

/** Who still gave the old answer to the last of the caches when it was old. */
function filledLate(last: CacheHop | undefined, behind: Hop | undefined, since: number): string {
  const isLate = last !== undefined && behind?.kind === 'source' && behind.t >= since;
  return isLate ? `, filled by ${nameOf(behind)}` : '';
}

function oldSource(lookup: JudgedLookup, hops: readonly Hop[], since: number, askedBy: AskedBy): Explanation {
  const [source] = hops;
  const answers = lookup.addresses.join(', ');
  if (source === undefined) {
    return {
      cause: 'unknown',
      strand: lookup.trace,
      holders: [],
      hops,
      short: 'unknown',
      sentence: `No record tells where ${answers} came from.`,
    };
  }
  const why =
    source.t < since
      ? `before the change at ${inSeconds(since)}; the answer was still on its way.`
      : `although it was no longer served elsewhere.${askedBy.sentence(source.trace)}`;
  const sentence = `${nameOf(source)} itself answered ${answers} at ${inSeconds(source.t)}, ${why}`;
  return { cause: 'old-source', strand: source.trace, holders: [], hops, short: `${nameOf(source)} itself`, sentence };
}

/** `CoreDNS coredns-1`, `the JVM of app-jvm`, `recursor vpc-dns`. */
export function nameOf(hop: Hop): string {
  if (hop.kind === 'source') return hop.at;
  switch (hop.layer) {
    case 'jvm':
      return `${hop.holder ?? 'the JVM'} of ${hop.at}`;
    case 'coredns':
      return processTitle(hop.at);
    case 'recursor':
      return `recursor ${hop.at}`;
  }
}

/** "the JVM's", "CoreDNS coredns-1's". */
export function whoseOf(hop: Hop): string {
  return hop.kind === 'cache' && hop.layer === 'jvm' ? `${hop.holder ?? 'the JVM'}'s` : `${nameOf(hop)}'s`;
}

/** "the JVM's cache (30 s) on top of those of coredns-1 (30 s) and vpc-dns (600 s)". */
function cachesOf(nearest: CacheHop, behind: readonly CacheHop[]): string {
  const after = nearest.expired ? ', and given after that' : '';
  const first = `${whoseOf(nearest)} cache (${span(nearest)}${after})`;
  if (behind.length === 0) return first;
  const others = behind.map((hop) => `${hop.at} (${span(hop)})`);
  return `${first} on top of ${behind.length === 1 ? 'that' : 'those'} of ${listed(others)}`;
}

/** "stored at 45.1 s for 30 s, because `cache 30` (Corefile:5) cut the record's 600 s; it runs out at 75.1 s". */
export function entryOf(hop: CacheHop): string {
  const stored = `stored at ${inSeconds(hop.storedAt)} ${lifetimeOf(hop)}, ${lifetimeReason(hop)}`;
  const late = handedOutLate(hop);
  return late === undefined
    ? `${stored}; it ${runsOutWhen(hop.runsOut)}`
    : `${stored}; it ran out at ${inSeconds(hop.runsOut)} and was handed out ${late}`;
}

/** How an entry was given that had run out; CoreDNS before 1.14.7 counts whole seconds, and one with 0 s left is a hit. */
function handedOutLate({ layer, expired, expiredBy, t, runsOut }: CacheHop): string | undefined {
  if (expired) return expiredBy === '' ? 'all the same' : `all the same, because of ${expiredBy}`;
  // Redisson or Envoy asks anew then, and holds on to what it has until that is answered.
  if (layer === 'jvm' && t > runsOut) return 'until a new look-up is answered';
  return t > runsOut ? 'as a hit with TTL 0 in the second after that' : undefined;
}

function byWhat({ expiredBy }: CacheHop): string {
  return expiredBy === '' ? '' : ` by ${expiredBy}`;
}

/** `30 s`, `for ever`. */
function span({ lifetime }: CacheHop): string {
  return lifetime === Number.POSITIVE_INFINITY ? 'for ever' : inSeconds(lifetime);
}

function lifetimeOf({ lifetime }: CacheHop): string {
  return lifetime === Number.POSITIVE_INFINITY ? 'for ever' : `for ${inSeconds(lifetime)}`;
}

/** "because `cache 30` (Corefile:5) cut the record's 600 s". */
export function lifetimeReason({
  bound,
  setting,
  recordTtl,
}: Pick<CacheHop, 'bound' | 'setting' | 'recordTtl'>): string {
  const ttl = Number.isNaN(recordTtl) ? 'TTL' : `${recordTtl} s`;
  switch (bound) {
    case 'record':
      return 'the TTL that came with the record';
    case 'cut':
      return `because ${setting} cut the record's ${ttl}`;
    case 'raised':
      return `because ${setting} raised the record's ${ttl}`;
    case 'fixed':
      return `whatever the record's ${ttl}, because of ${setting}`;
  }
}

/** The same for a list: "45.1 s to 75.1 s, cut from 600 s by `cache 30` (Corefile:5)". */
export function entryInShort(hop: CacheHop): string {
  const end = hop.runsOut === Number.POSITIVE_INFINITY ? 'for ever' : `to ${inSeconds(hop.runsOut)}`;
  const ttl = Number.isNaN(hop.recordTtl) ? 'its TTL' : `${hop.recordTtl} s`;
  const reasons = {
    record: 'the TTL that came with it',
    cut: `cut from ${ttl} by ${hop.setting}`,
    raised: `raised from ${ttl} by ${hop.setting}`,
    fixed: hop.setting,
  };
  const late = handedOutLate(hop);
  const after =
    late === undefined ? '' : hop.expired ? `; handed out after that${byWhat(hop)}` : `; handed out ${late}`;
  return `${inSeconds(hop.storedAt)} ${end}, ${reasons[hop.bound]}${after}`;
}

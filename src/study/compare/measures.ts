import { nodeOfCache } from '../../cluster/node-local-dns/name.ts';
import type { World } from '../../cluster/world.ts';
import { cacheRecord } from '../../coredns/plugins/cache/records.ts';
import { attemptRecord } from '../../coredns/plugins/forward/records.ts';
import { coreDnsRequest } from '../../coredns/records.ts';
import type { ColumnStore } from '../../engine/columns.ts';
import type { RecordKind, TraceId } from '../../engine/recorder.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import { splitEndpoint } from '../../network/address.ts';
import { rootOf } from '../../trace/evidence.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { lookupRecords } from '../../trace/read-lookups.ts';
import { summarise } from '../../trace/summary.ts';

/** What one workload lived through in one run. Times in microseconds. */
export interface Measures {
  readonly lookups: number;
  readonly failures: number;
  readonly longestOutage: Micros;
  /** In sum. */
  readonly stale: Micros;
  readonly p50: Micros;
  readonly p99: Micros;
  readonly max: Micros;
  /** Lookups that took a second or longer. */
  readonly waits: number;
  /** Attempts of CoreDNS and NodeLocal DNSCache at servers outside the cluster for its lookups, those ahead of time included. */
  readonly upstreamQueries: number;
  /** What came to CoreDNS's pods, from clients or from NodeLocal DNSCache. */
  readonly corednsQueries: number;
  /** Answers out of CoreDNS's caches. */
  readonly cacheHits: number;
}

export type Measure = keyof Measures;

/** Is a measure of B better or worse than that of A, by more than one would put down to chance? */
export type Judgement = 'better' | 'worse' | undefined;

/** Of a change that was judged: `heavy` is what programs get, and waits of seconds; `light` milliseconds, which count where all that is the same. */
export type Weight = 'heavy' | 'light';

/** What measures are taken of. */
export interface Measured {
  readonly store: ColumnStore;
  readonly world: World;
  /** By workload. */
  readonly lookups: ReadonlyMap<string, readonly JudgedLookup[]>;
}

/** The records that they are taken from. */
export const measuredRecords: readonly RecordKind[] = [...lookupRecords, attemptRecord, coreDnsRequest, cacheRecord];

/** Counted by workload over the lookups that start and end before `until`. */
export function measuresOf(measured: Measured, until: Micros): Map<string, Measures> {
  const counts = countByRoot(measured);
  return new Map(
    [...measured.lookups].map(([workload, lookups]) => {
      const own = lookups.filter(({ start, end }) => start < until && end <= until);
      return [workload, measure(workload, own, until, counts)];
    }),
  );
}

type Counts = Pick<Measures, 'upstreamQueries' | 'corednsQueries' | 'cacheHits'>;

function measure(
  workload: string,
  lookups: readonly JudgedLookup[],
  until: Micros,
  counts: ReadonlyMap<TraceId, Counts>,
): Measures {
  const { failures, stale, latency } = summarise(workload, lookups, until);
  const sum = (of: keyof Counts) => lookups.reduce((total, { trace }) => total + (counts.get(trace)?.[of] ?? 0), 0);
  return {
    lookups: lookups.length,
    failures: failures.count,
    longestOutage: failures.longestOutage,
    stale: stale.time,
    ...latency,
    waits: lookups.filter(({ start, end }) => end - start >= second).length,
    upstreamQueries: sum('upstreamQueries'),
    corednsQueries: sum('corednsQueries'),
    cacheHits: sum('cacheHits'),
  };
}

function countByRoot({ store, world }: Measured): Map<TraceId, Counts> {
  const counts = new Map<TraceId, { upstreamQueries: number; corednsQueries: number; cacheHits: number }>();
  const services = new Set(world.services.map(({ address }) => address));
  const isOutside = (to: string) => !services.has(splitEndpoint(to).address);
  const countOf = (trace: TraceId) => {
    const root = rootOf(store, trace);
    const known = counts.get(root) ?? { upstreamQueries: 0, corednsQueries: 0, cacheHits: 0 };
    counts.set(root, known);
    return known;
  };
  for (const { trace, to } of store.rows(attemptRecord)) if (isOutside(to)) countOf(trace).upstreamQueries++;
  for (const { trace, at } of store.rows(coreDnsRequest))
    if (nodeOfCache(at) === undefined) countOf(trace).corednsQueries++;
  for (const { trace, outcome } of store.rows(cacheRecord))
    if (outcome === 'hit' || outcome === 'stale') countOf(trace).cacheHits++;
  return counts;
}

/** Times of failing and of old answers count where they differ by this, */
const leastSpan = 5 * second;
/** or by a fifth, and this: less is the time between two lookups. */
const leastShortSpan = 100 * millisecond;
/** A percentile counts where it differs by this and by a tenth. */
const leastLatency = millisecond;
/** The 99th percentile of fewer lookups than this hangs on one or two of them. */
const leastForP99 = 500;
/** So many waits more, or a tenth of all lookups: one or two more may be luck, such as which upstream was drawn. */
const leastWaits = 3;
/** Upstream queries count where there are this many more, and ten times as many: a storm. Fewer than that is a price. */
const leastStorm = 100;

type Rule = (more: Measures, less: Measures) => boolean;

/** By how much more of it one run must have before it is the worse. Queries to CoreDNS and cache hits are a means, neither good nor bad; the longest of all lookups is luck. */
const matters: Readonly<Record<Measure, Rule>> = {
  lookups: () => false,
  failures: (more, less) => more.failures * less.lookups > less.failures * more.lookups,
  longestOutage: (more, less) => isLonger(more.longestOutage, less.longestOutage),
  stale: (more, less) => isLonger(more.stale, less.stale),
  p50: (more, less) => isSlower(more.p50, less.p50),
  p99: (more, less) => Math.min(more.lookups, less.lookups) >= leastForP99 && isSlower(more.p99, less.p99),
  max: () => false,
  waits: (more, less) =>
    more.waits - less.waits >= Math.min(leastWaits, Math.max(more.lookups, less.lookups) / 10) &&
    more.waits * less.lookups > less.waits * more.lookups,
  upstreamQueries: (more, less) =>
    more.upstreamQueries - less.upstreamQueries >= leastStorm && more.upstreamQueries >= 10 * less.upstreamQueries,
  corednsQueries: () => false,
  cacheHits: () => false,
};

function isLonger(more: Micros, less: Micros): boolean {
  return more - less >= leastSpan || (more - less >= more / 5 && more - less >= leastShortSpan);
}

/** Is one latency noticeably longer than another? */
export function isSlower(more: Micros, less: Micros): boolean {
  return more - less >= leastLatency && more - less >= more / 10;
}

/** Swapping A and B turns better into worse, and nothing else. */
export function judge(measure: Measure, a: Measures, b: Measures): Judgement {
  const isMore = (one: Measures, other: Measures) => matters[measure](one, other);
  if (isMore(b, a)) return 'worse';
  return isMore(a, b) ? 'better' : undefined;
}

/** Percentiles weigh little: seconds are counted as waits. */
export function weightOf(measure: Measure): Weight {
  return measure === 'p50' || measure === 'p99' ? 'light' : 'heavy';
}

import { cacheRecord } from '../../coredns/plugins/cache/records.ts';
import { attemptRecord } from '../../coredns/plugins/forward/records.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import { rootOf } from '../../trace/evidence.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { summarise } from '../../trace/summary.ts';
import type { FinishedRun } from '../run.ts';

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
  /** Attempts of CoreDNS at its upstreams for its lookups, those ahead of time included. */
  readonly upstreamQueries: number;
  /** Answers out of CoreDNS's caches. */
  readonly cacheHits: number;
}

export type Measure = keyof Measures;

/** Is a measure of B better or worse than that of A, by more than one would put down to chance? */
export type Judgement = 'better' | 'worse' | undefined;

/** Of a change that was judged: what programs get or wait for by seconds, or milliseconds, which count where that is the same. */
export type Weight = 'heavy' | 'light';

/** Counted by workload over the lookups that start and end before `until`. */
export function measuresOf(run: FinishedRun, until: Micros): Map<string, Measures> {
  const counts = countByRoot(run);
  return new Map(
    run.analysis.workloads.map(({ summary: { workload }, lookups }) => {
      const own = lookups.filter(({ start, end }) => start < until && end <= until);
      return [workload, measure(workload, own, until, counts)];
    }),
  );
}

interface Counts {
  readonly upstreamQueries: number;
  readonly cacheHits: number;
}

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
    upstreamQueries: sum('upstreamQueries'),
    cacheHits: sum('cacheHits'),
  };
}

function countByRoot({ store }: FinishedRun): Map<TraceId, Counts> {
  const counts = new Map<TraceId, { upstreamQueries: number; cacheHits: number }>();
  const countOf = (trace: TraceId) => {
    const root = rootOf(store, trace);
    const known = counts.get(root) ?? { upstreamQueries: 0, cacheHits: 0 };
    counts.set(root, known);
    return known;
  };
  for (const { trace } of store.rows(attemptRecord)) countOf(trace).upstreamQueries++;
  for (const { trace, outcome } of store.rows(cacheRecord))
    if (outcome === 'hit' || outcome === 'stale') countOf(trace).cacheHits++;
  return counts;
}

/** Times of failing and of old answers count from here on. */
const leastSpan = 100 * millisecond;
/** Latency counts where it differs by this and by a tenth. */
const leastLatency = millisecond;
/** Upstream queries count where there are this many more, and ten times as many: a storm. Fewer than that is a price. */
const leastStorm = 100;

/** By how much more of it B must have before that is worse. Cache hits are a means, neither good nor bad. */
const matters: Readonly<Record<Measure, (more: number, less: number) => boolean>> = {
  lookups: () => false,
  failures: (more, less) => more > less,
  longestOutage: (more, less) => more - less >= leastSpan,
  stale: (more, less) => more - less >= leastSpan,
  p50: isSlower,
  p99: isSlower,
  max: isSlower,
  upstreamQueries: (more, less) => more - less >= leastStorm && more >= 10 * less,
  cacheHits: () => false,
};

function isSlower(more: Micros, less: Micros): boolean {
  return more - less >= leastLatency && more - less >= more / 10;
}

/** Swapping A and B turns better into worse, and nothing else. */
export function judge(measure: Measure, a: number, b: number): Judgement {
  if (b > a && matters[measure](b, a)) return 'worse';
  return a > b && matters[measure](a, b) ? 'better' : undefined;
}

/** Latency weighs as much as failing from here on. */
const heavyLatency = second;

export function weightOf(measure: Measure, a: number, b: number): Weight {
  const isLatency = measure === 'p50' || measure === 'p99' || measure === 'max';
  return isLatency && Math.abs(a - b) < heavyLatency ? 'light' : 'heavy';
}

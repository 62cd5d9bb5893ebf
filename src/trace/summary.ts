import type { Micros } from '../engine/time.ts';
import type { JudgedLookup } from './lookup.ts';
import { outages, type Period, stalePeriods } from './periods.ts';

/** What one workload lived through, in the operator's words. Times in microseconds. */
export interface WorkloadSummary {
  readonly workload: string;
  readonly lookups: number;
  readonly failures: {
    readonly count: number;
    /** Start of the first and of the last lookup that failed. */
    readonly first: Micros | undefined;
    readonly last: Micros | undefined;
    readonly outages: readonly Period[];
    readonly longestOutage: Micros;
  };
  readonly stale: {
    readonly count: number;
    /** In sum, from the change to the first right answer. */
    readonly time: Micros;
    /** Start of the last lookup that got the old address. */
    readonly last: Micros | undefined;
    /** That start, counted from the change that made its answer old. */
    readonly afterChange: Micros | undefined;
    readonly addresses: readonly string[];
    readonly periods: readonly Period[];
  };
  /** Of all lookups, failed ones too: what the caller waited. Nearest rank. */
  readonly latency: { readonly p50: Micros; readonly p99: Micros; readonly max: Micros };
}

/** The figures of one workload from its lookups in order of time; `until`: the end of the run; `waiting`: as for `outages`. */
export function summarise(
  workload: string,
  lookups: readonly JudgedLookup[],
  until: Micros,
  waiting: readonly Micros[] = [],
): WorkloadSummary {
  const failed = lookups.filter((lookup) => lookup.verdict === 'failed');
  // Lookups come in the order of their return, which with several threads is not that of their start.
  const failedAt = failed.map(({ start }) => start).sort((a, b) => a - b);
  const stale = lookups.filter((lookup) => lookup.verdict === 'stale');
  const down = outages(lookups, until, waiting);
  const old = stalePeriods(lookups, until);
  const lastStale = stale.at(-1);
  const latencies = lookups.map((lookup) => lookup.end - lookup.start).sort((a, b) => a - b);
  return {
    workload,
    lookups: lookups.length,
    failures: {
      count: failed.length,
      first: failedAt[0],
      last: failedAt.at(-1),
      outages: down,
      longestOutage: Math.max(0, ...down.map(lengthOf)),
    },
    stale: {
      count: stale.length,
      time: old.map(lengthOf).reduce((sum, span) => sum + span, 0),
      last: lastStale?.start,
      afterChange: lastStale === undefined ? undefined : lastStale.start - (lastStale.staleSince ?? lastStale.start),
      addresses: [...new Set(stale.flatMap((lookup) => lookup.addresses))].sort(),
      periods: old,
    },
    latency: { p50: rank(latencies, 0.5), p99: rank(latencies, 0.99), max: latencies.at(-1) ?? 0 },
  };
}

/** Are failures what is told first? Not where old answers were more, and for longer than the longest outage. */
export function failsFirst(summaries: readonly WorkloadSummary[]): boolean {
  const sum = (of: (summary: WorkloadSummary) => number) => summaries.reduce((all, summary) => all + of(summary), 0);
  const most = (of: (summary: WorkloadSummary) => number) => Math.max(0, ...summaries.map(of));
  const [failed, stale] = [sum(({ failures }) => failures.count), sum((summary) => summary.stale.count)];
  const [outage, old] = [most(({ failures }) => failures.longestOutage), most((summary) => summary.stale.time)];
  return failed > 0 && (failed >= stale || outage >= old);
}

/** The lookup with which the longest outage began. */
export function firstOfLongestOutage({ failures }: WorkloadSummary): JudgedLookup | undefined {
  return failures.outages.find((outage) => lengthOf(outage) === failures.longestOutage)?.first;
}

function lengthOf({ from, to }: Period): Micros {
  return to - from;
}

/** Nearest rank: the smallest value that is not below `share` of them. */
function rank(sorted: readonly Micros[], share: number): Micros {
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? 0;
}

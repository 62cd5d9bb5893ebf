import { grouped } from '../engine/grouped.ts';
import type { Analysis } from '../trace/analysis.ts';
import type { JudgedLookup } from '../trace/lookup.ts';

/** As many digits as its microseconds have: lookups of one magnitude were about as fast. */
export function magnitudeOf({ start, end }: JudgedLookup): number {
  return String(end - start).length;
}

/** Lookups of a workload that got the same for the same reason, about as fast, in the order in which they began. */
export function alikeLookups({ workloads, why }: Analysis): JudgedLookup[][] {
  const likeness = (lookup: JudgedLookup) => {
    const because = lookup.verdict === 'right' ? '' : why(lookup).cause;
    return `${lookup.verdict} ${because} ${magnitudeOf(lookup)}`;
  };
  return workloads.flatMap(({ lookups }) =>
    [...grouped(lookups, likeness).values()].map((alike) => alike.sort((a, b) => a.trace - b.trace)),
  );
}

import type { Micros } from '../engine/time.ts';
import type { JudgedLookup } from './lookup.ts';

/** A stretch of time in which one workload got nothing right. */
export interface Period {
  readonly from: Micros;
  /** Return of the answer that ended it, or the end of the run; of an outage also the last failure, where no more was asked. */
  readonly to: Micros;
  readonly first: JudgedLookup;
  readonly last: JudgedLookup;
  /** Lookups of the period's own verdict. */
  readonly lookups: number;
  /** The lookup that ended it; undefined: it lasted to the end of the run. */
  readonly healed: JudgedLookup | undefined;
}

/**
 * Stale periods of one workload's lookups, in their order. The first after a change lasts from the change itself, because
 * until its next lookup the workload still used what it had; a right answer ends it, a failure does not.
 */
export function stalePeriods(lookups: readonly JudgedLookup[], until: Micros): Period[] {
  return runsOf(lookups, 'stale', (lookup) => lookup.verdict === 'right', until).map(({ before, ...run }) => {
    const since = run.first.staleSince ?? run.first.start;
    return { ...run, from: before !== undefined && before.start >= since ? run.first.start : since };
  });
}

/**
 * Outages of one workload's lookups: from the start of the first that failed to the return of the next that did not.
 * `waiting`: when those began that had not returned by the end of the run.
 */
export function outages(lookups: readonly JudgedLookup[], until: Micros, waiting: readonly Micros[] = []): Period[] {
  const to = waiting.length > 0 ? until : askedUntil(lookups, until);
  return runsOf(lookups, 'failed', (lookup) => lookup.verdict !== 'failed', to).map(({ before: _, ...run }) => run);
}

/** The end of the run; or the return of the last lookup, if the next would have come long before. */
function askedUntil(lookups: readonly JudgedLookup[], until: Micros): Micros {
  const starts = lookups.map(({ start }) => start).sort((a, b) => a - b);
  const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  const longest = gaps.reduce((most, gap) => Math.max(most, gap), 0);
  const left = until - (starts.at(-1) ?? until);
  return left <= 2 * longest ? until : lookups.reduce((last, { end }) => Math.max(last, end), 0);
}

function runsOf(
  lookups: readonly JudgedLookup[],
  verdict: JudgedLookup['verdict'],
  ends: (lookup: JudgedLookup) => boolean,
  until: Micros,
): (Period & { readonly before: JudgedLookup | undefined })[] {
  const runs: ReturnType<typeof runsOf> = [];
  let run: JudgedLookup[] = [];
  let before: JudgedLookup | undefined;
  const close = (healed: JudgedLookup | undefined) => {
    const [first] = run;
    const last = run.at(-1);
    if (first !== undefined && last !== undefined) {
      runs.push({ before, from: first.start, to: healed?.end ?? until, first, last, lookups: run.length, healed });
    }
    run = [];
  };
  for (const lookup of lookups) {
    if (lookup.verdict === verdict) run.push(lookup);
    else if (ends(lookup)) {
      close(lookup);
      before = lookup;
    }
  }
  close(undefined);
  return runs;
}

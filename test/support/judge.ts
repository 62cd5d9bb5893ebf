import type { FinishedRun } from '../../src/index.ts';

/** How a run of a bundled scenario came out. */
export interface Judgement {
  /** How many expectations it has. */
  readonly expectations: number;
  readonly unmet: readonly unknown[];
  /** A line for each lookup whose account does not end in a cause, among some that failed and some others. */
  readonly unexplained: readonly string[];
}

export function judge(finished: FinishedRun): Judgement {
  const { expectations } = finished;
  return {
    expectations: expectations.length,
    unmet: expectations.filter(({ met }) => !met),
    unexplained: unexplained(finished),
  };
}

/** Causes that say what came of it, not why. */
const noCauses = ['', 'unknown', 'no-query', 'timeout', 'try-again'];

/** At most 40, evenly over the run. */
const some = <T>(all: readonly T[]): T[] => all.filter((_, index) => index % Math.ceil(all.length / 40) === 0);

function unexplained({ analysis }: FinishedRun): string[] {
  return analysis.workloads.flatMap(({ summary, lookups }) => {
    const failed = lookups.filter(({ verdict }) => verdict === 'failed');
    const others = lookups.filter(({ verdict }) => verdict !== 'failed');
    return [...some(failed), ...some(others)].flatMap((lookup) => {
      const { cause, conclusion, steps } = analysis.account(lookup);
      const isTold = conclusion.endsWith('.') && steps.at(-1)?.layer === 'application';
      const hasReason =
        lookup.verdict !== 'failed' || steps.some(({ tone, layer }) => tone === 'bad' && layer !== 'application');
      return isTold && hasReason && !noCauses.includes(cause)
        ? []
        : [`${summary.workload} at ${lookup.start}: ${cause}: ${conclusion}`];
    });
  });
}

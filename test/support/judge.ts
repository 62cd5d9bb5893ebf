import type { FinishedRun } from '../../src/index.ts';
import { alikeLookups } from '../../src/report/alike.ts';
import { columns } from '../../src/report/terminal.ts';
import { verdictText } from '../../src/report/text.ts';
import type { JudgedLookup } from '../../src/trace/lookup.ts';

/** How a run of a bundled scenario came out. */
export interface Judgement {
  /** How many expectations it has. */
  readonly expectations: number;
  readonly unmet: readonly unknown[];
  /** A line for each lookup that failed without a cause, or whose account does not end in one. */
  readonly unexplained: readonly string[];
  /** Lines of the verdict that a terminal of 80 columns would break. */
  readonly tooLong: readonly string[];
}

export function judge(finished: FinishedRun): Judgement {
  const { expectations } = finished;
  return {
    expectations: expectations.length,
    unmet: expectations.filter(({ met }) => !met),
    unexplained: unexplained(finished),
    tooLong: verdictText(finished, { colour: false, directory: '', files: [] })
      .split('\n')
      .filter((line) => line.length > columns),
  };
}

/** Causes that say what came of it, not why. */
const noCauses = ['', 'unknown', 'no-query', 'timeout', 'try-again'];

function unexplained({ analysis }: FinishedRun): string[] {
  const all = analysis.workloads.flatMap(({ lookups }) => lookups);
  const withoutCause = all.filter(
    (lookup) => lookup.verdict === 'failed' && noCauses.includes(analysis.why(lookup).cause),
  );
  // Accounts take their time: of lookups that are alike a few are told.
  const badlyTold = alikeLookups(analysis)
    .flatMap(some)
    .filter((lookup) => {
      const { cause, conclusion, steps } = analysis.account(lookup);
      const isTold = conclusion.endsWith('.') && steps.at(-1)?.layer === 'application';
      const hasReason =
        lookup.verdict !== 'failed' || steps.some(({ tone, layer }) => tone === 'bad' && layer !== 'application');
      return !isTold || !hasReason || noCauses.includes(cause);
    });
  return [...new Set([...withoutCause, ...badlyTold])].map((lookup) => {
    const { cause, sentence } = analysis.why(lookup);
    return `${lookup.workload} at ${lookup.start}: ${cause}: ${sentence}`;
  });
}

/** At most 4, evenly. */
function some(alike: readonly JudgedLookup[]): JudgedLookup[] {
  return alike.filter((_, index) => index % Math.ceil(alike.length / 4) === 0);
}

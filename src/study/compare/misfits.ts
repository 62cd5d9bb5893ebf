import { plainAt } from '../../scenario/document.ts';
import { otherRelease } from '../../scenario/scenario.ts';
import { inSeconds } from '../../trace/words.ts';
import type { FinishedRun } from '../run.ts';

/** Why two runs are not of one kind. `left-out`: not compared; `all-the-same`: compared nevertheless. */
export interface Misfit {
  readonly treated: 'left-out' | 'all-the-same';
  /** A sentence. */
  readonly text: string;
}

/** What a workload is; another one of the same name is compared, and said to be another. */
const ofWorkload = ['lookup', 'family', 'every', 'at', 'port', 'count'] as const;

export function misfitsOf(a: FinishedRun, b: FinishedRun): Misfit[] {
  return [...durations(a, b), ...strangers(a, b), ...others(a, b), ...otherReleases(a, b)];
}

function durations(a: FinishedRun, b: FinishedRun): Misfit[] {
  const [own, other] = [a.analysis.until, b.analysis.until];
  if (own === other) return [];
  const text = `A lasts ${inSeconds(own)} and B ${inSeconds(other)}: compared are the first ${inSeconds(Math.min(own, other))}.`;
  return [{ treated: 'left-out', text }];
}

/** Workloads that only one has. */
function strangers(a: FinishedRun, b: FinishedRun): Misfit[] {
  const [left, right] = [a, b].map(({ analysis }) => analysis.workloads.map(({ summary }) => summary.workload));
  const only = (own: readonly string[] = [], other: readonly string[] = [], side: string): Misfit[] => {
    const names = own.filter((name) => !other.includes(name));
    if (names.length === 0) return [];
    return [{ treated: 'left-out', text: `Only ${side} has ${names.join(', ')}: left out.` }];
  };
  return [...only(left, right, 'A'), ...only(right, left, 'B')];
}

function others(a: FinishedRun, b: FinishedRun): Misfit[] {
  return a.analysis.workloads.flatMap(({ summary: { workload } }): Misfit[] => {
    if (!b.analysis.workloads.some(({ summary }) => summary.workload === workload)) return [];
    const [own, other] = [a, b].map((run) => describe(run, workload));
    const differing = [...(own ?? [])].filter(([what, value]) => other?.get(what) !== value);
    return differing.map(([what, value]) => ({
      treated: 'all-the-same',
      text: `${workload}: ${what} ${value || 'not said'} in A, ${other?.get(what) || 'not said'} in B.`,
    }));
  });
}

/** Releases that the simulator takes as others. */
function otherReleases(...runs: readonly [a: FinishedRun, b: FinishedRun]): Misfit[] {
  const [inA, inB] = runs.map(({ scenario: { remarks } }) => {
    return remarks.filter(({ code }) => code === otherRelease).map(({ message }) => message);
  });
  const told = [...new Set([...(inA ?? []), ...(inB ?? [])])];
  return told.map((message) => {
    const side = !inB?.includes(message) ? 'In A' : !inA?.includes(message) ? 'In B' : 'In both';
    return { treated: 'all-the-same', text: `${side}, ${message}.` };
  });
}

function describe({ scenario: { written } }: FinishedRun, workload: string): Map<string, string> {
  const own = plainAt(written, ['workloads', workload]);
  const name = String(plainAt(own, ['pod']));
  const words = (value: unknown) =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return new Map([['pod', name], ...ofWorkload.map((key) => [key, words(plainAt(own, [key]))] as const)]);
}

import type { Micros } from '../../engine/time.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import type { FinishedRun } from '../run.ts';
import { differencesOf, type InputDifference } from './inputs.ts';
import {
  isSlower,
  type Judgement,
  judge,
  type Measure,
  type Measured,
  type Measures,
  measuresOf,
  type Weight,
  weightOf,
} from './measures.ts';
import { type Misfit, misfitsOf } from './misfits.ts';
import { type Pair, pairsOf } from './pairs.ts';
import { type Parting, partingOf } from './parting.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What two runs have in common and what not. `a` is the first, `b` the second, everywhere. */
export interface Comparison {
  readonly a: FinishedRun;
  readonly b: FinishedRun;
  /** By which seeds it was judged; the figures are those of the first. */
  readonly seeds: readonly string[];
  /** What the two were told otherwise. */
  readonly inputs: readonly InputDifference[];
  /** What does not fit: it is left out, or compared all the same. */
  readonly misfits: readonly Misfit[];
  /** Compared was what happened before: the end of the shorter run. */
  readonly until: Micros;
  /** Those that both have, in the order of A. */
  readonly workloads: readonly WorkloadComparison[];
  /** Where they part; undefined: nowhere. */
  readonly parting: Parting | undefined;
  /** The first lookup that came out otherwise, or took noticeably longer. */
  readonly felt: Felt | undefined;
  readonly verdict: Verdict;
  /** Where the verdict is the same for all: the first of the other seeds with which it is not. */
  readonly otherwise: Otherwise | undefined;
}

/** What another seed comes to. */
export interface Otherwise {
  readonly seed: string;
  readonly workloads: readonly WorkloadComparison[];
  readonly verdict: Verdict;
}

export interface WorkloadComparison {
  readonly workload: string;
  readonly a: Measures;
  readonly b: Measures;
  /** What is not the same, in the order of `Measures`. */
  readonly changes: readonly Change[];
  readonly verdict: Verdict['word'];
}

/** A measure that is not the same in both. */
export interface Change {
  readonly measure: Measure;
  readonly a: number;
  readonly b: number;
  /** Of B; undefined: neither, or too little to tell. */
  readonly judgement: Judgement;
  readonly weight: Weight;
  /** With another seed it is the other way round, or nothing. */
  readonly isChance: boolean;
}

/** The same call in both runs. */
export interface Felt {
  readonly workload: string;
  readonly start: Micros;
  readonly a: JudgedLookup;
  readonly b: JudgedLookup;
}

const measures = [
  'lookups',
  'failures',
  'longestOutage',
  'stale',
  'p50',
  'p99',
  'max',
  'waits',
  'upstreamQueries',
  'corednsQueries',
  'cacheHits',
] as const satisfies readonly Measure[];

/** Holds two runs against each other, workload by workload and step by step. */
export function compare(a: FinishedRun, b: FinishedRun): Comparison {
  const until = Math.min(a.analysis.until, b.analysis.until);
  const [left, right] = [measuresOf(measured(a), until), measuresOf(measured(b), until)];
  const inBoth = [...left.keys()].filter((workload) => right.has(workload));
  const pairs = pairsOf(a, b, inBoth, until);
  const workloads = [...left].flatMap(([workload, own]) => {
    const other = right.get(workload);
    const calls = pairs.filter((pair) => pair.workload === workload);
    return other === undefined ? [] : [compareWorkload(workload, own, other, calls)];
  });
  return {
    a,
    b,
    seeds: [a.world.seed],
    inputs: differencesOf(a.scenario, b.scenario),
    misfits: misfitsOf(a, b),
    until,
    workloads,
    parting: partingOf(a, b, pairs, until),
    felt: firstFelt(pairs),
    verdict: verdictOf(workloads),
    otherwise: undefined,
  };
}

function measured({ store, world, analysis }: FinishedRun): Measured {
  return {
    store,
    world,
    lookups: new Map(analysis.workloads.map(({ summary, lookups }) => [summary.workload, lookups])),
  };
}

function compareWorkload(workload: string, a: Measures, b: Measures, calls: readonly Pair[]): WorkloadComparison {
  const changes = measures.flatMap((measure): Change[] => {
    const [own, other] = [a[measure], b[measure]];
    if (own === other) return [];
    const judged = judge(measure, a, b);
    const judgement = measure === 'p50' && !isCommon(judged, calls) ? undefined : judged;
    return [{ measure, a: own, b: other, judgement, weight: weightOf(measure), isChance: false }];
  });
  return { workload, a, b, changes, verdict: verdictOf([{ workload, changes }]).word };
}

/** Did most calls become slower, or faster? Where some take one way and some another, as the draw of a replica has it, a median jumps by chance. */
function isCommon(judgement: Judgement, calls: readonly Pair[]): boolean {
  const shifts = calls.flatMap(({ a, b }) => {
    if (a === undefined || b === undefined) return [];
    const [own, other] = [a.end - a.start, b.end - b.start];
    return [judgement === 'worse' ? isSlower(other, own) : isSlower(own, other)];
  });
  return 2 * shifts.filter((isShifted) => isShifted).length >= shifts.length;
}

function firstFelt(pairs: readonly Pair[]): Felt | undefined {
  for (const { workload, start, a, b } of pairs) {
    if (a === undefined || b === undefined) continue;
    const [own, other] = [a.end - a.start, b.end - b.start];
    const isFelt = outcomeOf(a) !== outcomeOf(b) || isSlower(own, other) || isSlower(other, own);
    if (isFelt) return { workload, start, a, b };
  }
  return undefined;
}

function outcomeOf({ result, addresses, verdict }: JudgedLookup): string {
  return `${verdict} ${result} ${[...addresses].sort().join(' ')}`;
}

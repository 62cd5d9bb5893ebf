import { Kept } from '../../engine/kept.ts';
import type { Micros } from '../../engine/time.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { judgedLookups } from '../../trace/judged-lookups.ts';
import { run } from '../run.ts';
import { simulate } from '../simulate.ts';
import { type Comparison, compare, type WorkloadComparison } from './compare.ts';
import { judge, type Measures, measuredRecords, measuresOf } from './measures.ts';
import { verdictOf } from './verdict.ts';

/** What the two sides come to with another seed, by workload. */
export interface Draw {
  readonly seed: string;
  readonly a: ReadonlyMap<string, Measures>;
  readonly b: ReadonlyMap<string, Measures>;
}

/** By how many seeds it is judged unless somebody says otherwise: what is better or worse by chance rarely is so three times. */
const usualSeeds = 3;
/** Of runs that are larger the others would take too long: it is judged by one seed unless somebody asks for more. */
const mostLookups = 20_000;

/** What one scenario comes to with one seed, of lookups that end by an instant. */
export function measuresDrawn(scenario: Scenario, seed: string, until: Micros): ReadonlyMap<string, Measures> {
  const store = new Kept(...measuredRecords);
  const { world } = simulate(scenario, seed, store);
  return measuresOf({ store, world, lookups: judgedLookups(store, world) }, until);
}

/** How runs come about; somebody may remember them. */
interface Runner {
  readonly run: typeof run;
  readonly measures: typeof measuresDrawn;
}

/**
 * Runs two scenarios and holds them against each other; where that brings a judgement, with more seeds, until it is
 * chance or holds with all of them; where it brings none, until another seed does.
 */
export function compareDrawn(
  a: Scenario,
  b: Scenario,
  { seed, seeds }: { readonly seed: string | number; readonly seeds?: number | undefined },
  runner: Runner = { run, measures: measuresDrawn },
): Comparison {
  let found = compare(runner.run(a, { seed }), runner.run(b, { seed }));
  const wanted = seeds ?? (lookupsOf(found) > mostLookups ? 1 : usualSeeds);
  const isFound = found.verdict.word !== 'the same';
  // Of two runs that are one and the same no other draw will make two.
  if (!isFound && found.parting === undefined) return found;
  for (let next = 1; next < wanted && (found.verdict.word !== 'the same') === isFound; next++) {
    const other = otherSeed(String(seed), next);
    if (!isFound) {
      const { workloads, verdict } = compare(runner.run(a, { seed: other }), runner.run(b, { seed: other }));
      const seeds = [...found.seeds, other];
      if (verdict.word !== 'the same') return { ...found, seeds, otherwise: { seed: other, workloads, verdict } };
      found = { ...found, seeds };
      continue;
    }
    const measures = (side: Scenario) => runner.measures(side, other, found.until);
    found = heldAgainst(found, { seed: other, a: measures(a), b: measures(b) });
  }
  return found;
}

/** Keeps of the judgements those that another seed comes to as well; the others are chance. */
export function heldAgainst(comparison: Comparison, draw: Draw): Comparison {
  const workloads = comparison.workloads.map((own) => heldBy(own, draw));
  return { ...comparison, seeds: [...comparison.seeds, draw.seed], workloads, verdict: verdictOf(workloads) };
}

function heldBy(own: WorkloadComparison, draw: Draw): WorkloadComparison {
  const [a, b] = [draw.a.get(own.workload), draw.b.get(own.workload)];
  const changes = own.changes.map((change) => {
    const holds = a !== undefined && b !== undefined && judge(change.measure, a, b) === change.judgement;
    return change.judgement === undefined || holds ? change : { ...change, judgement: undefined, isChance: true };
  });
  return { ...own, changes, verdict: verdictOf([{ workload: own.workload, changes }]).word };
}

/** `2` after `1`, `blue/2` after `blue`. */
function otherSeed(seed: string, steps: number): string {
  return /^\d{1,9}$/.test(seed) ? String(Number(seed) + steps) : `${seed}/${steps + 1}`;
}

function lookupsOf({ workloads }: Comparison): number {
  return workloads.reduce((sum, { a, b }) => sum + a.lookups + b.lookups, 0);
}

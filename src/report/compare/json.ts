import { millisecond, toSeconds } from '../../engine/time.ts';
import type { Comparison } from '../../study/compare/compare.ts';
import type { Measures } from '../../study/compare/measures.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { verdictSentence } from './words.ts';

/** How the two are called. */
export interface Named {
  readonly labels: { readonly a: string; readonly b: string };
  /** What the cluster is in which Corefiles were run that came without one; a sentence each. */
  readonly surroundings: readonly string[];
}

/** `compare.json`: what differs. Times in seconds but where a name says otherwise. */
export function compareJson(comparison: Comparison, { labels, surroundings }: Named) {
  const { a, b, seeds, inputs, misfits, until, workloads, parting, felt, verdict, otherwise } = comparison;
  return {
    dnspath: a.version,
    seed: a.world.seed,
    seeds,
    a: { name: labels.a, scenario: a.scenario.file },
    b: { name: labels.b, scenario: b.scenario.file },
    surroundings,
    verdict: { ...verdict, sentence: verdictSentence(comparison) },
    otherwise: otherwise === undefined ? null : { seed: otherwise.seed, verdict: otherwise.verdict },
    compared: toSeconds(until),
    inputs,
    misfits,
    workloads: workloads.map(({ workload, changes, ...own }) => ({
      workload,
      verdict: own.verdict,
      a: measuresJson(own.a),
      b: measuresJson(own.b),
      better: changes.filter(({ judgement }) => judgement === 'better').map(({ measure }) => measure),
      worse: changes.filter(({ judgement }) => judgement === 'worse').map(({ measure }) => measure),
      chance: changes.filter(({ isChance }) => isChance).map(({ measure }) => measure),
    })),
    part:
      parting === undefined
        ? null
        : {
            t: toSeconds(parting.t),
            lookup: parting.lookup === undefined ? null : { ...parting.lookup, start: toSeconds(parting.lookup.start) },
            a: parting.a?.words ?? null,
            b: parting.b?.words ?? null,
          },
    felt:
      felt === undefined
        ? null
        : {
            workload: felt.workload,
            t: toSeconds(felt.start),
            a: outcomeJson(felt.a, a.analysis.why(felt.a).sentence),
            b: outcomeJson(felt.b, b.analysis.why(felt.b).sentence),
          },
  };
}

function measuresJson({
  lookups,
  failures,
  longestOutage,
  stale,
  p50,
  p99,
  max,
  waits,
  upstreamQueries,
  corednsQueries,
  cacheHits,
}: Measures) {
  return {
    lookups,
    failures,
    longestOutage: toSeconds(longestOutage),
    stale: toSeconds(stale),
    latencyMs: { p50: p50 / millisecond, p99: p99 / millisecond, max: max / millisecond },
    waits,
    upstreamQueries,
    corednsQueries,
    cacheHits,
  };
}

function outcomeJson({ name, result, verdict, addresses, start, end }: JudgedLookup, why: string) {
  return { name, result, verdict, addresses, took: toSeconds(end - start), why };
}

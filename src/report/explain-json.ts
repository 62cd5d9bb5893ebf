import { toSeconds } from '../engine/time.ts';
import type { Story } from '../study/explain.ts';
import type { FinishedRun } from '../study/run.ts';
import type { AccountStep, Evidence } from '../trace/account/account.ts';
import { adviceOn } from './advice.ts';

/** What `explain --json` prints. Times in seconds of the run. */
export function explainJson(run: FinishedRun, stories: readonly Story[]) {
  return {
    dnspath: run.version,
    scenario: run.scenario.name,
    file: run.scenario.file,
    seed: run.world.seed,
    duration: toSeconds(run.analysis.until),
    stories: stories.map(({ kind, cause, lookups, told, account, why }) => ({
      kind,
      cause,
      count: lookups.length,
      lookups: lookups.map(({ id }) => id),
      /** Of the one that is told. */
      account: {
        lookup: told.id,
        name: account.lookup.name,
        start: toSeconds(account.lookup.start),
        end: toSeconds(account.lookup.end),
        verdict: account.lookup.verdict,
        result: account.lookup.result,
        addresses: account.lookup.addresses,
        outcome: account.outcome,
        conclusion: account.conclusion,
        advice: account.lookup.verdict === 'right' ? [] : adviceOn([why]),
        steps: account.steps.map(stepOf),
      },
    })),
  };
}

function stepOf({ t, trace, at, layer, depth, earlier, aside, tone, text, evidence }: AccountStep) {
  return { t: toSeconds(t), trace, at, layer, depth, earlier, aside, tone, text, evidence: evidence.map(evidenceOf) };
}

function evidenceOf(evidence: Evidence) {
  switch (evidence.kind) {
    case 'conntrack':
    case 'ipvs':
      return { ...evidence, age: toSeconds(evidence.age) };
    case 'cache-entry':
      return { ...evidence, age: toSeconds(evidence.age), remaining: toSeconds(evidence.remaining) };
    default:
      return evidence;
  }
}

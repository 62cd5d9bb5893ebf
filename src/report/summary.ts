import { type Micros, millisecond, toSeconds } from '../engine/time.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';
import { causesOf, type WorkloadAnalysis } from '../trace/analysis.ts';
import { storyOf } from '../trace/flows.ts';
import { nameOf } from '../trace/stale.ts';
import { firstOfLongestOutage } from '../trace/summary.ts';

const seconds = (micros: Micros | undefined): number | null => (micros === undefined ? null : toSeconds(micros));

/** `summary.json`: what was run, what came out, and what that rests on. Times in seconds but where a name says otherwise. */
export function summaryOf(run: FinishedRun) {
  const { scenario, world, analysis } = run;
  const clock = new WallClock(scenario.definition.start);
  return {
    dnspath: run.version,
    scenario: scenario.name,
    /** Where it was read from, as it was typed. */
    file: scenario.file,
    title: scenario.definition.title,
    seed: world.seed,
    duration: toSeconds(analysis.until),
    /** 0 s on the incident's own clock. */
    ...(clock.isSet ? { start: clock.words(0) } : {}),
    met: run.expectations.every(({ met, knownLimit }) => met || knownLimit !== undefined),
    expectations: run.expectations.map(({ shownBy: _, ...result }) => ({
      ...result,
      knownLimit: result.knownLimit ?? null,
    })),
    workloads: analysis.workloads.map((workload) => workloadOf(workload, run)),
    assumptions: run.assumptions,
    notModelled: run.notModelled,
    remarks: scenario.remarks,
    resolved: { world },
  };
}

function workloadOf({ summary, lookups, healed, waiting, flows }: WorkloadAnalysis, run: FinishedRun) {
  const { workload, failures, stale, latency } = summary;
  const lastStale = lookups.findLast((lookup) => lookup.verdict === 'stale');
  const failed = firstOfLongestOutage(summary);
  const why = lastStale === undefined ? undefined : run.analysis.why(lastStale);
  const whyFailed = failed === undefined ? undefined : run.analysis.why(failed);
  return {
    workload,
    lookups: summary.lookups,
    failures: {
      count: failures.count,
      first: seconds(failures.first),
      last: seconds(failures.last),
      longestOutage: toSeconds(failures.longestOutage),
      causes: causesOf(lookups, run.analysis),
      /** Of the lookup with which the longest outage began. */
      why: whyFailed?.sentence ?? null,
    },
    stale: {
      count: stale.count,
      seconds: toSeconds(stale.time),
      last: seconds(stale.last),
      afterChange: seconds(stale.afterChange),
      addresses: stale.addresses,
      heldBy: why?.holders.map(nameOf) ?? [],
      cause: why?.cause ?? null,
      why: why?.sentence ?? null,
    },
    healed,
    /** Lookups that had not returned when the run ended: since when, and what had happened to the first. */
    ...(waiting.since.length > 0 && {
      underWay: { since: waiting.since.map(toSeconds), trouble: waiting.trouble },
    }),
    /** Conntrack entries of its fixed port that were born without DNAT. */
    astray: flows.filter((flow) => flow.astray).map((flow) => storyOf(flow, run.store)),
    latencyMs: {
      p50: latency.p50 / millisecond,
      p99: latency.p99 / millisecond,
      max: latency.max / millisecond,
      note: 'as one seed drew it',
    },
  };
}

import { buildWorld } from './cluster/build.ts';
import { ColumnStore } from './engine/columns.ts';
import { Recorder } from './engine/recorder.ts';
import { Simulation } from './engine/simulation.ts';
import { entryFields } from './kernel/conntrack/entry.ts';
import type { FinishedRun } from './report/run.ts';
import { assumptionsOf } from './scenario/assumptions.ts';
import { evaluate } from './scenario/expect/evaluate.ts';
import type { Scenario } from './scenario/scenario.ts';
import { toWorld } from './scenario/translate/world.ts';
import { analyse } from './trace/analysis.ts';
import { version } from './version.ts';

export { type Problem, ProblemsFound } from './problem/problem.ts';
export type { FinishedRun } from './report/run.ts';
export type { Files } from './scenario/files.ts';
export { loadScenario } from './scenario/load.ts';
export type { Scenario } from './scenario/scenario.ts';
export { type TraceRecord, traceOf } from './trace/records.ts';
export { version } from './version.ts';

/**
 * Runs a scenario to its end and judges it. `seed` takes the place of the scenario's own.
 *
 * @example
 * const finished = run(loadScenario('scenarios/a-record-failover', files));
 * finished.expectations.every(({ met }) => met);
 */
export function run(scenario: Scenario, options: { readonly seed?: string | number } = {}): FinishedRun {
  const world = toWorld(scenario, String(options.seed ?? scenario.definition.seed));
  const store = new ColumnStore();
  const simulation = new Simulation(world.seed, new Recorder(store));
  const { hosts } = buildWorld(world, simulation);
  simulation.run(world.until);
  const analysis = analyse(store, world);
  const expectations = scenario.definition.expect.flatMap((expectation) => {
    const own = analysis.workloads.find(({ summary }) => summary.workload === expectation.workload);
    return evaluate(expectation, {
      lookups: own?.lookups ?? [],
      flows: own?.flows ?? [],
      until: analysis.until,
      why: analysis.why,
      upstreamQueries: analysis.upstreamQueries,
    });
  });
  return {
    version,
    scenario,
    world,
    store,
    analysis,
    conntrack: world.kubeProxyOn.map((node) => ({
      node,
      entries:
        hosts
          .get(node)
          ?.conntrack.alive()
          .map((entry) => entryFields(entry, simulation.now)) ?? [],
    })),
    expectations,
    assumptions: assumptionsOf(scenario),
    notModelled: notModelledIn(scenario),
  };
}

/** What was left out, and where it stands: `plugin \`pprof\` is left out (Corefile:3)`. */
function notModelledIn({ remarks }: Scenario): string[] {
  return remarks
    .filter(({ code }) => code === 'not-modelled')
    .map(({ message, file, line }) => `${message} (${file}:${line})`);
}

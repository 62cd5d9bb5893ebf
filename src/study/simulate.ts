import { buildWorld, type RunningWorld } from '../cluster/build.ts';
import type { World } from '../cluster/world.ts';
import { Recorder, type Sink } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { toWorld } from '../scenario/translate/world.ts';

/** A world as it stands at the end of a scenario. */
export interface Simulated extends Pick<RunningWorld, 'hosts' | 'coredns'> {
  /** With the pods that came and went. */
  readonly world: World;
  readonly now: Micros;
}

/** Lets a scenario happen to its end; `sink` has what happened. */
export function simulate(scenario: Scenario, seed: string | number, sink: Sink): Simulated {
  const described = toWorld(scenario, String(seed));
  const simulation = new Simulation(described.seed, new Recorder(sink));
  const { hosts, coredns, lived } = buildWorld(described, simulation);
  simulation.run(described.until);
  return { world: lived.world, hosts, coredns, now: simulation.now };
}

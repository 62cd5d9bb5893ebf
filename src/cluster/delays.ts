import { type Distribution, draw } from '../engine/distribution.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, millisecond, second } from '../engine/time.ts';

const between = (min: Micros, max: Micros) => ({ kind: 'uniform', min, max }) as const;

/** How long the parts of the control plane take, each drawn from a stream of its own. */
export const delays = {
  /** A controller hears of a change and has written what it makes of it: two watches of milliseconds, no batch period. */
  controller: between(5 * millisecond, 50 * millisecond),
  /** The scheduler binds a pod that is new. */
  scheduling: between(5 * millisecond, 100 * millisecond),
  /** The kubelet begins to end a pod that was deleted: SIGTERM 0.1 to 1 s after the deletion. */
  termination: between(100 * millisecond, second),
  /** A pod's network and its container's file system: 99 % of pods run within 5 s where the image is there (Kubernetes' own objective). */
  sandbox: between(500 * millisecond, 1500 * millisecond),
  containerStart: between(200 * millisecond, second),
  /** The kubelet looks at its containers every second (PLEG). */
  relist: between(0, second),
  /** A pod's status reaches the API server: sent at once when it changes. */
  status: between(5 * millisecond, 50 * millisecond),
  /** A pod's network is taken away once its containers have ended. */
  sandboxEnd: between(20 * millisecond, 200 * millisecond),
  /** From the end of the containers until the pod's object is gone. */
  removal: between(second, 2 * second),
} as const satisfies Record<string, Distribution>;

/** How long a step takes this time. `who`: the component that takes it. */
export function delayOf(simulation: Simulation, step: keyof typeof delays, who: string): Micros {
  return draw(delays[step], simulation.stream(`life/${step}/${who}`));
}

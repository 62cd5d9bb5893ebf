import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';

/** The kubelet resyncs a pod every 60 s times 1 to 1.5 (pod_workers.go, syncFrequency 1m). */
const resync = 60 * second;

/** Name of the stream that a pod's phase is drawn from. */
export function configMapPhase(pod: string): string {
  return `kubelet/${pod}`;
}

/** From the edit of a ConfigMap until the kubelet writes it into a pod's files: somewhere in that pod's own period. */
export function configMapDelay(phase: RandomStream): Micros {
  return phase.span(0, phase.span(resync, 1.5 * resync));
}

import { type BarePodDescription, usualGracePeriod } from '../../cluster/pods/description.ts';
import type { WorkloadDescription } from '../../workload/description.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import type { PlacedPod } from './pods.ts';

/** The pods of no Deployment, with what their programs do. */
export function barePods(
  definition: ScenarioFile,
  placed: readonly PlacedPod[],
  described: readonly WorkloadDescription[],
): BarePodDescription[] {
  const byPod = new Map<string, { readonly workload: WorkloadDescription; readonly onStart: boolean }[]>();
  for (const workload of described) {
    const pod = definition.workloads[workload.name]?.pod ?? '';
    const own = byPod.get(pod);
    if (own === undefined) byPod.set(pod, [{ workload, onStart: false }]);
    else own.push({ workload, onStart: false });
  }
  return placed.map(({ host: _, ...pod }) => {
    const workloads = { [pod.node]: byPod.get(pod.name) ?? [] };
    return {
      ...pod,
      namespace: definition.pods[pod.name]?.namespace ?? 'default',
      template: {
        runs: { kind: 'client', clock: 'run', workloads },
        hostNetwork: definition.pods[pod.name]?.hostNetwork === true,
        readyAfter: 0,
        preStop: 0,
        gracePeriod: usualGracePeriod,
      },
    };
  });
}

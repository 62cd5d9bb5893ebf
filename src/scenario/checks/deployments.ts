import type { Path } from '../document.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { type CheckContext, objectTo } from './check.ts';

/** What a Deployment of clients says must go together, and what others say of it. */
export function checkDeployments(context: CheckContext): void {
  const { file, document } = context;
  for (const [name, { deployment, hostNetwork }] of Object.entries(file.pods)) {
    if (deployment === undefined) continue;
    const path: Path = ['pods', name];
    for (const key of ['node', 'address'])
      if (document.get([...path, key]) !== undefined)
        objectTo(
          context,
          [...path, key],
          'conflict',
          `the pods of a Deployment have no ${key} in common`,
          'leave it out',
        );
    checkRollout(context, [...path, 'deployment'], deployment);
    for (const [workload, { pod, port }] of Object.entries(file.workloads))
      if (pod === name && port !== undefined && hostNetwork) {
        const hint = 'leave the port out, or hostNetwork';
        objectTo(context, ['workloads', workload, 'port'], 'conflict', 'two pods of one node would share a port', hint);
      }
  }
  for (const [name, { pod, ...workload }] of Object.entries(file.workloads))
    for (const key of ['onStart', 'exitsOnFailure'] as const) {
      if (workload[key] !== true || file.pods[pod]?.deployment !== undefined || !context.names.pods.includes(pod))
        continue;
      const message = `${pod} is there from the beginning to the end: only pods of a Deployment start in the run`;
      objectTo(context, ['workloads', name, key], 'conflict', message, 'leave it out, or give the pod a deployment');
    }
}

type Rollout = Pick<
  ScenarioFile['cluster']['coredns'],
  'maxSurge' | 'maxUnavailable' | 'preStop' | 'terminationGracePeriod'
>;

/** A rollout needs something that it may do, and a pod time to end. */
export function checkRollout(context: CheckContext, path: Path, rollout: Rollout): void {
  const { maxSurge, maxUnavailable, preStop = 0, terminationGracePeriod } = rollout;
  if (isNone(maxSurge) && isNone(maxUnavailable)) {
    const hint = 'let one of the two be 1 or more, as the API server asks for';
    objectTo(context, [...path, 'maxUnavailable'], 'out-of-range', 'maxSurge and maxUnavailable are both 0', hint);
  }
  if (terminationGracePeriod !== undefined && preStop >= terminationGracePeriod && preStop > 0) {
    const hint = 'make terminationGracePeriod longer: it would be killed before it could end';
    objectTo(context, [...path, 'preStop'], 'out-of-range', 'preStop takes up the whole grace period', hint);
  }
}

function isNone(count: number | string): boolean {
  return count === 0 || count === '0%';
}

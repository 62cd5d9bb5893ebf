import { type Process, sleep } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { isActive, type Pods } from '../pods/pods.ts';
import { workloadLife } from '../records.ts';
import type { Deployment } from './deployment.ts';
import type { Nodes } from './nodes.ts';

/** kubectl asks again so long after an eviction that a disruption budget has refused. */
const askAgain = 5 * second;

/** `kubectl drain`: no more pods for the node, and each of its pods evicted, as their disruption budget allows. */
export function drain(
  simulation: Simulation,
  nodes: Nodes,
  pods: Pods,
  deployments: ReadonlyMap<string, Deployment>,
  node: string,
): void {
  nodes.change(node, { cordoned: true }, 'cordoned', 'drained');
  const own = pods.all.filter((pod) => pod.node === node && isActive(pod));
  for (const { name, deployment } of own) {
    const owner = deployments.get(deployment);
    if (owner !== undefined) simulation.spawn(evict(simulation, owner, name, node));
  }
}

function* evict(simulation: Simulation, deployment: Deployment, pod: string, node: string): Process {
  while (deployment.disruptionsAllowed < 1) {
    const text = `${pod} of ${node}: its PodDisruptionBudget allows no disruption`;
    simulation.recorder.write(workloadLife, pod, noTrace, 'eviction-refused', { text });
    yield* sleep(askAgain);
  }
  deployment.delete(pod, `evicted: ${node} is drained`);
}

import { type Process, sleep } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import type { NodeCache } from '../node-local-dns/node-cache.ts';
import { workloadLife } from '../records.ts';
import type { ControlPlane } from './control-plane.ts';
import { podsOf } from './rollout.ts';

/** maxUnavailable of the addon's DaemonSet; at least one. */
const maxUnavailable = '10%';
/** From SIGTERM to the start of the next pod: one pod goes before the next comes. */
export const daemonSetReplacement = 5 * second;

interface Rollout {
  readonly simulation: Simulation;
  readonly manager: ControlPlane;
  /** By node, in the order in which they are replaced. */
  readonly caches: ReadonlyMap<string, NodeCache>;
  readonly told: (label: string) => void;
}

/** A rollout of NodeLocal DNSCache: node by node, or several at once, each cache ends before the next starts. */
export function* rollOutNodeCaches({ simulation, manager, caches, told }: Rollout): Process {
  const left = [...caches];
  const at = Math.max(1, podsOf(maxUnavailable, left.length, Math.ceil));
  const record = (cause: string, text: string) =>
    simulation.recorder.write(workloadLife, 'node-local-dns', noTrace, cause, { text });
  record('rollout', `${left.length} nodes, ${at} at a time`);
  while (left.length > 0) {
    yield* manager.acting();
    const group = left.splice(0, at);
    for (const [node, cache] of group) {
      told(`NodeLocal DNSCache on ${node} ends`);
      cache.signal('SIGTERM');
    }
    yield* sleep(daemonSetReplacement);
    for (const [node, cache] of group) {
      told(`NodeLocal DNSCache on ${node} starts again`);
      cache.restart();
    }
  }
  record('rolled-out', '');
}

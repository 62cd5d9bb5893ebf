import { coreDnsDeployment } from '../../cluster/pods/description.ts';
import type { LifeEvent } from '../../cluster/world.ts';
import { second } from '../../engine/time.ts';
import type { EventEntry } from '../schema/scenario.ts';

/** A kubelet renews its node's lease every 10 s. */
export const longestHeartbeat = 10 * second;
/** A new container starts this long before it is ready, where it is laid down when it is. */
const readiness = 1 * second;

type Happening = LifeEvent extends infer E ? (E extends LifeEvent ? Omit<E, 'at' | 'label'> : never) : never;

/** What happens to pods and nodes. */
export function lifeEvents(event: EventEntry): Happening[] {
  return [...toPods(event), ...toNodes(event)];
}

function toPods({ restart, crash, deletePod, rolloutRestart, scale }: EventEntry): Happening[] {
  if (restart !== undefined) return [{ kind: 'restart-container', process: podIn(restart) }];
  if (crash !== undefined) {
    const { startsAgainAfter } = crash;
    return [{ kind: 'crash', process: podIn(crash), ...(startsAgainAfter !== undefined && { startsAgainAfter }) }];
  }
  if (deletePod !== undefined) return [deletion(deletePod)];
  if (rolloutRestart !== undefined) return [{ kind: 'rollout-restart', of: rolloutRestart }];
  return Object.entries(scale ?? {}).map(([deployment, replicas]) => ({ kind: 'scale', deployment, replicas }));
}

/** The pod that an event is about. */
function podIn({ coredns, pod }: { readonly coredns?: string | undefined; readonly pod?: string | undefined }): string {
  return coredns ?? pod ?? '';
}

function deletion(event: NonNullable<EventEntry['deletePod']>): Happening {
  const { leavesAfter, replacedAfter } = event;
  const replaced =
    replacedAfter === undefined
      ? 'usual'
      : replacedAfter === 'never'
        ? 'none'
        : { startsAfter: Math.max(0, replacedAfter - readiness), readyAfter: replacedAfter };
  return { kind: 'delete-pod', pod: podIn(event), replaced, ...(leavesAfter !== undefined && { leavesAfter }) };
}

function toNodes({ drain, uncordon, loseNode, nodeReturns }: EventEntry): Happening[] {
  if (drain !== undefined) return [{ kind: 'drain', node: drain.node }];
  if (uncordon !== undefined) return [{ kind: 'uncordon', node: uncordon.node }];
  if (nodeReturns !== undefined) return [{ kind: 'return-node', node: nodeReturns.node }];
  if (loseNode === undefined) return [];
  const { node, sinceHeartbeat } = loseNode;
  return [{ kind: 'lose-node', node, ...(sinceHeartbeat !== undefined && { sinceRenewal: sinceHeartbeat }) }];
}

/** Words for the charts; undefined: it is something else that happens. */
export function lifeLabel(event: EventEntry): string | undefined {
  const { restart, crash, deletePod, rolloutRestart, scale, drain, uncordon, loseNode, nodeReturns } = event;
  if (restart !== undefined) return `${podIn(restart)} restarts`;
  if (crash !== undefined) return `${podIn(crash)} crashes`;
  if (deletePod !== undefined) return `${podIn(deletePod)} deleted`;
  if (rolloutRestart !== undefined) return `rollout restart of ${rolloutRestart}`;
  if (scale !== undefined) return scaleLabel(scale);
  if (drain !== undefined) return `${drain.node} drained`;
  if (uncordon !== undefined) return `${uncordon.node} uncordoned`;
  if (loseNode !== undefined) return `${loseNode.node} lost`;
  return nodeReturns && `${nodeReturns.node} returns`;
}

function scaleLabel(scale: NonNullable<EventEntry['scale']>): string {
  const words = Object.entries(scale).map(
    ([name, replicas]) => `${name === coreDnsDeployment ? 'CoreDNS' : name} scaled to ${replicas}`,
  );
  return words.join(', ');
}

import type { PodCount } from '../pods/description.ts';
import { isActive, type Pod } from '../pods/pods.ts';

/** What a Deployment is to bring about. */
export interface Wanted {
  readonly replicas: number;
  readonly revision: number;
  readonly maxSurge: PodCount;
  readonly maxUnavailable: PodCount;
}

/** What a Deployment does next: so many new pods, and these deleted. */
export interface Step {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/**
 * One round of the Deployment's controller with its ReplicaSets (deployment/rolling.go): pods that are being deleted do not
 * count; new ones come as far as maxSurge allows, old ones go as far as maxUnavailable does, those that are not ready first.
 */
export function nextStep(wanted: Wanted, pods: readonly Pod[]): Step {
  const { replicas, revision } = wanted;
  const active = pods.filter(isActive);
  const current = active.filter((pod) => pod.revision === revision);
  const old = active.filter((pod) => pod.revision !== revision);
  if (current.length > replicas) return { create: 0, remove: victims(current, current.length - replicas) };
  const surge = old.length === 0 ? 0 : podsOf(wanted.maxSurge, replicas, Math.ceil);
  const create = Math.max(0, Math.min(replicas - current.length, replicas + surge - active.length));
  if (old.length === 0) return { create, remove: [] };
  return { create, remove: oldOnes(wanted, active.length + create, current, old, create) };
}

function oldOnes(
  { replicas, maxUnavailable, maxSurge }: Wanted,
  total: number,
  current: readonly Pod[],
  old: readonly Pod[],
  created: number,
): Pod[] {
  const atMost = podsOf(maxUnavailable, replicas, Math.floor);
  const unavailable = atMost === 0 && podsOf(maxSurge, replicas, Math.ceil) === 0 ? 1 : atMost;
  const leastReady = replicas - unavailable;
  const newNotReady = current.filter(({ ready }) => !ready).length + created;
  const most = total - leastReady - newNotReady;
  if (most <= 0) return [];
  const broken = old.filter(({ ready }) => !ready).slice(0, most);
  const ready = [...current, ...old].filter((pod) => pod.ready).length;
  const healthy = old.filter((pod) => pod.ready).slice(0, Math.max(0, ready - leastReady));
  return [...broken, ...healthy].slice(0, most);
}

/** Which pods of one ReplicaSet go: not ready before ready, crowded before alone, young before old. */
function victims(pods: readonly Pod[], count: number): Pod[] {
  const crowd = (pod: Pod) => pods.filter(({ node }) => node === pod.node).length;
  return [...pods]
    .reverse()
    .sort((a, b) => Number(a.ready) - Number(b.ready) || crowd(b) - crowd(a))
    .slice(0, count);
}

/** A number of pods of so many replicas. */
export function podsOf(count: PodCount, replicas: number, round: (share: number) => number): number {
  return typeof count === 'number' ? count : round((replicas * Number(count.slice(0, -1))) / 100);
}

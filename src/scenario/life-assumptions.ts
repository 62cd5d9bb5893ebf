import { controlPlaneRelease } from '../cluster/controllers/releases.ts';
import { delays } from '../cluster/delays.ts';
import { watchRules } from '../cluster/retries.ts';
import { formatDuration } from './duration.ts';
import type { Assumption, Scenario } from './scenario.ts';
import type { EventEntry } from './schema/scenario.ts';

type Definition = Scenario['definition'];

/** Does it make pods come or go, or change which are ready? */
export function movesPods(event: EventEntry): boolean {
  const { deletePod, restart, crash, rolloutRestart, scale, drain, loseNode, nodeReturns } = event;
  const kinds = [deletePod, restart, crash, rolloutRestart, scale, drain, loseNode, nodeReturns];
  return kinds.some((kind) => kind !== undefined);
}

/** The defaults that rest behind pods that come and go. */
export function lifeAssumptions({ events, cluster }: Pick<Definition, 'events' | 'cluster'>): Assumption[] {
  const assumptions: Assumption[] = [];
  const assume = (what: string, value: string, source: string) => assumptions.push({ what, value, source });
  if (events.some(({ setApiServer }) => setApiServer?.reachable === false)) {
    const { watch } = watchRules(cluster.kubernetes);
    const pauses = watch === 'exponential' ? '0.8s, doubled up to 30s, and up to as much again' : '1s';
    assume('a watch of the API that was lost is tried again after', pauses, 'client-go, reflector.go');
    assume(
      'controllers lead again',
      '15s to 24s after the API server is back',
      'where it was away for 10 s: leader election of kube-controller-manager and kube-scheduler',
    );
  }
  if (!events.some(movesPods)) return assumptions;
  assume('a controller acts on a change in the API', spanOf('controller'), 'two watches, no batch period');
  const ends = events.some((event) => event.deletePod ?? event.rolloutRestart ?? event.scale ?? event.drain);
  if (ends && events.some(({ deletePod }) => deletePod?.leavesAfter === undefined))
    assume('SIGTERM after the deletion of a pod', spanOf('termination'), 'the kubelet hears of it by its watch');
  const [sandbox, start] = [delays.sandbox, delays.containerStart];
  const span = `${formatDuration(sandbox.min + start.min)} to ${formatDuration(sandbox.max + start.max)}`;
  if (events.some(({ deletePod }) => typeof deletePod?.replacedAfter !== 'number'))
    assume('a pod starts, its image on the node', span, "Kubernetes' objective: 99 % of pods within 5 s");
  const { readinessProbe } = cluster.coredns;
  if (readinessProbe === undefined)
    assume(
      'readiness probe',
      "kubeadm's, where the Corefile has ready",
      'every 10s, time-out 1s, three failures; where it has not, a pod is ready as soon as it runs',
    );
  if (events.some(({ loseNode }) => loseNode)) {
    const { nodeMonitorGrace } = controlPlaneRelease(cluster.kubernetes);
    assume(
      'a node is NotReady',
      `${formatDuration(nodeMonitorGrace)} after its last lease was seen`,
      'looked at every 5 s',
    );
    assume('its pods are evicted', '5m5s after that', 'the taint comes with the next look, tolerationSeconds 300');
  }
  return assumptions;
}

function spanOf(step: keyof typeof delays): string {
  return `${formatDuration(delays[step].min)} to ${formatDuration(delays[step].max)}`;
}

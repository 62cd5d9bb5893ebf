import type { WorldEvent } from '../../cluster/world.ts';
import { randomStream } from '../../engine/random.ts';
import { second } from '../../engine/time.ts';
import { formatDuration } from '../duration.ts';
import { corednsNames, dnsServiceName } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { EventEntry } from '../schema/scenario.ts';
import type { PlacedPod } from './topology.ts';

/** The kubelet resyncs a pod every 60 s times 1 to 1.5 (pod_workers.go, syncFrequency 1m). */
const kubeletSync = 60 * second;
/** From a pod's deletion until kube-proxy has taken it out of the rules: typically 0.1 to 2 s in a small cluster. */
const endpointPropagation = 1 * second;

/** What an entry of `events` makes happen in the world, in order of time. */
export function worldEvents(scenario: Scenario, coredns: readonly PlacedPod[], seed: string): WorldEvent[] {
  const { definition } = scenario;
  const gone = new Set<string>();
  const happenings = definition.events.flatMap((event, index): WorldEvent[] => {
    const label = event.label ?? defaultLabel(event);
    const at = event.at;
    if (event.changeRecords !== undefined) {
      const { server, zone, replace } = event.changeRecords;
      return [{ at, label, kind: 'change-records', server, zone, replace: typeof replace === 'string' ? [replace] : replace }];
    }
    if (event.setServer !== undefined) return [{ at, label, kind: 'set-server', server: event.setServer.server, set: serverState(event.setServer) }];
    if (event.flushCache !== undefined) return [{ at, label, kind: 'restart', process: event.flushCache.server }];
    if (event.editCorefile !== undefined) {
      const text = scenario.artefacts.editedCorefiles[index]?.text ?? '';
      const { arrivesAfter } = event.editCorefile;
      return corednsNames(definition.cluster).map((process) => ({
        at: at + (arrivesAfter ?? kubeletDelay(seed, process)),
        label,
        kind: 'write-corefile',
        process,
        text,
      }));
    }
    if (event.restart !== undefined) return [{ at, label, kind: 'restart', process: event.restart.coredns }];
    if (event.deletePod !== undefined) {
      gone.add(event.deletePod.coredns);
      return deletion(at, label, event.deletePod.coredns, coredns, gone, scenario);
    }
    if (event.flushConntrack !== undefined) return [{ at, label, kind: 'command', host: event.flushConntrack.node, command: 'conntrack -F' }];
    if (event.run !== undefined) return [{ at, label, kind: 'command', host: event.run.on, command: event.run.command }];
    return [];
  });
  return happenings.sort((a, b) => a.at - b.at);
}

function defaultLabel(event: EventEntry): string {
  if (event.changeRecords !== undefined) return `records of ${event.changeRecords.zone} change`;
  if (event.setServer !== undefined) return `${event.setServer.server} answers ${event.setServer.answers}`;
  if (event.flushCache !== undefined) return `${event.flushCache.server} flushed`;
  if (event.editCorefile !== undefined) return 'Corefile edited';
  if (event.restart !== undefined) return `${event.restart.coredns} restarts`;
  if (event.deletePod !== undefined) return `${event.deletePod.coredns} deleted`;
  if (event.flushConntrack !== undefined) return `conntrack flushed on ${event.flushConntrack.node}`;
  return event.run?.command ?? `at ${formatDuration(event.at)}`;
}

function serverState({ answers, delay }: NonNullable<EventEntry['setServer']>) {
  const modes = { normally: 'answer', never: 'drop', refused: 'refused', servfail: 'servfail' } as const;
  return { mode: modes[answers], delay: (delay ?? 0) / second };
}

/** From the edit until the kubelet writes the file into a pod: somewhere in that pod's own sync period. */
function kubeletDelay(seed: string, pod: string): number {
  const phase = randomStream(seed, `kubelet/${pod}`);
  const period = phase.span(kubeletSync, 1.5 * kubeletSync);
  return phase.span(0, period);
}

function deletion(at: number, label: string, pod: string, coredns: readonly PlacedPod[], gone: ReadonlySet<string>, scenario: Scenario): WorldEvent[] {
  const { cluster } = scenario.definition;
  const address = coredns.find(({ name }) => name === pod)?.address ?? '';
  const endpoints = coredns.filter(({ name }) => !gone.has(name)).map((left) => left.address);
  const ruled = at + endpointPropagation;
  const cleanUp = `conntrack -D -p udp --orig-dst ${cluster.coredns.serviceIP} --reply-src ${address}`;
  return [
    { at, label, kind: 'signal', process: pod, signal: 'TERM' },
    { at: ruled, label: `kube-proxy drops ${pod}`, kind: 'set-endpoints', service: dnsServiceName, endpoints, whenEmpty: 'reject' },
    ...Object.keys(cluster.nodes).map((host): WorldEvent => ({ at: ruled, label: `kube-proxy cleans up after ${pod}`, kind: 'command', host, command: cleanUp })),
  ];
}

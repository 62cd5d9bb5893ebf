import type { Absence } from '../../cluster/api-server.ts';
import { daemonSetReplacement } from '../../cluster/controllers/daemon-set.ts';
import { configMapDelay, configMapPhase } from '../../cluster/kubelet/config-map.ts';
import { nodeCacheOn } from '../../cluster/node-local-dns/name.ts';
import { nodeCacheRelease } from '../../cluster/node-local-dns/releases.ts';
import type { KubeProxyTurn, WorldEvent } from '../../cluster/world.ts';
import { randomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import { formatDuration } from '../duration.ts';
import { nodesWithCache } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { EventEntry } from '../schema/scenario.ts';
import { lifeEvents, lifeLabel } from './life-events.ts';
import { changedLink } from './links.ts';
import { appliedCorefile, nodeCacheReleaseName } from './node-local-dns.ts';
import { endpointsOf, serviceOf } from './services.ts';

/** The kubelet starts node-cache again after a crash: its first restart has no pause. */
export const containerRestart = 1 * second;
/** One thing that happens; `after`: how long after the event's own time. */
type Happening = WorldEvent extends infer E
  ? E extends WorldEvent
    ? Omit<E, 'at' | 'label'> & { readonly after?: Micros; readonly label?: string }
    : never
  : never;

/** What the entries of `events` make happen in the world, in order of time. */
export function worldEvents(scenario: Scenario, seed: string): WorldEvent[] {
  const happenings = scenario.definition.events.flatMap((event, index): WorldEvent[] => {
    const label = event.label ?? defaultLabel(event);
    return [
      ...atServers(event),
      ...onHosts(event),
      ...onLinks(event, scenario),
      ...ofServices(event),
      ...ofKubeProxies(event),
      ...corefileEdits(event, index, scenario),
      ...lifeEvents(event).map((happening) => ({ ...happening, after: 0 })),
      ...atNodeCaches(event, index, scenario, seed),
    ].map(({ after = 0, ...happening }): WorldEvent => ({ label, ...happening, at: event.at + after }));
  });
  return happenings.sort((a, b) => a.at - b.at);
}

function atServers({ changeRecords, setServer, flushCache }: EventEntry): Happening[] {
  if (changeRecords !== undefined) {
    const { server, zone, replace } = changeRecords;
    return [{ kind: 'change-records', server, zone, replace: [replace].flat() }];
  }
  if (setServer !== undefined) return [{ kind: 'set-server', server: setServer.server, set: serverState(setServer) }];
  return flushCache === undefined ? [] : [{ kind: 'restart', process: flushCache.server }];
}

function serverState({ answers, delay }: NonNullable<EventEntry['setServer']>) {
  const modes = { normally: 'answer', never: 'drop', refused: 'refused', servfail: 'servfail' } as const;
  return { mode: modes[answers], delay: (delay ?? 0) / second };
}

/** `corp-dns answers never`, `corp-dns answers after 3s`. */
function serverLabel({ server, answers, delay = 0 }: NonNullable<EventEntry['setServer']>): string {
  return `${server} answers ${delay === 0 || answers !== 'normally' ? answers : `after ${formatDuration(delay)}`}`;
}

function onHosts({ flushConntrack, run }: EventEntry): Happening[] {
  if (flushConntrack !== undefined) return [{ kind: 'command', host: flushConntrack.node, command: 'conntrack -F' }];
  return run === undefined ? [] : [{ kind: 'command', host: run.on, command: run.command }];
}

/** `node-1..vpc-dns is cut`, `node-1..vpc-dns loses 20 %`. */
function linkLabel({ link, for: _, ...change }: NonNullable<EventEntry['setLink']>): string {
  if (Object.keys(change).length === 0) return `${link} is as before`;
  const { loss = 0 } = change;
  if (loss === 1) return `${link} is cut`;
  return loss > 0 ? `${link} loses ${Number((loss * 100).toFixed(2))} %` : `${link} changes`;
}

/** The link as it becomes, and as it is again after the time given. */
function onLinks({ setLink }: EventEntry, { definition: file, artefacts: { latencies } }: Scenario): Happening[] {
  if (setLink === undefined) return [];
  const { link, for: time, ...change } = setLink;
  const during = changedLink({ file, latencies }, link, change);
  const after = changedLink({ file, latencies }, link, {});
  if (during === undefined || after === undefined) return [];
  return [
    { kind: 'set-link', ...during },
    ...(time === undefined
      ? []
      : [{ kind: 'set-link', ...after, after: time, label: `${link} is as before` } as const]),
  ];
}

function ofKubeProxies({ stopKubeProxy, failKubeProxyRestores }: EventEntry): Happening[] {
  const turns = (
    host: string,
    first: KubeProxyTurn,
    then: KubeProxyTurn,
    label: string,
    after?: Micros,
  ): Happening[] => [
    { kind: 'kube-proxy', host, does: first },
    ...(after === undefined ? [] : [{ kind: 'kube-proxy', host, does: then, after, label } as const]),
  ];
  if (stopKubeProxy !== undefined) {
    const { node, hung, for: after } = stopKubeProxy;
    if (hung) return turns(node, 'hang', 'go on', `kube-proxy on ${node} goes on`, after);
    return turns(node, 'stop', 'start', `kube-proxy on ${node} starts again`, after);
  }
  if (failKubeProxyRestores === undefined) return [];
  const { node, for: after } = failKubeProxyRestores;
  return turns(node, 'fail restores', 'restore again', `kube-proxy on ${node} can restore again`, after);
}

function ofServices({ createService, deleteService, changeEndpoints, setApiServer }: EventEntry): Happening[] {
  if (setApiServer !== undefined) return [{ kind: 'set-api', absence: absenceOf(setApiServer) }];
  if (createService !== undefined) return [{ kind: 'set-service', service: serviceOf(createService) }];
  if (deleteService !== undefined) return [{ kind: 'delete-service', service: deleteService.service }];
  if (changeEndpoints === undefined) return [];
  const { service, endpoints } = changeEndpoints;
  return [{ kind: 'set-endpoints', service, endpoints: endpointsOf(endpoints), whenEmpty: 'reject' }];
}

function absenceOf({ reachable, from }: NonNullable<EventEntry['setApiServer']>): Absence | undefined {
  if (reachable) return undefined;
  return from === 'nodes' ? 'cut-off-nodes' : 'down';
}

function corefileEdits({ editCorefile }: EventEntry, index: number, { artefacts }: Scenario): Happening[] {
  if (editCorefile === undefined) return [];
  const { arrivesAfter } = editCorefile;
  const text = artefacts.editedCorefiles[index]?.text ?? '';
  return [{ kind: 'edit-corefile', text, ...(arrivesAfter !== undefined && { arrivesAfter }) }];
}

/** What happens to NodeLocal DNSCache. */
function atNodeCaches(
  event: EventEntry,
  index: number,
  { definition, artefacts }: Scenario,
  seed: string,
): Happening[] {
  const { crashNodeLocalDNS: crash, restartNodeLocalDNS: restart, editNodeLocalDNS: edit } = event;
  const startsAgain = (node: string, after: Micros): Happening => {
    const process = nodeCacheOn(node);
    const label = `NodeLocal DNSCache on ${node} starts again`;
    return { after, label, kind: 'restart-node-cache', process, options: {} };
  };
  if (crash !== undefined) {
    const again = startsAgain(crash.node, crash.startsAgainAfter ?? containerRestart);
    return [{ kind: 'signal', process: nodeCacheOn(crash.node), signal: 'KILL' }, again];
  }
  if (restart !== undefined) {
    const again = startsAgain(restart.node, restart.startsAgainAfter ?? daemonSetReplacement);
    return [{ kind: 'signal', process: nodeCacheOn(restart.node), signal: 'TERM' }, again];
  }
  const release = nodeCacheRelease(nodeCacheReleaseName(definition.cluster));
  if (edit === undefined || release === undefined) return [];
  const { text } = appliedCorefile(artefacts.editedNodeLocalCorefiles[index], definition.cluster, release);
  return nodesWithCache(definition.cluster).map((node) => ({
    after: edit.arrivesAfter ?? configMapDelay(randomStream(seed, configMapPhase(nodeCacheOn(node)))),
    kind: 'write-corefile',
    process: nodeCacheOn(node),
    text,
  }));
}

function defaultLabel(event: EventEntry): string {
  const { changeRecords, setServer, flushCache, flushConntrack, createService, changeEndpoints, setApiServer } = event;
  if (changeRecords !== undefined) return `records of ${changeRecords.zone} change`;
  if (setServer !== undefined) return serverLabel(setServer);
  if (flushCache !== undefined) return `${flushCache.server} flushed`;
  if (event.setLink !== undefined) return linkLabel(event.setLink);
  const ofLife = lifeLabel(event);
  if (ofLife !== undefined) return ofLife;
  const { crashNodeLocalDNS, restartNodeLocalDNS, editNodeLocalDNS } = event;
  if (crashNodeLocalDNS !== undefined) return `NodeLocal DNSCache on ${crashNodeLocalDNS.node} crashes`;
  if (restartNodeLocalDNS !== undefined) return `NodeLocal DNSCache on ${restartNodeLocalDNS.node} ends`;
  if (editNodeLocalDNS !== undefined) return "NodeLocal DNSCache's Corefile edited";
  if (flushConntrack !== undefined) return `conntrack flushed on ${flushConntrack.node}`;
  const { stopKubeProxy, failKubeProxyRestores } = event;
  if (stopKubeProxy !== undefined)
    return `kube-proxy on ${stopKubeProxy.node} ${stopKubeProxy.hung ? 'hangs' : 'ends'}`;
  if (failKubeProxyRestores !== undefined) return `kube-proxy on ${failKubeProxyRestores.node} cannot restore`;
  if (setApiServer !== undefined) {
    const { reachable, from } = setApiServer;
    return reachable ? 'API server back' : from === 'nodes' ? 'nodes cut off from the API server' : 'API server away';
  }
  if (createService !== undefined) return `Service ${createService.name} is created`;
  if (event.deleteService !== undefined) return `Service ${event.deleteService.service} is deleted`;
  if (changeEndpoints !== undefined) return `end points of ${changeEndpoints.service} change`;
  return event.run?.command ?? 'Corefile edited';
}

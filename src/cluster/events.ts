import type { CoreDnsProcess } from '../coredns/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { runCommand } from '../kernel/command.ts';
import type { Host } from '../kernel/host.ts';
import type { Segment } from '../network/segment.ts';
import { type Problem, ProblemsFound } from '../problem/problem.ts';
import type { RunningServer } from '../servers/start.ts';
import type { ApiServer } from './api-server.ts';
import type { RunningWorld } from './build.ts';
import type { KubeProxyProcess } from './kube-proxy/dual-stack.ts';
import type { ClusterLife } from './life.ts';
import { proxyTurn, worldEvent } from './records.ts';
import type { KubeProxyTurn, WorldEvent } from './world.ts';

type EventOf<Kind extends WorldEvent['kind']> = Extract<WorldEvent, { readonly kind: Kind }>;

/** What an operator does by means of the API server. */
const byOperator: ReadonlySet<WorldEvent['kind']> = new Set([
  'set-endpoints',
  'set-service',
  'delete-service',
  'delete-pod',
  'rollout-restart',
  'scale',
  'drain',
  'uncordon',
  'edit-corefile',
] as const);

/** Makes an event happen, now. A name that does not exist is a mistake of the caller's. */
export function makeHappen(event: WorldEvent, world: RunningWorld, simulation: Simulation): void {
  simulation.recorder.write(worldEvent, placeOf(event), noTrace, event.kind, { label: event.label });
  if (byOperator.has(event.kind) && !world.api.isReachable('control-plane')) {
    const label = `${event.label}: not done, kubectl cannot reach the API server`;
    world.lived.event({ at: simulation.now, label, kind: 'happened' });
    return;
  }
  happen(event, world, simulation);
}

function happen(event: WorldEvent, world: RunningWorld, simulation: Simulation): void {
  switch (event.kind) {
    case 'set-server':
    case 'replace-zone':
    case 'change-records':
      changeServer(event, named(world.servers, event.server));
      return;
    case 'write-file':
    case 'write-corefile':
      changeFile(event, named(world.coredns, event.process));
      return;
    case 'signal':
      signal(event, world);
      return;
    case 'restart':
      restart(event.process, world);
      return;
    case 'restart-node-cache':
      named(world.nodeCaches, event.process).restart(event.options);
      return;
    case 'set-endpoints':
    case 'set-service':
    case 'delete-service':
    case 'set-api':
      changeApi(event, world.api);
      return;
    case 'delete-pod':
    case 'crash':
    case 'restart-container':
    case 'rollout-restart':
    case 'scale':
    case 'drain':
    case 'uncordon':
    case 'lose-node':
    case 'return-node':
    case 'edit-corefile':
      lifeOf(world).happen(event);
      return;
    case 'happened':
      return;
    case 'kube-proxy':
      simulation.recorder.write(proxyTurn, event.host, noTrace, event.does, {});
      turn(event.does, named(world.kubeProxies, event.host));
      return;
    case 'set-link':
      setLink(event, named(world.segments, event.segment));
      return;
    case 'command':
      type(event.command, named(world.hosts, event.host), event.mayFail === true);
  }
}

function placeOf(event: WorldEvent): string {
  if ('server' in event) return event.server;
  if ('process' in event) return event.process;
  if ('host' in event) return event.host;
  if ('pod' in event) return event.pod;
  if ('node' in event) return event.node;
  if (event.kind === 'set-link') return `${event.ends.from}${event.ends.oneWay ? '->' : '..'}${event.ends.to}`;
  if (event.kind === 'set-api') return 'api-server';
  if (event.kind === 'set-service') return event.service.name;
  return 'service' in event ? event.service : '';
}

function lifeOf({ life }: RunningWorld): ClusterLife {
  if (life === undefined) throw new Error('nobody looks after pods in this world');
  return life;
}

function named<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) throw new Error(`an event is about ${name}, which is not there`);
  return thing;
}

function changeServer(event: EventOf<'set-server' | 'replace-zone' | 'change-records'>, server: RunningServer): void {
  if (event.kind === 'set-server') server.set(event.set);
  else if (server.role !== 'authoritative') throw new Error(`${event.server} holds no zones`);
  else if (event.kind === 'replace-zone') server.replaceZone(event.zone, { file: event.file, text: event.text });
  else server.changeRecords(event.zone, event.replace);
}

function changeFile(event: EventOf<'write-file' | 'write-corefile'>, process: CoreDnsProcess): void {
  if (event.kind === 'write-file') process.writeFile(event.file, event.text);
  else process.writeCorefile(event.text);
}

function changeApi(
  event: EventOf<'set-endpoints' | 'set-service' | 'delete-service' | 'set-api'>,
  api: ApiServer,
): void {
  switch (event.kind) {
    case 'set-endpoints': {
      const { service, endpoints, whenEmpty } = event;
      const before = api.get(service);
      if (before === undefined) throw new Error(`an event is about ${service}, which is not there`);
      api.set({ ...before, endpoints, whenEmpty });
      return;
    }
    case 'set-service':
      api.set({ ...event.service, whenEmpty: 'reject' });
      return;
    case 'delete-service':
      api.delete(event.service);
      return;
    case 'set-api':
      api.setAbsence(event.absence);
  }
}

function turn(does: KubeProxyTurn, proxy: KubeProxyProcess): void {
  switch (does) {
    case 'stop':
      proxy.stop();
      return;
    case 'start':
      proxy.start();
      return;
    case 'hang':
      proxy.freeze();
      return;
    case 'go on':
      proxy.thaw();
      return;
    case 'fail restores':
    case 'restore again':
      proxy.setRestoresFail(does === 'fail restores');
  }
}

function setLink({ ends, quality }: EventOf<'set-link'>, segment: Segment): void {
  segment.setQuality(ends.from, ends.to, quality);
  if (!ends.oneWay) segment.setQuality(ends.to, ends.from, quality);
}

/** A stopped process gets its signals when it goes on, but for SIGKILL. */
function signal({ process: name, signal: which }: EventOf<'signal'>, world: RunningWorld): void {
  const process = named(world.coredns, name);
  const stoppable = world.stoppable.get(name);
  if (which === 'STOP') stoppable?.stop();
  else if (which === 'CONT') stoppable?.resume();
  else if (which === 'KILL' || stoppable === undefined) process.signal(`SIG${which}`);
  else stoppable.whenRunning(() => process.signal(`SIG${which}`));
  if (which === 'KILL') stoppable?.resume();
}

function restart(name: string, world: RunningWorld): void {
  const server = world.servers.get(name);
  if (server === undefined) named(world.coredns, name).restart();
  else if (server.role === 'recursor') server.flush();
}

function type(command: string, host: Host, mayFail: boolean): void {
  const problems: Problem[] = [];
  runCommand(host, { file: host.host, text: command }, problems);
  if (problems.length > 0 && !mayFail) throw new ProblemsFound(problems);
}

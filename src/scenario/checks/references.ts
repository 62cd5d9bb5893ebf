import type { Path } from '../document.ts';
import { nodesWithKubeProxy } from '../names.ts';
import { type CheckContext, mustBeKnown, objectTo } from './check.ts';
import { corednsHosts } from './links.ts';

/** Every name that the scenario refers to must exist. */
export function checkReferences(context: CheckContext): void {
  checkPlaces(context);
  checkServers(context);
  checkEvents(context);
  const { file, names } = context;
  for (const [name, { pod }] of Object.entries(file.workloads))
    mustBeKnown(context, ['workloads', name, 'pod'], pod, names.pods, 'pod');
  for (const [i, { workload }] of file.expect.entries()) {
    mustBeKnown(context, ['expect', i, 'workload'], workload, names.workloads, 'workload');
  }
}

function checkPlaces(context: CheckContext): void {
  const { file, names } = context;
  for (const [name, { node, deployment }] of Object.entries(file.pods)) {
    if (deployment === undefined) mustBeKnown(context, ['pods', name, 'node'], node, names.nodes, 'node');
    for (const [i, one] of (deployment?.nodes ?? []).entries())
      mustBeKnown(context, ['pods', name, 'deployment', 'nodes', i], one, names.nodes, 'node');
  }
  const path = ['cluster', 'coredns', 'nodes'];
  const { nodes, replicas } = file.cluster.coredns;
  for (const [i, node] of (nodes ?? []).entries()) mustBeKnown(context, [...path, i], node, names.nodes, 'node');
  if (nodes !== undefined && nodes.length !== replicas) {
    objectTo(
      context,
      path,
      'wrong-count',
      `${nodes.length} nodes for ${replicas} replicas`,
      'name the node of each replica, or leave the key out',
    );
  }
}

function checkServers(context: CheckContext): void {
  const ofDns = context.names.servers.filter((name) => context.file.servers[name]?.role !== 'backend');
  for (const [name, server] of Object.entries(context.file.servers)) {
    if (server.role !== 'recursor') continue;
    for (const key of ['upstreams', 'stubs'] as const) {
      for (const [zone, upstreams] of Object.entries(server[key])) {
        const path = ['servers', name, key, zone];
        if (typeof upstreams === 'string') mustBeKnown(context, path, upstreams, ofDns, 'server');
        else
          for (const [i, upstream] of upstreams.entries())
            mustBeKnown(context, [...path, i], upstream, ofDns, 'server');
      }
    }
  }
}

function checkEvents(context: CheckContext): void {
  const { file, names } = context;
  for (const [i, event] of file.events.entries()) {
    const path = ['events', i];
    if (event.changeRecords !== undefined) checkRecordChange(context, [...path, 'changeRecords'], event.changeRecords);
    if (event.setServer !== undefined) checkTurn(context, [...path, 'setServer'], event.setServer);
    if (event.flushCache !== undefined) checkFlush(context, [...path, 'flushCache', 'server'], event.flushCache.server);
    const known = [...file.cluster.services, ...file.events.flatMap(({ createService }) => createService ?? [])];
    for (const key of ['changeEndpoints', 'deleteService'] as const) {
      const { [key]: change } = event;
      const services = known.map(({ name }) => name);
      if (change !== undefined) mustBeKnown(context, [...path, key, 'service'], change.service, services, 'Service');
    }
    for (const key of ['stopKubeProxy', 'failKubeProxyRestores'] as const) {
      const { [key]: turn } = event;
      if (turn === undefined) continue;
      mustBeKnown(context, [...path, key, 'node'], turn.node, names.nodes, 'node');
      if (names.nodes.includes(turn.node) && !nodesWithKubeProxy(file.cluster).includes(turn.node)) {
        const what = `no kube-proxy runs on ${turn.node}, whose rules are given`;
        objectTo(context, [...path, key, 'node'], 'no-kube-proxy', what, 'say kubeProxy: true there');
      }
    }
    if (event.flushConntrack !== undefined)
      mustBeKnown(context, [...path, 'flushConntrack', 'node'], event.flushConntrack.node, names.nodes, 'node');
    if (event.run !== undefined)
      mustBeKnown(
        context,
        [...path, 'run', 'on'],
        event.run.on,
        [...names.nodes, ...names.podHosts, ...corednsHosts(context)],
        'host',
      );
  }
}

function checkRecordChange(context: CheckContext, path: Path, change: { server: string; zone: string }): void {
  if (!mustBeKnown(context, [...path, 'server'], change.server, context.names.servers, 'server')) return;
  const server = context.file.servers[change.server];
  if (server === undefined) return;
  if (server.role === 'authoritative')
    mustBeKnown(context, [...path, 'zone'], change.zone, Object.keys(server.zones), 'zone');
  else
    objectTo(
      context,
      [...path, 'server'],
      'wrong-server',
      `${change.server} is a ${server.role}: it has no records of its own`,
      'change them at an authoritative server',
    );
}

function checkTurn(
  context: CheckContext,
  path: Path,
  { server, answers, delay }: { readonly server: string; readonly answers: string; readonly delay?: unknown },
): void {
  mustBeKnown(context, [...path, 'server'], server, context.names.servers, 'server');
  if (answers !== 'never' || delay === undefined) return;
  const hint = 'leave delay out, or let it answer: an answer that nobody waits for any more is a long delay';
  objectTo(context, [...path, 'delay'], 'conflict', 'nothing is delayed where nothing is answered', hint);
}

function checkFlush(context: CheckContext, path: Path, name: string): void {
  if (!mustBeKnown(context, path, name, context.names.servers, 'server')) return;
  if (context.file.servers[name]?.role === 'recursor') return;
  objectTo(
    context,
    path,
    'wrong-server',
    `${name} is not a recursor: it has no cache`,
    'flush the cache of a recursor',
  );
}

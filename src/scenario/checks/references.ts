import type { Path } from '../document.ts';
import { type CheckContext, mustBeKnown, objectTo } from './check.ts';

/** Every name that the scenario refers to must exist. */
export function checkReferences(context: CheckContext): void {
  checkPlaces(context);
  checkServers(context);
  checkLinks(context);
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
  for (const [name, { node }] of Object.entries(file.pods))
    mustBeKnown(context, ['pods', name, 'node'], node, names.nodes, 'node');
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
  for (const [name, server] of Object.entries(context.file.servers)) {
    if (server.role !== 'recursor') continue;
    for (const key of ['upstreams', 'stubs'] as const) {
      for (const [zone, upstreams] of Object.entries(server[key])) {
        const path = ['servers', name, key, zone];
        if (typeof upstreams === 'string') mustBeKnown(context, path, upstreams, context.names.servers, 'server');
        else
          for (const [i, upstream] of upstreams.entries())
            mustBeKnown(context, [...path, i], upstream, context.names.servers, 'server');
      }
    }
  }
}

function checkLinks(context: CheckContext): void {
  const { names } = context;
  const outside = [...names.nodes, ...names.servers];
  const inside = [...names.pods, ...corednsHosts(context)];
  for (const link of Object.keys(context.file.links)) {
    if (link === 'default' || link === 'pods') continue;
    const ends = link.split('..');
    const at = (code: string, message: string, hint: string) =>
      context.problems.push({ code, ...context.document.keyAt(['links', link]), message, hint });
    const unknown = ends.find((end) => !outside.includes(end) && !inside.includes(end));
    if (ends.length !== 2)
      at('bad-link', `"${link}" is not a link`, 'write default, pods, or two names as node-1..vpc-dns');
    else if (unknown !== undefined)
      at(
        'unknown-host',
        `there is no node, server or pod "${unknown}"`,
        `there are ${[...outside, ...inside].join(', ')}`,
      );
    else if (!isLink(ends, outside, context))
      at(
        'bad-link',
        `${ends.join(' and ')} have no link of their own`,
        'a link joins two of the nodes and servers, or a pod and its node',
      );
  }
}

/** CoreDNS pods with a network of their own. */
function corednsHosts({ file, names }: CheckContext): readonly string[] {
  return file.cluster.coredns.hostNetwork ? [] : names.coredns;
}

function isLink([a = '', b = '']: readonly string[], outside: readonly string[], { file }: CheckContext): boolean {
  if (outside.includes(a) && outside.includes(b)) return a !== b;
  const [pod, node] = outside.includes(b) ? [a, b] : [b, a];
  const home = file.pods[pod]?.node;
  return outside.includes(node) && (home === undefined || home === node);
}

function checkEvents(context: CheckContext): void {
  const { file, names } = context;
  for (const [i, event] of file.events.entries()) {
    const path = ['events', i];
    if (event.changeRecords !== undefined) checkRecordChange(context, [...path, 'changeRecords'], event.changeRecords);
    if (event.setServer !== undefined)
      mustBeKnown(context, [...path, 'setServer', 'server'], event.setServer.server, names.servers, 'server');
    if (event.flushCache !== undefined) checkFlush(context, [...path, 'flushCache', 'server'], event.flushCache.server);
    if (event.crash !== undefined)
      mustBeKnown(context, [...path, 'crash', 'coredns'], event.crash.coredns, names.coredns, 'CoreDNS pod');
    if (event.restart !== undefined)
      mustBeKnown(context, [...path, 'restart', 'coredns'], event.restart.coredns, names.coredns, 'CoreDNS pod');
    if (event.deletePod !== undefined)
      mustBeKnown(context, [...path, 'deletePod', 'coredns'], event.deletePod.coredns, names.coredns, 'CoreDNS pod');
    if (event.changeEndpoints !== undefined) {
      const known = [...file.cluster.services, ...file.events.flatMap(({ createService }) => createService ?? [])];
      const names = known.map(({ name }) => name);
      mustBeKnown(context, [...path, 'changeEndpoints', 'service'], event.changeEndpoints.service, names, 'Service');
    }
    if (event.flushConntrack !== undefined)
      mustBeKnown(context, [...path, 'flushConntrack', 'node'], event.flushConntrack.node, names.nodes, 'node');
    if (event.run !== undefined)
      mustBeKnown(
        context,
        [...path, 'run', 'on'],
        event.run.on,
        [...names.nodes, ...names.pods, ...corednsHosts(context)],
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

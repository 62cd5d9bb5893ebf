import { stockCorefile } from '../../cluster/node-local-dns/corefile.ts';
import type { NodeCacheDescription } from '../../cluster/node-local-dns/description.ts';
import { nodeCacheOn } from '../../cluster/node-local-dns/name.ts';
import { type NodeCacheRelease, nodeCacheRelease } from '../../cluster/node-local-dns/releases.ts';
import { kubernetesRelease } from '../../cluster/releases.ts';
import type { ServiceDescription } from '../../cluster/world.ts';
import type { Source } from '../../problem/problem.ts';
import { nodesWithCache } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Cluster = ScenarioFile['cluster'];

/** What the addon's manifest listens on beside the Service's ClusterIP. */
const stockAddress = '169.254.20.10';
/** Where its container has things mounted. */
const mounted = { kubeDns: '/etc/kube-dns', own: '/etc/Corefile' } as const;
const pidfile = '/tmp/node-cache.pid';

/** Name of the release that runs: the scenario's, or that of the addon of its Kubernetes. */
export function nodeCacheReleaseName({ kubernetes, nodeLocalDNS }: Cluster): string {
  return nodeLocalDNS?.release ?? kubernetesRelease(kubernetes)?.nodeCache ?? '';
}

/** What it listens on: `-localip`. */
export function nodeCacheAddresses({ coredns, nodeLocalDNS }: Cluster): readonly string[] {
  return nodeLocalDNS?.addresses ?? [stockAddress, coredns.serviceIP];
}

/** The container's arguments: those of the addon's manifest, then the scenario's own. */
export function nodeCacheArguments(cluster: Cluster, release: NodeCacheRelease): string[] {
  return [
    ...['-localip', nodeCacheAddresses(cluster).join(','), '-conf', mounted.own, '-upstreamsvc', 'kube-dns-upstream'],
    ...(release.stockPidfile ? ['-pidfile', pidfile] : []),
    ...(cluster.nodeLocalDNS?.arguments ?? []),
  ];
}

/** ClusterIP of kube-dns-upstream; next to that of kube-dns unless said. */
export function upstreamAddress({ coredns, nodeLocalDNS }: Cluster): string {
  return nodeLocalDNS?.upstreamIP ?? coredns.serviceIP.replace(/\d+$/, (last) => String((Number(last) + 1) % 255));
}

/** The base Corefile as the manifest holds it when it is applied: what `sed` fills before node-cache does the rest. */
export function appliedCorefile(source: Source | undefined, cluster: Cluster, release: NodeCacheRelease): Source {
  const [local = '', ...others] = nodeCacheAddresses(cluster);
  const { file, text } = source ?? {
    file: 'node-local-dns ConfigMap',
    text: stockCorefile('__PILLAR__DNS__DOMAIN__', release),
  };
  const applied = text
    .replaceAll('__PILLAR__DNS__DOMAIN__', cluster.domain)
    .replaceAll('__PILLAR__LOCAL__DNS__', local)
    .replaceAll('__PILLAR__DNS__SERVER__', others.join(' '));
  return { file, text: applied };
}

/** What Kubernetes tells a container about the Services of its namespace. */
export function nodeCacheEnvironment(services: readonly ServiceDescription[]): Record<string, string> {
  const own = services.filter(({ name, address }) => name.startsWith('kube-system/') && address !== 'None');
  return Object.fromEntries(
    own.map(({ name, address }) => {
      const service = name.slice(name.indexOf('/') + 1).replaceAll('-', '_');
      return [`${service.toUpperCase()}_SERVICE_HOST`, address];
    }),
  );
}

/** The files that node-cache finds on a node. */
function nodeCacheFiles(
  kubeDns: Readonly<Record<string, string>>,
  resolvConf: Source | undefined,
): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(kubeDns).map(([key, text]) => [`${mounted.kubeDns}/${key}`, text])),
    ...(resolvConf === undefined ? {} : { '/etc/resolv.conf': resolvConf.text }),
  };
}

/** NodeLocal DNSCache on the nodes that run it. */
export function nodeCaches(
  { definition, artefacts }: Scenario,
  services: readonly ServiceDescription[],
): NodeCacheDescription[] {
  const { cluster } = definition;
  const release = nodeCacheRelease(nodeCacheReleaseName(cluster));
  if (cluster.nodeLocalDNS === undefined || release === undefined) return [];
  const { settled } = cluster.nodeLocalDNS;
  const base = appliedCorefile(artefacts.nodeLocalCorefile, cluster, release);
  return nodesWithCache(cluster).map((node) => ({
    name: nodeCacheOn(node),
    host: node,
    release: release.name,
    arguments: nodeCacheArguments(cluster, release),
    environment: nodeCacheEnvironment(services),
    files: { ...artefacts.nodeLocalFiles, ...nodeCacheFiles(artefacts.kubeDnsConfig, artefacts.resolvConfs[node]) },
    directories: ['/etc/coredns', mounted.kubeDns],
    corefile: base,
    dummyLinks: true,
    settled,
    startAt: 0,
  }));
}

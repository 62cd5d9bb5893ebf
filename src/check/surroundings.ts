import { nodeCacheRelease } from '../cluster/node-local-dns/releases.ts';
import type { Source } from '../problem/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  appliedCorefile,
  nodeCacheAddresses,
  nodeCacheReleaseName,
  upstreamAddress,
} from '../scenario/translate/node-local-dns.ts';
import { placeAll } from '../scenario/translate/pods.ts';
import type { Owner, Surroundings } from './corefile/view.ts';
import type { ZoneView } from './zone.ts';

/** What a scenario tells about the place where its Corefile runs. */
export function surroundingsOf({ artefacts, definition }: Scenario, zones: readonly ZoneView[]): Surroundings {
  const { cluster, servers } = definition;
  const owners = new Map<string, Owner>();
  const add = (address: string, name: string) =>
    owners.set(address, { name, ignoresLimits: false, tlsPort: undefined });
  for (const [name, { address }] of Object.entries(cluster.nodes)) add(address, name);
  add(cluster.coredns.serviceIP, 'kube-dns');
  const { coredns, own } = placeAll(definition);
  for (const { name, address } of [...coredns, ...own]) add(address, name);
  for (const { name, address } of cluster.services) add(address, name);
  if (cluster.nodeLocalDNS !== undefined) {
    for (const address of [...nodeCacheAddresses(cluster), upstreamAddress(cluster)]) add(address, 'node-local-dns');
  }
  for (const [name, server] of Object.entries(servers))
    owners.set(server.address, {
      name,
      ignoresLimits: 'faults' in server && server.faults?.limits === 'none',
      tlsPort: 'tls' in server ? server.tls?.port : undefined,
    });
  const [node = ''] = Object.keys(cluster.nodes);
  const resolvConf = artefacts.resolvConfs[cluster.coredns.nodes?.[0] ?? node];
  return {
    files: { ...(resolvConf === undefined ? {} : { '/etc/resolv.conf': resolvConf.text }), ...artefacts.corednsFiles },
    environment: cluster.coredns.environment,
    owners,
    serviceAddress: cluster.coredns.serviceIP,
    zones,
  };
}

/** The Corefile that a scenario gives NodeLocal DNSCache, as node-cache fills it, and the CoreDNS inside. */
export function nodeCacheCorefile({
  artefacts,
  definition: { cluster },
}: Scenario): { source: Source; release: string } | undefined {
  const { nodeLocalCorefile } = artefacts;
  const release = nodeCacheRelease(nodeCacheReleaseName(cluster));
  if (nodeLocalCorefile === undefined || release === undefined) return undefined;
  const { file, text } = appliedCorefile(nodeLocalCorefile, cluster, release);
  return { source: { file, text: withPlaceholders(text, upstreamAddress(cluster)) }, release: release.coredns };
}

/** A Corefile of NodeLocal DNSCache with what stands for its placeholders; no line is added or taken away. */
export function withPlaceholders(text: string, clusterDns = '10.96.0.11'): string {
  return text
    .replaceAll('__PILLAR__UPSTREAM__SERVERS__', '/etc/resolv.conf')
    .replaceAll('__PILLAR__CLUSTER__DNS__', clusterDns)
    .replaceAll('__PILLAR__LOCAL__DNS__', '169.254.20.10')
    .replaceAll('__PILLAR__DNS__SERVER__', '10.96.0.10')
    .replaceAll('__PILLAR__DNS__DOMAIN__', 'cluster.local');
}

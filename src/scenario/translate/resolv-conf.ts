import type { Source } from '../../problem/problem.ts';
import { type ClientPreset, clientPresets } from '../client-presets.ts';
import { nodesWithCache } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { formatPodDns, readPodDns, withDnsConfig } from './dns-config.ts';
import { nodeCacheAddresses } from './node-local-dns.ts';

type Pod = ScenarioFile['pods'][string];

/**
 * resolv.conf as the kubelet writes it for dnsPolicy ClusterFirst: the cluster's DNS Service, or NodeLocal DNSCache
 * where that does not take its address over; the namespace's search list, `ndots:5` (kubelet network/dns/dns.go).
 */
export function clusterFirst(pod: Pick<Pod, 'node' | 'namespace'>, cluster: ScenarioFile['cluster']): string {
  const { domain, coredns } = cluster;
  const local = nodesWithCache(cluster).includes(pod.node) ? nodeCacheAddresses(cluster) : [];
  const nameserver = local.includes(coredns.serviceIP) ? coredns.serviceIP : (local[0] ?? coredns.serviceIP);
  const search = [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return `search ${search.join(' ')}\nnameserver ${nameserver}\noptions ndots:5\n`;
}

/** The resolv.conf of a pod: its own where the scenario gives one. `node`: that of its node, where it is known. */
export function podResolvConf(
  name: string,
  pod: Pod,
  cluster: ScenarioFile['cluster'],
  own: Source | undefined,
  node: Source | undefined,
): Source {
  const file = `${name}:/etc/resolv.conf`;
  if (pod.client !== undefined) return { file, text: ofPreset(pod.client, pod, cluster, node) };
  if (own !== undefined && pod.dnsConfig === undefined) return own;
  if (pod.dnsPolicy === 'Default' && node !== undefined && pod.dnsConfig === undefined) return node;
  const base = own?.text ?? ofPolicy(pod, cluster, node);
  if (pod.dnsConfig === undefined) return { file, text: base };
  return { file, text: formatPodDns(withDnsConfig(readPodDns(base), pod.dnsConfig), cluster.kubernetes) };
}

/** Before dnsConfig. ClusterFirst has the domains of the node's own search list after the cluster's. */
function ofPolicy(pod: Pod, cluster: ScenarioFile['cluster'], node: Source | undefined): string {
  switch (pod.dnsPolicy) {
    case 'Default':
      return node?.text ?? '';
    case 'None':
      return '';
    default: {
      const { searches } = readPodDns(node?.text ?? '');
      const written = clusterFirst(pod, cluster);
      if (searches.length === 0) return written;
      const after = { nameservers: [], searches: [...searches], options: [] };
      return formatPodDns(withDnsConfig(readPodDns(written), after), cluster.kubernetes);
    }
  }
}

function ofPreset(
  client: NonNullable<Pod['client']>,
  { namespace }: Pod,
  cluster: ScenarioFile['cluster'],
  node: Source | undefined,
): string {
  const { servers, search, options }: ClientPreset = clientPresets[client];
  const { domain, coredns } = cluster;
  const addresses = {
    'kube-dns': [coredns.serviceIP],
    'node-cache': [nodeCacheAddresses(cluster)[0] ?? '', coredns.serviceIP],
    node: readPodDns(node?.text ?? '').nameservers,
  };
  return [
    ...addresses[servers].map((address) => `nameserver ${address}`),
    ...(search ? [`search ${namespace}.svc.${domain} svc.${domain} ${domain}`] : []),
    ...(options === '' ? [] : [`options ${options}`]),
    '',
  ].join('\n');
}

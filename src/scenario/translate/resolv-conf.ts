import type { Source } from '../../problem/problem.ts';
import { type ClientPreset, clientPresets } from '../client-presets.ts';
import { nodesWithCache } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { formatPodDns, type PodDns, readPodDns, withDnsConfig } from './dns-config.ts';
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
  const { kubernetes } = cluster;
  const base = own === undefined ? ofPolicy(pod, cluster, node) : readPodDns(own.text, kubernetes);
  const whole = pod.dnsConfig === undefined ? base : withDnsConfig(base, pod.dnsConfig);
  return { file, text: formatPodDns(whole, kubernetes) };
}

/**
 * Before dnsConfig. ClusterFirst has the domains of the node's own search list after the cluster's; a pod with its node's
 * network has what Default gives, unless it says ClusterFirstWithHostNet.
 */
function ofPolicy(pod: Pod, cluster: ScenarioFile['cluster'], node: Source | undefined): PodDns {
  const ofNode = readPodDns(node?.text ?? '', cluster.kubernetes);
  const isAsNode = pod.dnsPolicy === 'Default' || (pod.hostNetwork && pod.dnsPolicy !== 'ClusterFirstWithHostNet');
  if (pod.dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] };
  if (isAsNode) return ofNode;
  const written = readPodDns(clusterFirst(pod, cluster), cluster.kubernetes);
  return { ...written, searches: [...new Set([...written.searches, ...ofNode.searches])] };
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
    node: readPodDns(node?.text ?? '', cluster.kubernetes).nameservers,
  };
  return [
    ...addresses[servers].map((address) => `nameserver ${address}`),
    ...(search ? [`search ${namespace}.svc.${domain} svc.${domain} ${domain}`] : []),
    ...(options === '' ? [] : [`options ${options}`]),
    '',
  ].join('\n');
}

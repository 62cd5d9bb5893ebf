import type { Source } from '../../problem/problem.ts';
import { type ClientPreset, clientPresets } from '../client-presets.ts';
import { nodesWithCache } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { nodeCacheAddresses } from './node-local-dns.ts';

type Pod = ScenarioFile['pods'][string];

/**
 * resolv.conf as the kubelet writes it for dnsPolicy ClusterFirst: the cluster's DNS Service, or NodeLocal DNSCache
 * where that does not take its address over; the namespace's search list, `ndots:5` (kubelet network/dns/dns.go).
 */
export function clusterFirst(pod: Pod, cluster: ScenarioFile['cluster']): string {
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
  if (pod.dnsPolicy === 'Default' && node !== undefined) return node;
  if (own !== undefined) return own;
  const text = pod.client === undefined ? clusterFirst(pod, cluster) : ofPreset(pod.client, pod, cluster, node);
  return { file: `${name}:/etc/resolv.conf`, text };
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
    node: nameserversOf(node?.text ?? ''),
  };
  return [
    ...addresses[servers].map((address) => `nameserver ${address}`),
    ...(search ? [`search ${namespace}.svc.${domain} svc.${domain} ${domain}`] : []),
    ...(options === '' ? [] : [`options ${options}`]),
    '',
  ].join('\n');
}

function nameserversOf(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => address ?? '');
}

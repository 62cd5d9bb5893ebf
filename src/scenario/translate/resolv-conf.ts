import type { Source } from '../../problem/problem.ts';
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

/** The resolv.conf of a pod: its own where the scenario gives one. */
export function podResolvConf(
  name: string,
  pod: Pod,
  cluster: ScenarioFile['cluster'],
  own: Source | undefined,
): Source {
  return own ?? { file: `${name}:/etc/resolv.conf`, text: clusterFirst(pod, cluster) };
}

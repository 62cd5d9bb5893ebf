import type { Source } from '../../problem/problem.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Pod = ScenarioFile['pods'][string];

/**
 * resolv.conf as the kubelet writes it for dnsPolicy ClusterFirst: the cluster's DNS Service, the namespace's
 * search list, `ndots:5` (kubelet network/dns/dns.go).
 */
export function clusterFirst(pod: Pod, cluster: ScenarioFile['cluster']): string {
  const { domain } = cluster;
  const search = [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return `search ${search.join(' ')}\nnameserver ${cluster.coredns.serviceIP}\noptions ndots:5\n`;
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

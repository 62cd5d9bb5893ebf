import { coreDnsDeployment } from '../cluster/pods/description.ts';
import { kubernetesRelease } from '../cluster/releases.ts';
import { releaseNames } from '../coredns/releases.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/** Pods of a Deployment are called `NAME-1`, `NAME-2`, … */
export function podNames(deployment: string, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, i) => `${deployment}-${i + 1}`);
}

export function corednsNames(cluster: Pick<ScenarioFile['cluster'], 'coredns'>): string[] {
  return podNames(coreDnsDeployment, cluster.coredns.replicas);
}

/** The Deployments of clients. */
export function clientDeploymentNames({ pods }: Pick<ScenarioFile, 'pods'>): string[] {
  return Object.entries(pods).flatMap(([name, { deployment }]) => (deployment === undefined ? [] : [name]));
}

/** Pods of the Deployments of clients when the run begins. */
export function deployedPodNames({ pods }: Pick<ScenarioFile, 'pods'>): string[] {
  return Object.entries(pods).flatMap(([name, { deployment }]) => podNames(name, deployment?.replicas ?? 0));
}

/** The CoreDNS release that runs: the scenario's, or what comes with its Kubernetes. */
export function corednsRelease({ kubernetes, coredns }: ScenarioFile['cluster']): string {
  if (coredns.release === 'latest') return releaseNames[releaseNames.length - 1] ?? '';
  return coredns.release ?? kubernetesRelease(kubernetes)?.coredns ?? '';
}

/** The router that the nodes' default routes lead to: what nobody else takes is lost there. */
export const routerName = 'router';

/** The kube-proxy release that runs: the scenario's, or the last one of its Kubernetes. */
export function kubeProxyRelease({ kubernetes, kubeProxy }: ScenarioFile['cluster']): string {
  return kubeProxy.release ?? kubernetes;
}

/** `namespace/name` of the Service in front of CoreDNS. */
export const dnsServiceName = 'kube-system/kube-dns';

/** The Service of NodeLocal DNSCache's own way to CoreDNS: the same pods, another ClusterIP. */
export const upstreamServiceName = 'kube-system/kube-dns-upstream';

/** The nodes that run NodeLocal DNSCache. */
export function nodesWithCache({ nodes, nodeLocalDNS }: ScenarioFile['cluster']): readonly string[] {
  return nodeLocalDNS === undefined ? [] : (nodeLocalDNS.nodes ?? Object.keys(nodes));
}

/** The nodes that run kube-proxy: those that bring rules of their own do so only if told to. */
export function nodesWithKubeProxy({ nodes }: ScenarioFile['cluster']): readonly string[] {
  return Object.entries(nodes)
    .filter(
      ([, { kubeProxy, iptables, ip6tables }]) => kubeProxy ?? (iptables === undefined && ip6tables === undefined),
    )
    .map(([name]) => name);
}

import type { EndpointDescription } from '../endpoint.ts';
import { headless, type ServiceDescription } from '../world.ts';
import { kubeProxyRelease } from './releases.ts';

/** Which end points of a Service get traffic that arrives at a node. */
export interface EndpointChoice {
  /** Under the policy Cluster; empty where the Service never uses it. */
  readonly cluster: readonly EndpointDescription[];
  /** Under the policy Local: those on this node; empty where the Service never uses it. */
  readonly local: readonly EndpointDescription[];
  /** Both, each end point once. */
  readonly reachable: readonly EndpointDescription[];
  /** There is one on some node. */
  readonly any: boolean;
}

/** Can the Service be reached from outside: by a node port or an address of its own? */
export function isExternal({ ports, externalIPs = [], loadBalancerIPs = [] }: ServiceDescription): boolean {
  return externalIPs.length > 0 || loadBalancerIPs.length > 0 || ports.some(({ nodePort }) => nodePort !== undefined);
}

/** The policy for traffic to the ClusterIP; releases that do not know the field treat it as Cluster. */
export function internalPolicy(service: ServiceDescription, release: string): 'Cluster' | 'Local' {
  return kubeProxyRelease(release).internalTrafficPolicy ? (service.internalTrafficPolicy ?? 'Cluster') : 'Cluster';
}

/**
 * Those that are ready; if none is, and the release knows it, those that still serve while they terminate. Decided
 * for each policy by itself (pkg/proxy/topology.go; hints of zones are not modelled).
 */
export function chooseEndpoints(service: ServiceDescription, node: string, release: string): EndpointChoice {
  const { terminatingEndpoints } = kubeProxyRelease(release);
  const { endpoints, externalTrafficPolicy } = service;
  const usable = (among: readonly EndpointDescription[]): readonly EndpointDescription[] => {
    const ready = among.filter((one) => one.ready);
    return ready.length > 0 || !terminatingEndpoints ? ready : among.filter((one) => one.serving && one.terminating);
  };
  const onNode = endpoints.filter((one) => one.node === node);
  const isLocalInside = internalPolicy(service, release) === 'Local';
  const isLocalOutside = externalTrafficPolicy === 'Local' && isExternal(service);
  const anywhere = usable(endpoints);
  const cluster = !isLocalInside || isExternal(service) ? anywhere : [];
  const local = isLocalInside || isLocalOutside ? usable(onNode) : [];
  return {
    cluster,
    local,
    reachable: [...new Set([...cluster, ...local])],
    any: anywhere.length > 0 || local.length > 0,
  };
}

/** Services that kube-proxy has anything to do with. */
export function isProxied({ address }: ServiceDescription): boolean {
  return address !== headless;
}

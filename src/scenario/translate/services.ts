import { type EndpointDescription, readyEndpoint } from '../../cluster/endpoint.ts';
import type { ServiceDescription } from '../../cluster/world.ts';
import { minute, toSeconds } from '../../engine/time.ts';
import { dnsServiceName, upstreamServiceName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { upstreamAddress } from './node-local-dns.ts';
import type { PlacedPod, PlacedPods } from './pods.ts';

/** Where the API server listens in every cluster. */
const apiServerName = 'default/kubernetes';

/** kube-dns in front of CoreDNS, the API server's Service, and the scenario's own. */
export function services(
  { cluster }: ScenarioFile,
  { coredns, clients }: Pick<PlacedPods, 'coredns' | 'clients'>,
): ServiceDescription[] {
  const own = cluster.services.map((service) => {
    const described = serviceOf(service);
    const { deployment } = service;
    return deployment === undefined ? described : { ...described, endpoints: endpointsAt(clients[deployment] ?? []) };
  });
  const dns: ServiceDescription = {
    name: dnsServiceName,
    address: cluster.coredns.serviceIP,
    ...(cluster.coredns.otherServiceIP !== undefined && { otherAddress: cluster.coredns.otherServiceIP }),
    ports: [
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'tcp', port: 53, targetPort: 53 },
    ],
    endpoints: endpointsAt(coredns),
    ...rulesOf(cluster.coredns.service),
  };
  const api: ServiceDescription = {
    name: apiServerName,
    address: cluster.coredns.serviceIP.replace(/[\da-f]+$/, '1'),
    ports: [{ name: 'https', protocol: 'tcp', port: 443, targetPort: 6443 }],
    endpoints: Object.entries(cluster.nodes)
      .slice(0, 1)
      .map(([node, { address }]) => readyEndpoint(address, node)),
  };
  const upstream = { ...dns, name: upstreamServiceName, address: upstreamAddress(cluster) };
  const given = new Set(own.map(({ name }) => name));
  return [
    ...[api, dns, ...(cluster.nodeLocalDNS === undefined ? [] : [upstream])].filter(({ name }) => !given.has(name)),
    ...own,
  ];
}

/** Pods that are ready. */
function endpointsAt(pods: readonly PlacedPod[]): EndpointDescription[] {
  return pods.flatMap(({ address, otherAddress, node }) => [
    readyEndpoint(address, node),
    ...(otherAddress === undefined ? [] : [readyEndpoint(otherAddress, node)]),
  ]);
}

/** A Service of the scenario's own. */
export function serviceOf(service: ServiceEntry): ServiceDescription {
  const { name, address, ports } = service;
  return {
    name,
    address,
    ports: ports.map(({ nodePort, ...port }) => ({
      ...port,
      targetPort: port.targetPort ?? port.port,
      ...(nodePort !== undefined && { nodePort }),
    })),
    endpoints: endpointsOf(service.endpoints),
    ...rulesOf(service),
  };
}

type ServiceEntry = ScenarioFile['cluster']['services'][number];

/** A plain address is that of a ready pod somewhere. */
export function endpointsOf(entries: ServiceEntry['endpoints']): EndpointDescription[] {
  return entries.map((entry) => {
    if (typeof entry === 'string') return readyEndpoint(entry);
    const { address, node, terminating, ready = !terminating, serving = ready } = entry;
    return { ...readyEndpoint(address, node), ready, serving, terminating };
  });
}

/** service.spec.sessionAffinityConfig.clientIP.timeoutSeconds. */
const affinityTimeout = 3 * 60 * minute;

function rulesOf(rules: ScenarioFile['cluster']['coredns']['service']): Partial<ServiceDescription> {
  const { sessionAffinity, sessionAffinityTimeout = affinityTimeout } = rules;
  return {
    ...(sessionAffinity === 'ClientIP' && { sessionAffinity: Math.round(toSeconds(sessionAffinityTimeout)) }),
    ...(rules.internalTrafficPolicy === 'Local' && { internalTrafficPolicy: 'Local' as const }),
    ...(rules.externalTrafficPolicy === 'Local' && { externalTrafficPolicy: 'Local' as const }),
    ...(rules.externalIPs.length > 0 && { externalIPs: rules.externalIPs }),
    ...(rules.loadBalancerIPs.length > 0 && { loadBalancerIPs: rules.loadBalancerIPs }),
    ...(rules.publishNotReadyAddresses && { publishNotReadyAddresses: true }),
  };
}

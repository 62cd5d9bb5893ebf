import { readyEndpoint, readyEndpoints } from '../../cluster/endpoint.ts';
import type { ServiceDescription } from '../../cluster/world.ts';
import { dnsServiceName, upstreamServiceName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { upstreamAddress } from './node-local-dns.ts';
import type { PlacedPod } from './pods.ts';

/** Where the API server listens in every cluster. */
const apiServerName = 'default/kubernetes';

/** kube-dns in front of CoreDNS, the API server's Service, and the scenario's own. */
export function services({ cluster }: ScenarioFile, coredns: readonly PlacedPod[]): ServiceDescription[] {
  const own = cluster.services.map(serviceOf);
  const dns: ServiceDescription = {
    name: dnsServiceName,
    address: cluster.coredns.serviceIP,
    ports: [
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'tcp', port: 53, targetPort: 53 },
    ],
    endpoints: coredns.map(({ address, node }) => readyEndpoint(address, node)),
  };
  const api: ServiceDescription = {
    name: apiServerName,
    address: cluster.coredns.serviceIP.replace(/\d+$/, '1'),
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

/** A Service of the scenario's own. */
export function serviceOf(service: ScenarioFile['cluster']['services'][number]): ServiceDescription {
  return {
    ...service,
    ports: service.ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.port })),
    endpoints: readyEndpoints(service.endpoints),
  };
}

import type { ServiceDescription } from '../../cluster/world.ts';
import { dnsServiceName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import type { PlacedPod } from './pods.ts';

/** Where the API server listens in every cluster. */
const apiServerName = 'default/kubernetes';

/** kube-dns in front of CoreDNS, the API server's Service, and the scenario's own. */
export function services({ cluster }: ScenarioFile, coredns: readonly PlacedPod[]): ServiceDescription[] {
  const own = cluster.services.map((service) => ({
    ...service,
    ports: service.ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.port })),
  }));
  const dns: ServiceDescription = {
    name: dnsServiceName,
    address: cluster.coredns.serviceIP,
    ports: [
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'tcp', port: 53, targetPort: 53 },
    ],
    endpoints: coredns.map(({ address }) => address),
  };
  const api: ServiceDescription = {
    name: apiServerName,
    address: cluster.coredns.serviceIP.replace(/\d+$/, '1'),
    ports: [{ name: 'https', protocol: 'tcp', port: 443, targetPort: 6443 }],
    endpoints: Object.values(cluster.nodes)
      .slice(0, 1)
      .map(({ address }) => address),
  };
  const given = new Set(own.map(({ name }) => name));
  return [...[api, dns].filter(({ name }) => !given.has(name)), ...own];
}

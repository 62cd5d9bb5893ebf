import type { ClusterView, EndpointView, ServiceView } from '../coredns/cluster-view.ts';
import type { Process } from '../engine/process.ts';
import { headless, type ServiceDescription } from './world.ts';

/** Services as the plugin `kubernetes` sees them, as they are at the moment; `sync` ends when the first lists are there. */
export function clusterView(services: () => readonly ServiceDescription[], sync: () => Process): ClusterView {
  return {
    sync,
    namespaces: () =>
      [...new Set([...services().map((service) => split(service.name).namespace), ...alwaysThere])].sort(),
    services: () => services().map(serviceView),
    endpoints: () => services().flatMap(endpointViews),
    pods: () => [],
  };
}

const alwaysThere = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

function serviceView(service: ServiceDescription): ServiceView {
  return {
    ...split(service.name),
    clusterIPs: [service.address, service.otherAddress ?? headless].filter((one) => one !== headless),
    ports: service.ports.map(({ name, protocol, port }) => ({ name, protocol: apiProtocol(protocol), port })),
    publishNotReadyAddresses: service.publishNotReadyAddresses === true,
  };
}

function endpointViews(service: ServiceDescription): EndpointView[] {
  const { name, namespace } = split(service.name);
  const ports = service.ports.map((port) => ({
    name: port.name,
    protocol: apiProtocol(port.protocol),
    port: port.targetPort,
  }));
  return service.endpoints.map(({ address, ready }) => ({ service: name, namespace, address, ready, ports }));
}

function apiProtocol(protocol: 'udp' | 'tcp'): 'TCP' | 'UDP' {
  return protocol === 'udp' ? 'UDP' : 'TCP';
}

function split(name: string): { name: string; namespace: string } {
  const [namespace = '', service = ''] = name.split('/');
  return { name: service, namespace };
}

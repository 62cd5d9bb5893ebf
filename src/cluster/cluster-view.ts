import type { ClusterView, EndpointView, PodView, ServiceView } from '../coredns/cluster-view.ts';
import type { Micros } from '../engine/time.ts';
import type { LifeDescription } from './pods/description.ts';
import type { Pod } from './pods/pods.ts';
import type { Watch } from './watch.ts';
import { headless, type ServiceDescription } from './world.ts';

/**
 * What the plugin `kubernetes` sees by a watch; `sync` ends when the first lists are there. `namespaces`: those of pods.
 * `nodes`: their addresses are those of a pod of kube-system each, kube-proxy's, which uses its node's network (kubeadm).
 */
export function clusterView(
  watch: Watch,
  { namespaces, nodes }: { readonly namespaces: readonly string[]; readonly nodes: readonly NodeAddress[] },
  now: () => Micros,
): ClusterView {
  let listedAt: Micros = 0;
  // A pod that is being deleted is passed over in a list, and stays as it was where it was known (object/pod.go).
  const isKnown = ({ deletedAt }: Pod) => deletedAt === undefined || deletedAt > listedAt;
  return {
    *sync() {
      yield* watch.listed();
      listedAt = now();
    },
    namespaces: () => {
      const ofServices = watch.services.map((service) => split(service.name).namespace);
      return [...new Set([...ofServices, ...namespaces, ...alwaysThere])].sort();
    },
    services: () => watch.services.map(serviceView),
    endpoints: () => watch.services.flatMap(endpointViews),
    podsAt: (address) => [...watch.pods.at(address).filter(isKnown), ...systemPods(nodes, address)],
  };
}

type NodeAddress = Pick<LifeDescription['nodes'][number], 'name' | 'address'>;

function systemPods(nodes: readonly NodeAddress[], address: string): PodView[] {
  return nodes.flatMap((node) =>
    node.address === address ? [{ name: `kube-proxy-${node.name}`, namespace: 'kube-system', address }] : [],
  );
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

import { isExternal } from '../cluster/kube-proxy/endpoint-choice.ts';
import type { ServiceDescription, World } from '../cluster/world.ts';

/** Where a packet goes, before any rule. */
interface Way {
  readonly protocol: string;
  readonly originalDestination: string;
  readonly originalDestinationPort: number;
}

/** A Service, and its ClusterIP of the packet's family. */
export interface MetService {
  readonly name: string;
  readonly clusterIp: string;
}

/** Every Service of a run, those that come into being or take another shape during it among them. */
export function everyService({ services, events }: Pick<World, 'services' | 'events'>): ServiceDescription[] {
  return [...services, ...events.flatMap((event) => (event.kind === 'set-service' ? [event.service] : []))];
}

/** The Service that has a ClusterIP, of either family. */
export function serviceAt(address: string, all: readonly ServiceDescription[]): ServiceDescription | undefined {
  return all.find((service) => clusterIpsOf(service).includes(address));
}

function clusterIpsOf({ address, otherAddress }: ServiceDescription): string[] {
  return otherAddress === undefined ? [address] : [address, otherAddress];
}

/** The Service whose rules a packet meets: at its ClusterIP, at an address from outside or at a node port. */
export function servicesMet(world: Pick<World, 'services' | 'events'>): (way: Way) => MetService | undefined {
  const services = everyService(world);
  const inside = new Map(
    services.flatMap((one) => clusterIpsOf(one).map((clusterIp) => [clusterIp, { name: one.name, clusterIp }])),
  );
  const outside = services.filter(isExternal);
  return (way) => {
    const met = inside.get(way.originalDestination);
    if (met !== undefined || outside.length === 0) return met;
    const service = outside.find((one) => isMetOutside(one, way));
    if (service === undefined) return undefined;
    const clusterIp = clusterIpLike(way.originalDestination, service);
    return clusterIp === undefined ? undefined : { name: service.name, clusterIp };
  };
}

/** Node ports are known by their port alone, as kube-proxy knows them where it deletes entries. */
function isMetOutside({ ports, externalIPs = [], loadBalancerIPs = [] }: ServiceDescription, way: Way): boolean {
  const isOwn = [...externalIPs, ...loadBalancerIPs].includes(way.originalDestination);
  return ports.some(({ protocol, port, nodePort }) => {
    const to = way.originalDestinationPort;
    return protocol === way.protocol && (nodePort === to || (isOwn && port === to));
  });
}

function clusterIpLike(destination: string, service: ServiceDescription): string | undefined {
  return clusterIpsOf(service).find((one) => one.includes(':') === destination.includes(':'));
}

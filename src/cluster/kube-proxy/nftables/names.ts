import type { ServiceDescription } from '../../world.ts';
import { hashOf } from '../hash.ts';

type Port = ServiceDescription['ports'][number];

const hashLength = 8;

/** `kube-system/kube-dns/udp/dns`: what names of chains are made of. */
function portPath({ name }: ServiceDescription, port: Port): string {
  return `${name}/${port.protocol}/${port.name}`;
}

/** `service`: end points under the policy Cluster; `local`: those on the node. */
export function serviceChain(kind: 'service' | 'local', service: ServiceDescription, port: Port): string {
  const path = portPath(service, port);
  return `${kind}-${hashOf(path, hashLength)}-${path}`;
}

/** Chain, or with `affinity` the set of its clients, of an end point; colons of IPv6 are written as dots. */
export function endpointName(
  kind: 'endpoint' | 'affinity',
  service: ServiceDescription,
  port: Port,
  address: string,
): string {
  const path = `${portPath(service, port)}__${address.replaceAll(':', '.')}/${port.targetPort}`;
  return `${kind}-${hashOf(path, hashLength)}-${path}`;
}

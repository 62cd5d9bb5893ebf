import { hashOf } from '../hash.ts';

const hashLength = 16; // characters kept of the hash, so that a chain name stays under iptables' 28

function chainName(prefix: string, hashed: string): string {
  return `${prefix}${hashOf(hashed, hashLength)}`;
}

/**
 * What a chain of a Service port is for: its end points under the policy Cluster (`SVC`), those on the node under the
 * policy Local (`SVL`), or traffic to its node port or an external address (`EXT`).
 */
export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT';

/** Chain of a Service port; `port` is `namespace/name:port`, such as `kube-system/kube-dns:dns`. */
export function serviceChain(kind: ServiceChainKind, port: string, protocol: 'udp' | 'tcp'): string {
  return chainName(`KUBE-${kind}-`, `${port}${protocol}`);
}

/** Chain of one end point of a Service port; `endpoint` is `address:port`. */
export function endpointChain(port: string, protocol: 'udp' | 'tcp', endpoint: string): string {
  return chainName('KUBE-SEP-', `${port}${protocol}${endpoint}`);
}

/** Is this one of a Service's or an end point's chains? */
export function isServiceChain(name: string): boolean {
  return /^KUBE-(SVC|SVL|EXT|FW|XLB|SEP)-/.test(name);
}

import { sha256 } from '@noble/hashes/sha2.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hashLength = 16; // characters kept of the hash, so that a chain name stays under iptables' 28

/** First characters of the base32 (RFC 4648) of octets. */
function base32(octets: Uint8Array, length: number): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    for (; bits >= 5 && text.length < length; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return text;
}

/** Names are asked for again at each sync. */
const known = new Map<string, string>();

function chainName(prefix: string, hashed: string): string {
  let hash = known.get(hashed);
  if (hash === undefined) {
    hash = base32(sha256(new TextEncoder().encode(hashed)), hashLength);
    known.set(hashed, hash);
  }
  return `${prefix}${hash}`;
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

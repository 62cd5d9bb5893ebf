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

function chainName(prefix: string, hashed: string): string {
  return `${prefix}${base32(sha256(new TextEncoder().encode(hashed)), hashLength)}`;
}

/** Chain of a Service port; `port` is `namespace/name:port`, such as `kube-system/kube-dns:dns`. */
export function serviceChain(port: string, protocol: 'udp' | 'tcp'): string {
  return chainName('KUBE-SVC-', `${port}${protocol}`);
}

/** Chain of one end point of a Service port; `endpoint` is `address:port`. */
export function endpointChain(port: string, protocol: 'udp' | 'tcp', endpoint: string): string {
  return chainName('KUBE-SEP-', `${port}${protocol}${endpoint}`);
}

import ipaddr from 'ipaddr.js';

/**
 * An address inside a network that depends on the name alone, so that another pod more or less changes none.
 * The first and last /24 of the network stay free.
 */
export function addressOf(name: string, cidr: string): string {
  const [network, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const base = toNumber(network.octets) & ~(2 ** (32 - prefix) - 1);
  const size = 2 ** (32 - prefix);
  const reserved = Math.min(256, size / 4);
  const offset = reserved + (fnv1a(name) % Math.max(1, size - 2 * reserved));
  return fromNumber((base >>> 0) + offset);
}

function toNumber(octets: readonly number[]): number {
  return octets.reduce((total, octet) => total * 256 + octet, 0) | 0;
}

function fromNumber(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(text)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash;
}

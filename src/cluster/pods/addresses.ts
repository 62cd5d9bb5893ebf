import {
  addressBits,
  addressWithin,
  formatAddress,
  formatPrefix,
  networkWithin,
  type Prefix,
  parsePrefix,
} from '../../network/address.ts';

/** kube-controller-manager's --node-cidr-mask-size. */
const nodeMask = { 32: 24, 128: 64 } as const;
/** The network's own address and its gateway's come first, the broadcast address last. */
const keptBefore = 2;
const keptBehind = 1;

/** The range of each of so many nodes: the first networks of the cluster's, a /24 each where they fit. */
export function nodeRanges(clusterCidr: string, nodes: number): string[] {
  const cluster = prefixOf(clusterCidr);
  const needed = cluster.length + Math.ceil(Math.log2(Math.max(1, nodes)));
  const length = Math.max(nodeMask[addressBits(cluster.address)], needed);
  return Array.from({ length: nodes }, (_, n) => formatPrefix(networkWithin(cluster, length, n)));
}

/** How many pods a range has addresses for. */
function roomOf({ address, length }: Prefix): number {
  const bits = Math.min(addressBits(address) - length, 24);
  return Math.max(1, 2 ** bits - keptBefore - keptBehind);
}

/** The first free address of a node's range from the nth on, round and round; undefined: all are taken. */
export function freeAddress(
  range: string,
  from: number,
  isTaken: (address: string) => boolean,
): { readonly address: string; readonly n: number } | undefined {
  const prefix = prefixOf(range);
  const room = roomOf(prefix);
  for (let i = 0; i < room; i++) {
    const n = (from + i) % room;
    const address = formatAddress(addressWithin(prefix, keptBefore + n));
    if (!isTaken(address)) return { address, n };
  }
  return undefined;
}

/** A number that depends on the name alone, so that one pod more or less changes the addresses of few others (FNV-1a). */
export function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(name)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash;
}

/** An address, or a range of them, that was checked before. */
export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`not an address: ${text}`);
  return prefix;
}

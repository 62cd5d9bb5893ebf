import { octetsOf } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';

/**
 * Which of a range's addresses a flow gets: by a hash of its source, and of its destination unless that is to be
 * left out (`--persistent`), so that the same hosts always meet (find_best_ips_proto of nf_nat_core.c).
 */
export function chooseAddress(
  { source, destination }: { readonly source: Address; readonly destination: Address },
  persistent: boolean,
): (count: number) => number {
  const other = wordsOf(destination);
  const [last = 0] = typeof destination === 'number' ? other : other.slice(-1);
  const hash = jhash2([...wordsOf(source), 0, 0, 0].slice(0, 4), persistent ? 0 : last);
  return (count) => Math.floor((hash * count) / 0x1_0000_0000);
}

/** The octets of an address as a little-endian machine reads them, 32 bits at a time. */
function wordsOf(address: Address): number[] {
  const octets = octetsOf(address);
  const words: number[] = [];
  for (let i = 0; i < octets.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(i, i + 4);
    words.push((a | (b << 8) | (c << 16) | (d << 24)) >>> 0);
  }
  return words;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Bob Jenkins' hash lookup3 of four words (include/linux/jhash.h). */
function jhash2([k0 = 0, k1 = 0, k2 = 0, k3 = 0]: readonly number[], seed: number): number {
  const start = (0xdeadbeef + (4 << 2) + seed) | 0;
  let [a, b, c] = [(start + k0) | 0, (start + k1) | 0, (start + k2) | 0];
  a = ((a - c) ^ rotate(c, 4)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 6)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 8)) | 0;
  b = (b + a) | 0;
  a = ((a - c) ^ rotate(c, 16)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 19)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 4)) | 0;
  b = (b + a) | 0;
  a = (a + k3) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  return ((c ^ b) - rotate(b, 24)) >>> 0;
}

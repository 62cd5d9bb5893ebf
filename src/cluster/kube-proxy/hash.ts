import { sha256 } from '@noble/hashes/sha2.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

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
const longest = 16;

/** The first `length` characters, 16 at most, of the base32 of a text's SHA-256. */
export function hashOf(text: string, length: number): string {
  let hash = known.get(text);
  if (hash === undefined) {
    hash = base32(sha256(new TextEncoder().encode(text)), longest);
    known.set(text, hash);
  }
  return hash.slice(0, length);
}

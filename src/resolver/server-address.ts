import { formatAddress, parseAddress } from '../network/address.ts';

/** The address that a word after `nameserver` stands for, in its usual form; undefined: none. */
export type ReadServer = (word: string) => string | undefined;

/** libc: whatever inet_aton(3) takes for IPv4 (`10.1` is 10.0.0.1, a leading 0 means octal), or IPv6 with or without a zone. */
export const libcServer: ReadServer = (word) => {
  const ipv4 = inetAton(word);
  return ipv4 === undefined ? ipv6(word.replace(/%.*/, '')) : formatAddress(ipv4);
};

/** Go's netip: four decimal parts without leading zeros, or IPv6. */
export const plainServer: ReadServer = (word) => {
  const address = parseAddress(word);
  return typeof address === 'number' ? formatAddress(address) : ipv6(word.replace(/%.*/, ''));
};

/** Go's dialer: an IPv4 address that is mapped into IPv6 is asked by IPv4. */
export const mappedServer: ReadServer = (word) => {
  const bare = word.replace(/%.*/, '');
  const ipv4 = withoutMapping(bare);
  return ipv4 === bare ? plainServer(word) : ipv4;
};

const mappedPrefix = 0xffffn;

/** `::ffff:10.0.0.1` as the IPv4 address in it; any other text as it is. */
export function withoutMapping(text: string): string {
  const address = parseAddress(text);
  if (typeof address !== 'bigint' || address >> 32n !== mappedPrefix) return text;
  return formatAddress(Number(address & 0xffffffffn));
}

/** c-ares: also in brackets, and with a port. */
export const caresServer: ReadServer = (word) => {
  const [, bracketed, bare] = /^(?:\[(.*)\](?::\d+)?|([\d.]{7,})(?::\d+)?)$/.exec(word) ?? [];
  return plainServer(bracketed ?? bare ?? word);
};

function ipv6(text: string): string | undefined {
  const address = parseAddress(text);
  return typeof address === 'bigint' ? formatAddress(address) : undefined;
}

/** One to four numbers, the last of which fills the octets that are left. */
function inetAton(text: string): number | undefined {
  const parts = text.split('.').map(numberOf);
  const last = parts.pop();
  if (last === undefined || parts.length > 3 || last >= 2 ** (8 * (4 - parts.length))) return undefined;
  let high = 0;
  for (const part of parts) {
    if (part === undefined || part > 255) return undefined;
    high = high * 256 + part;
  }
  return high * 2 ** (8 * (4 - parts.length)) + last;
}

/** As strtoul reads it with base 0. */
function numberOf(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

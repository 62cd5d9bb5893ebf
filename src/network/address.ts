import { formatIpv4, parseIpv4 } from './ipv4.ts';
import { formatIpv6, parseIpv6 } from './ipv6.ts';
import type { Address, Endpoint } from './packet.ts';

/** Texts made and read before, with which printing and reading are faster. */
const texts = new Map<number | bigint, string>();
const addresses = new Map<string, Address>();
const mostKept = 65_536;

/** `192.0.2.1` or `2001:db8::1` (RFC 5952) of an address. */
export function formatAddress(address: Address): string {
  const key = keyOf(address);
  let text = texts.get(key);
  if (text === undefined) {
    text = typeof address === 'number' ? formatIpv4(address) : formatIpv6(groupsOf(address));
    if (texts.size < mostKept) texts.set(key, text);
  }
  return text;
}

/** `192.0.2.1:53` or `[2001:db8::1]:53` of an end point. */
export function formatEndpoint({ address, port }: Endpoint): string {
  const text = formatAddress(address);
  return typeof address === 'number' ? `${text}:${port}` : `[${text}]:${port}`;
}

/** The same of an address that is text already. */
export function joinEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address and the port of an end point that is text; NaN: it names no port. */
export function splitEndpoint(text: string): { readonly address: string; readonly port: number } {
  const [, bracketed, bare = text, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  return { address: bracketed ?? bare, port: Number(port) };
}

/** Four decimal parts without leading zeros, or an IPv6 address without a zone. */
export function parseAddress(text: string): Address | undefined {
  let address = addresses.get(text);
  if (address === undefined) {
    address = text.includes(':') ? addressOf(parseIpv6(text)) : parseIpv4(text);
    if (address !== undefined && addresses.size < mostKept) addresses.set(text, address);
  }
  return address;
}

/** `192.0.2.1:53` or `[2001:db8::1]:53`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, bracketed, bare = '', digits] = /^(?:\[([^\]]*:[^\]]*)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? bare);
  const port = Number(digits);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}

/** An address with the number of bits that name its network. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/** `10.244.0.0/16` or `fd00::/64`; an address alone: all its bits. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const [head = '', bits, ...rest] = text.split('/');
  const address = parseAddress(head);
  if (address === undefined || rest.length > 0) return undefined;
  const most = addressBits(address);
  if (bits === undefined) return { address, length: most };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return undefined;
  return { address, length: Number(bits) };
}

/** What every address lies in. */
export const defaultRoute: Readonly<Record<AddressFamily, Prefix>> = {
  ipv4: { address: 0, length: 0 },
  ipv6: { address: 0n, length: 0 },
};

/** `10.244.0.0/16` of a prefix. */
export function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

export type AddressFamily = 'ipv4' | 'ipv6';

export function familyOf(address: Address): AddressFamily {
  return typeof address === 'number' ? 'ipv4' : 'ipv6';
}

/** How long an address of this family is, in bits. */
export function addressBits(address: Address): 32 | 128 {
  return typeof address === 'number' ? 32 : 128;
}

/** The mask of an IPv4 prefix of so many bits, as `&` takes it. */
export function ipv4Mask(length: number): number {
  return length === 0 ? 0 : 0xffffffff << (32 - length);
}

/** The first `length` bits of an address, the others zero. */
export function networkOf(address: Address, length: number): Address {
  if (typeof address === 'number') return (address & ipv4Mask(length)) >>> 0;
  const hostBits = BigInt(128 - length);
  return (address >> hostBits) << hostBits;
}

/** The address that lies so many behind the first of a prefix. */
export function addressWithin({ address, length }: Prefix, offset: number): Address {
  const first = networkOf(address, length);
  return typeof first === 'number' ? first + offset : first + BigInt(offset);
}

/** The nth network of `length` bits within a prefix, from 0. */
export function networkWithin(prefix: Prefix, length: number, n: number): Prefix {
  const first = networkOf(prefix.address, prefix.length);
  const address =
    typeof first === 'number' ? first + n * 2 ** (32 - length) : first + (BigInt(n) << BigInt(128 - length));
  return { address, length };
}

export function inPrefix(address: Address, prefix: Prefix): boolean {
  return networkOf(address, prefix.length) === networkOf(prefix.address, prefix.length);
}

/** A test whether addresses lie in a prefix, made once for many of them. */
export function prefixTest(prefix: Prefix): (address: Address) => boolean {
  const network = networkOf(prefix.address, prefix.length);
  if (typeof network === 'bigint')
    return (address) => typeof address === 'bigint' && networkOf(address, prefix.length) === network;
  const mask = ipv4Mask(prefix.length);
  const wanted = network | 0;
  return (address) => typeof address === 'number' && (address & mask) === wanted;
}

/** Does an address lie between two others of its family, these included? */
export function isBetween(address: Address, from: Address, to: Address): boolean {
  return typeof address === typeof from && address >= from && address <= to;
}

/** One of the addresses from `from` to `to`; `draw(n)` gives an integer below n. */
export function pickAddress(from: Address, to: Address, draw: (n: number) => number): Address {
  if (from === to) return from;
  if (typeof from === 'number' && typeof to === 'number') return from + draw(to - from + 1);
  const span = BigInt(to) - BigInt(from);
  return BigInt(from) + BigInt(draw(span < 0xffffffffn ? Number(span) + 1 : 0xffffffff));
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: Address): boolean {
  return typeof address === 'number' ? address >>> 24 === 127 : address === 1n;
}

/** fe80::/10; what is called so in IPv4 is used as any other address. */
export function isLinkLocal(address: Address): boolean {
  return typeof address === 'bigint' && address >> 118n === 0x3fan;
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(address: Address): boolean {
  return typeof address === 'number' ? address >>> 28 === 14 : address >> 120n === 0xffn;
}

/** 0.0.0.0 and ::. */
export const unspecified: Readonly<Record<AddressFamily, Address>> = { ipv4: 0, ipv6: 0n };

/** 0.0.0.0 and ::, which as an address to listen on mean any. */
export function isUnspecified(address: Address): boolean {
  return address === 0 || address === 0n;
}

/** Does a socket bound to `bound` hear what is sent to `address`? 0.0.0.0 hears all of IPv4, :: both families. */
export function hears(bound: Address, address: Address): boolean {
  return bound === address || bound === 0n || (bound === 0 && typeof address === 'number');
}

/** What stands for an address as the key of a map: equal for equal addresses, and fast (signed numbers are). */
export function keyOf(address: Address): number | bigint {
  return typeof address === 'number' ? address | 0 : address;
}

/** The octets of an address as they stand in a packet: 4 or 16. */
export function octetsOf(address: Address): number[] {
  if (typeof address === 'bigint') return groupsOf(address).flatMap((group) => [group >>> 8, group & 255]);
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: bigint): number[] {
  const digits = address.toString(16).padStart(32, '0');
  return Array.from({ length: 8 }, (_, i) => Number.parseInt(digits.slice(4 * i, 4 * i + 4), 16));
}

function addressOf(groups: readonly number[] | undefined): bigint | undefined {
  if (groups === undefined) return undefined;
  return BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, '0')).join('')}`);
}

import type { Address, Endpoint } from './packet.ts';

/** Texts made before, by address as a signed number, with which maps are faster. */
const texts = new Map<number, string>();

/** `192.0.2.1` of an address. */
export function formatAddress(address: Address): string {
  const key = address | 0;
  let text = texts.get(key);
  if (text === undefined) {
    text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
    if (texts.size < 65_536) texts.set(key, text);
  }
  return text;
}

/** `192.0.2.1:53` of an end point. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return `${formatAddress(address)}:${port}`;
}

/** Exactly four decimal parts without leading zeros. */
export function parseAddress(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** `192.0.2.1:53`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^([\d.]+):(\d{1,5})$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const port = Number(match?.[2]);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}

/** An address with the number of bits that name its network. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/** `10.244.0.0/16`, or an address alone for 32 bits. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const [head = '', bits, ...rest] = text.split('/');
  const address = parseAddress(head);
  if (address === undefined || rest.length > 0) return undefined;
  if (bits === undefined) return { address, length: 32 };
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  return { address, length: Number(bits) };
}

/** `10.244.0.0/16` of a prefix. */
export function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

/** The first `length` bits of an address, the others zero. */
export function networkOf(address: Address, length: number): Address {
  return length === 0 ? 0 : (address & (0xffffffff << (32 - length))) >>> 0;
}

export function inPrefix(address: Address, prefix: Prefix): boolean {
  return networkOf(address, prefix.length) === networkOf(prefix.address, prefix.length);
}

/** 127.0.0.0/8. */
export function isLoopback(address: Address): boolean {
  return address >>> 24 === 127;
}

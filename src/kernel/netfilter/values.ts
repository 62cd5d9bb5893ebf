import {
  type AddressFamily,
  addressBits,
  familyOf,
  formatAddress,
  isBetween,
  networkOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { MarkChange, NatRange, PortRange } from './rule.ts';

/** Names of ports that people write in rules (/etc/services). */
const services: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  syslog: 514,
  'domain-s': 853,
  nfs: 2049,
  mysql: 3306,
  mdns: 5353,
  postgresql: 5432,
};

export function parseText(text: string): string {
  return text;
}

export function parseWhole(text: string, most = 0xffffffff): number | undefined {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return undefined;
  const number = Number(text);
  return number <= most ? number : undefined;
}

export function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function parsePort(text: string): number | undefined {
  if (Object.hasOwn(services, text)) return services[text];
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

/** `53`, `1024:65535`, `:1023`; `separator` is `-` for targets. */
export function parsePorts(text: string, separator = ':'): PortRange | undefined {
  const [first = '', last, ...rest] = text.split(separator);
  if (rest.length > 0) return undefined;
  const from = first === '' && last !== undefined ? 0 : parsePort(first);
  const to = last === undefined ? from : last === '' ? 65_535 : parsePort(last);
  return from === undefined || to === undefined || to < from ? undefined : { from, to };
}

export function printPorts({ from, to }: PortRange, separator = ':'): string {
  return from === to ? `${from}` : `${from}${separator}${to}`;
}

/** At most 15 numbers, of which a range takes two. */
export function parsePortList(text: string): readonly PortRange[] | undefined {
  const parts = text.split(',');
  const ranges = parts.map((part) => parsePorts(part));
  const places = parts.reduce((sum, part) => sum + (part.includes(':') ? 2 : 1), 0);
  return ranges.every((range) => range !== undefined) && places <= 15 ? ranges : undefined;
}

/** Words of a comma-separated list, each among those known, in the order of those known. */
export function parseList<T extends string>(text: string, known: readonly T[]): readonly T[] | undefined {
  const words = text.split(',').map((part) => part.toUpperCase());
  const all = words.every((word) => known.some((one) => one === word));
  return all ? known.filter((one) => words.includes(one)) : undefined;
}

/** A share of packets as the kernel keeps it: units of 2^-31. */
export function parseProbability(text: string): number | undefined {
  if (!/^(0(\.\d*)?|1(\.0*)?|\.\d+)$/.test(text)) return undefined;
  return Math.round(Number(text) * 0x80000000);
}

/** `0x4000/0x4000`, decimal or hexadecimal; without a mask all bits count. */
export function parseMark(text: string): MarkChange | undefined {
  const [first = '', second, ...rest] = text.split('/');
  const value = parseWhole(first);
  const mask = second === undefined ? 0xffffffff : parseWhole(second);
  return value === undefined || mask === undefined || rest.length > 0 ? undefined : { value, mask };
}

/** `0x4000/0x4000`; a mask of all bits is left out. */
export function printMark({ value, mask }: MarkChange): string {
  return mask === 0xffffffff ? hex(value) : printMarkChange({ value, mask });
}

export function printMarkChange({ value, mask }: MarkChange): string {
  return `${hex(value)}/${hex(mask)}`;
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** An address of a family. */
export function parseAddressOf(text: string, family: AddressFamily): Address | undefined {
  const address = parseAddress(text);
  return address !== undefined && familyOf(address) === family ? address : undefined;
}

/** A network or an address as rules have them: `10.1.2.3/16`, `10.1/16`, `10.0.0.0/255.255.0.0`. Host bits are cut off. */
export function parseNetwork(text: string, family: AddressFamily): Prefix | undefined {
  const [head = '', bits, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const mask = bits?.includes('.') ? parseAddressOf(bits, 'ipv4') : undefined;
  const length = mask === undefined ? bits : maskLength(mask);
  const whole = family === 'ipv4' ? filledUp(head) : head;
  const prefix = parsePrefix(length === undefined ? whole : `${whole}/${length}`);
  if (prefix === undefined || familyOf(prefix.address) !== family) return undefined;
  return { address: networkOf(prefix.address, prefix.length), length: prefix.length };
}

/** `10.1` of old is 10.1.0.0. */
function filledUp(head: string): string {
  return /^\d{1,3}(\.\d{1,3}){0,2}$/.test(head) ? `${head}${'.0'.repeat(4 - head.split('.').length)}` : head;
}

/** A mask as the number of ones that it begins with. */
export function parseMask(text: string, family: AddressFamily): number | undefined {
  const mask = parseAddressOf(text, family);
  const ones = mask === undefined ? Number.NaN : maskLength(mask);
  return Number.isNaN(ones) ? undefined : ones;
}

export function printMask(length: number, family: AddressFamily): string {
  return formatAddress(networkOf(family === 'ipv4' ? 0xffffffff : (1n << 128n) - 1n, length));
}

/** How many ones a mask begins with; NaN where zeros stand between them, which is not modelled. */
function maskLength(mask: Address): number {
  const bits = mask.toString(2).padStart(addressBits(mask), '0');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : Number.NaN;
}

/** An address alone is printed without its length. */
export function printNetwork({ address, length }: Prefix): string {
  return length === addressBits(address) ? formatAddress(address) : `${formatAddress(address)}/${length}`;
}

/** `10.0.0.1:53`, `10.0.0.1-10.0.0.9`, `:53-60`, `[fd00::1]:53`. */
export function parseNatRange(text: string, family: AddressFamily): NatRange | undefined {
  const match = family === 'ipv4' ? /^([^:]*)(?::(.+))?$/.exec(text) : /^\[([^\]]*)\](?::(.+))?$/.exec(text);
  const [, inside, portText] = match ?? [undefined, family === 'ipv6' ? text : undefined];
  if (inside === undefined) return undefined;
  const ports = portText === undefined ? undefined : parsePorts(portText, '-');
  if (portText !== undefined && ports === undefined) return undefined;
  if (inside === '') return ports && { ports };
  const addresses = parseAddressRange(inside, family);
  return addresses && { ...addresses, ...(ports === undefined ? {} : { ports }) };
}

export function printNatRange({ from, to, ports }: NatRange): string {
  const first = from === undefined ? '' : formatAddress(from);
  const last = to === undefined || to === from ? '' : `-${formatAddress(to)}`;
  if (ports === undefined) return `${first}${last}`;
  return `${typeof from === 'bigint' ? `[${first}${last}]` : `${first}${last}`}:${printPorts(ports, '-')}`;
}

/** `10.0.0.1-10.0.0.9`, or one address. */
export function parseAddressRange(
  text: string,
  family: AddressFamily,
): { readonly from: Address; readonly to: Address } | undefined {
  const [first = '', last, ...rest] = text.split('-');
  const from = parseAddressOf(first, family);
  const to = last === undefined ? from : parseAddressOf(last, family);
  if (rest.length > 0 || from === undefined || to === undefined || !isBetween(from, from, to)) return undefined;
  return { from, to };
}

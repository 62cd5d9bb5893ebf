import { octetsOf, type Prefix, parseAddress, parsePrefix } from '../../network/address.ts';
import { type History, inRelease, since } from '../history.ts';
import type { Release } from '../releases.ts';

const transports = ['dns', 'tls', 'grpc', 'https', 'quic'] as const;
export type Transport = (typeof transports)[number];

/** What a server block's key stands for. */
export interface ZoneAddress {
  readonly transport: Transport;
  /** With final dot. */
  readonly zone: string;
  /** What of the zone is meant: a CIDR whose mask ends in the middle of an octet, before 1.8.4. */
  readonly network?: Prefix;
  readonly port: number;
}

/** Default ports beside `-dns.port`. */
const defaultPorts = { tls: 853, grpc: 443, https: 443, quic: 853 } as const;

const refusesLeadingDot = since('1.9.4'); // corefile-start-brace-glued-key
/** A name may not end in the middle of an escape. */
const refusesOpenEscape = since('1.11.4'); // miekg/dns 1.1.62
const refusesZeroCidr = since('1.8.5');
/** A mask within an octet gives all the zones that it covers; before, one zone and what is to be served of it. */
const coversNetwork = since('1.8.4');
const foldsCase: History<boolean> = since('1.14.7'); // corefile-start-zone-dup-case

/** The zones of a key (a CIDR may give several), or CoreDNS's refusal (`plugin.SplitHostPort`). */
export function readKey(
  key: string,
  dnsPort: number,
  release: Release,
): readonly ZoneAddress[] | { readonly error: string } {
  const scheme = /^([a-z]+):\/\//.exec(key)?.[1];
  const transport = transports.find((name) => name === scheme) ?? 'dns';
  const split = splitHostPort(scheme === transport ? key.slice(scheme.length + 3) : key, release);
  if ('error' in split) return split;
  const port = split.port ?? (transport === 'dns' ? dnsPort : defaultPorts[transport]);
  const fold = inRelease(foldsCase, release.name);
  return split.hosts.map((host) => ({
    transport,
    zone: absolute(fold ? host.toLowerCase() : host),
    ...(split.network !== undefined && { network: split.network }),
    port,
  }));
}

/** A zone argument of a plugin in the form in which names are compared (`plugin.Normalize`); undefined: it is no name. */
export function normalizeZones(argument: string, release: Release): readonly string[] | undefined {
  const keys = readKey(argument, 53, release);
  return 'error' in keys ? undefined : keys.map(({ zone }) => zone.toLowerCase());
}

export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

function splitHostPort(
  text: string,
  release: Release,
): { hosts: readonly string[]; network?: Prefix; port?: number } | { error: string } {
  const colon = text.lastIndexOf(':');
  if (colon === text.length - 1) return { error: `expecting data after last colon: ${JSON.stringify(text)}` };
  const digits = colon < 0 ? undefined : /^[+-]?\d+$/.exec(text.slice(colon + 1))?.[0];
  const host = digits === undefined ? text : text.slice(0, colon);
  if (host.length > 255) return { error: `specified zone is too long: ${host.length} > 255` };
  if (!isDomainName(host, release)) return { error: `zone is not a valid domain name: ${host}` };
  const ports = digits === undefined ? {} : { port: Number(digits) };
  const zones = reverseZones(host);
  if (zones !== undefined && !inRelease(coversNetwork, release.name)) {
    const network = parsePrefix(host);
    const within = network !== undefined && network.length % 8 !== 0;
    return { hosts: [lowestZone(host)], ...(within && { network }), ...ports };
  }
  if (zones !== undefined && /^(:|0.*:)/.test(host) && inRelease(refusesZeroCidr, release.name)) {
    return { error: `invalid CIDR ${host}` };
  }
  return { hosts: zones ?? [host], ...ports };
}

function isDomainName(name: string, release: Release): boolean {
  if (name === '.') return true;
  if (/(^|[^\\])(\\\\)*\\$/.test(name) && inRelease(refusesOpenEscape, release.name)) return false;
  const labels = name.replace(/\.$/, '').split('.');
  if (labels[0] === '' && labels.length > 1 && !inRelease(refusesLeadingDot, release.name)) labels.shift();
  return labels.every((label) => label !== '' && label.length <= 63);
}

/** `10.9.0.0/24` as `0.9.10.in-addr.arpa.`; a mask inside an octet (a nibble, for IPv6) gives several zones. */
export function reverseZones(cidr: string): readonly string[] | undefined {
  const [, address = '', mask = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const bits = Number(mask);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    const octets = address.split('.').map(Number);
    return bits <= 32 && octets.every((octet) => octet <= 255)
      ? zonesOf(octets, 8, bits, 10, 'in-addr.arpa.')
      : undefined;
  }
  const nibbles = nibblesOf(address);
  return nibbles === undefined || bits > 128 ? undefined : zonesOf(nibbles, 4, bits, 16, 'ip6.arpa.');
}

/** The one zone of a CIDR before 1.8.4: where the mask is not whole octets, more labels are taken off than it leaves free. */
function lowestZone(cidr: string): string {
  const [address = '', mask] = cidr.split('/');
  const nibbles = nibblesOf(address);
  const [digits, width, radix, suffix] =
    nibbles === undefined ? [address.split('.').map(Number), 8, 10, 'in-addr.arpa.'] : [nibbles, 4, 16, 'ip6.arpa.'];
  const free = digits.length * width - Number(mask);
  const taken = Math.floor((free + (free % width)) / width);
  const kept = digits.slice(0, digits.length - taken).reverse();
  return [...kept.map((digit) => digit.toString(radix)), suffix].join('.');
}

function zonesOf(digits: readonly number[], width: number, bits: number, radix: number, suffix: string): string[] {
  const whole = Math.ceil(bits / width);
  const free = whole * width - bits;
  const kept = digits.slice(0, whole);
  const last = kept.pop();
  const first = last === undefined ? 0 : last - (last % 2 ** free);
  const lasts = last === undefined ? [] : Array.from({ length: 2 ** free }, (_, i) => first + i);
  const zone = (list: readonly number[]) =>
    [...[...list].reverse().map((digit) => digit.toString(radix)), suffix].join('.');
  return last === undefined ? [zone([])] : lasts.map((end) => zone([...kept, end]));
}

/** The 32 hexadecimal digits of an IPv6 address; undefined: it is none. */
export function nibblesOf(text: string): number[] | undefined {
  const address = parseAddress(text);
  return typeof address === 'bigint' ? octetsOf(address).flatMap((octet) => [octet >> 4, octet & 15]) : undefined;
}

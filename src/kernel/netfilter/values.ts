import { type AddressFamily, familyOf, networkOf, type Prefix, parsePrefix } from '../../network/address.ts';
import type { AddressType, CtStateName, NatRange, PortRange, ProtocolName, RejectWith } from './rule.ts';

export const ctStates: readonly CtStateName[] = [
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'INVALID',
  'UNTRACKED',
  'SNAT',
  'DNAT',
];
export const addressTypes: readonly AddressType[] = [
  'LOCAL',
  'UNICAST',
  'BROADCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
];
export const tcpFlags: readonly string[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

const transports: Readonly<Record<string, ProtocolName>> = { udp: 'udp', '17': 'udp', tcp: 'tcp', '6': 'tcp' };
const protocols: Readonly<Record<AddressFamily, Readonly<Record<string, ProtocolName>>>> = {
  ipv4: { ...transports, icmp: 'icmp', '1': 'icmp' },
  ipv6: { ...transports, icmpv6: 'ipv6-icmp', 'ipv6-icmp': 'ipv6-icmp', '58': 'ipv6-icmp' },
};

/** Long and short words of `--reject-with`. */
const rejectWords: Readonly<Record<AddressFamily, Readonly<Record<string, RejectWith>>>> = {
  ipv4: {
    'icmp-net-unreachable': 'icmp-net-unreachable',
    'net-unreach': 'icmp-net-unreachable',
    'icmp-host-unreachable': 'icmp-host-unreachable',
    'host-unreach': 'icmp-host-unreachable',
    'icmp-port-unreachable': 'icmp-port-unreachable',
    'port-unreach': 'icmp-port-unreachable',
    'icmp-proto-unreachable': 'icmp-proto-unreachable',
    'proto-unreach': 'icmp-proto-unreachable',
    'icmp-net-prohibited': 'icmp-net-prohibited',
    'net-prohib': 'icmp-net-prohibited',
    'icmp-host-prohibited': 'icmp-host-prohibited',
    'host-prohib': 'icmp-host-prohibited',
    'icmp-admin-prohibited': 'icmp-admin-prohibited',
    'admin-prohib': 'icmp-admin-prohibited',
    'tcp-reset': 'tcp-reset',
  },
  ipv6: {
    'icmp6-no-route': 'icmp6-no-route',
    'no-route': 'icmp6-no-route',
    'icmp6-adm-prohibited': 'icmp6-adm-prohibited',
    'adm-prohibited': 'icmp6-adm-prohibited',
    'icmp6-addr-unreachable': 'icmp6-addr-unreachable',
    'addr-unreach': 'icmp6-addr-unreachable',
    'icmp6-port-unreachable': 'icmp6-port-unreachable',
    'port-unreach': 'icmp6-port-unreachable',
    'icmp6-policy-fail': 'icmp6-policy-fail',
    'policy-fail': 'icmp6-policy-fail',
    'icmp6-reject-route': 'icmp6-reject-route',
    'reject-route': 'icmp6-reject-route',
    'tcp-reset': 'tcp-reset',
  },
};

/** Names of ports that people write in rules. */
const services: Readonly<Record<string, number>> = { domain: 53, http: 80, https: 443 };

export function parseProtocol(text: string, family: AddressFamily = 'ipv4'): ProtocolName | undefined {
  return Object.hasOwn(protocols[family], text) ? protocols[family][text] : undefined;
}

export function parseRejectWith(text: string, family: AddressFamily): RejectWith | undefined {
  return Object.hasOwn(rejectWords[family], text) ? rejectWords[family][text] : undefined;
}

/** An address of a family, or a network of them. */
export function parseNetwork(text: string, family: AddressFamily): Prefix | undefined {
  const prefix = parsePrefix(text);
  if (prefix === undefined || familyOf(prefix.address) !== family) return undefined;
  return { address: networkOf(prefix.address, prefix.length), length: prefix.length };
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

export function parsePortList(text: string): readonly PortRange[] | undefined {
  const ranges = text.split(',').map((part) => parsePorts(part));
  return ranges.every((range) => range !== undefined) && ranges.length <= 15 ? ranges : undefined;
}

/** Words of a comma-separated list, each among those known. */
export function parseList<T extends string>(text: string, known: readonly T[]): readonly T[] | undefined {
  const words = text.split(',').map((part) => known.find((k) => k === part));
  return words.every((word) => word !== undefined) ? words : undefined;
}

/** Addresses, and ports behind a colon. */
const natRanges: Readonly<Record<AddressFamily, RegExp>> = {
  ipv4: /^([^:]*)(?::(.+))?$/,
  ipv6: /^(?:\[(.*)\](?::(.+))?|([^[\]]+))$/,
};

/** A share of packets as the kernel keeps it: units of 2^-31. */
export function parseProbability(text: string): number | undefined {
  if (!/^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(text)) return undefined;
  return Math.round(Number(text) * 0x80000000);
}

function parseNumber32(text: string): number | undefined {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffffffff ? value : undefined;
}

/** `0x4000/0x4000`, decimal or hexadecimal; without a mask all bits count. */
export function parseMark(text: string): { readonly value: number; readonly mask: number } | undefined {
  const [first = '', second, ...rest] = text.split('/');
  const value = parseNumber32(first);
  const mask = second === undefined ? 0xffffffff : parseNumber32(second);
  return value === undefined || mask === undefined || rest.length > 0 ? undefined : { value, mask };
}

export function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `10.0.0.1:53`, `10.0.0.1-10.0.0.9`, `:53-60`; of IPv6 `fd00::1-fd00::9`, `[fd00::1]:53`. */
export function parseNatRange(text: string, family: AddressFamily): NatRange | undefined {
  const match = natRanges[family].exec(text);
  if (match === null) return undefined;
  const [, withPorts, portText, alone] = match;
  const [first = '', last, ...more] = (withPorts ?? alone ?? '').split('-');
  const parse = (word: string) => parseNetwork(`${word}/${family === 'ipv4' ? 32 : 128}`, family)?.address;
  const from = parse(first);
  const to = last === undefined ? from : parse(last);
  if (more.length > 0) return undefined;
  const ports = portText === undefined ? undefined : parsePorts(portText, '-');
  if ((first !== '' || last !== undefined) && (from === undefined || to === undefined || to < from)) return undefined;
  if (portText !== undefined && ports === undefined) return undefined;
  if (from === undefined && ports === undefined) return undefined;
  return { ...(from === undefined || to === undefined ? {} : { from, to }), ...(ports === undefined ? {} : { ports }) };
}

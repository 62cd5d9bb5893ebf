import { type Micros, second } from '../../engine/time.ts';
import { formatAddress } from '../../network/address.ts';
import { jiffies } from '../jiffies.ts';
import type { Connection } from './connection.ts';

/** Protocol numbers, as conntrack prints them. */
const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** Of `-o extended`, by whether it is IPv6. */
const families = { false: 'ipv4     2', true: 'ipv6     10' } as const;

/** An entry as records hold it. */
export interface EntryFields {
  /** udp, tcp, icmp or icmpv6. */
  readonly protocol: string;
  readonly state: string;
  /** Seconds; NaN: not printed. */
  readonly timeout: number;
  readonly originalSource: string;
  /** Of an ICMP echo: its identifier. */
  readonly originalSourcePort: number;
  readonly originalDestination: string;
  /** Of an ICMP echo: 256 times its type. */
  readonly originalDestinationPort: number;
  readonly replySource: string;
  readonly replySourcePort: number;
  readonly replyDestination: string;
  readonly replyDestinationPort: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly id: number;
  /** Absent: 0, or not recorded. */
  readonly mark?: number;
}

/** Columns of `-o`. */
export interface EntryOutput {
  readonly extended?: boolean;
  readonly id?: boolean;
  /** Of an event: did a process ask for it? */
  readonly userspace?: boolean;
}

/** An entry's columns in records. */
export function entryFields(connection: Connection, now: Micros): EntryFields {
  const { original, reply } = connection;
  const isIcmpv6 = original.protocol === 'icmp' && typeof original.source === 'bigint';
  return {
    protocol: isIcmpv6 ? 'icmpv6' : original.protocol,
    state: connection.state === 'NONE' ? '' : connection.state,
    timeout: Math.max(0, Math.floor((jiffies(connection.expires) - jiffies(now)) / jiffies(second))),
    originalSource: formatAddress(original.source),
    originalSourcePort: original.sourcePort,
    originalDestination: formatAddress(original.destination),
    originalDestinationPort: original.destinationPort,
    replySource: formatAddress(reply.source),
    replySourcePort: reply.sourcePort,
    replyDestination: formatAddress(reply.destination),
    replyDestinationPort: reply.destinationPort,
    seenReply: connection.seenReply,
    assured: connection.assured,
    id: connection.id,
    ...(connection.mark === 0 ? {} : { mark: connection.mark }),
  };
}

/** `[UNREPLIED]`, `[ASSURED]`, both or none. */
export function entryFlags(entry: Pick<EntryFields, 'seenReply' | 'assured'>): string[] {
  return [...(entry.seenReply ? [] : ['UNREPLIED']), ...(entry.assured ? ['ASSURED'] : [])];
}

/** `sport=… dport=…`, or of an echo `type=8 code=0 id=…`. */
function portsText(protocol: string, source: number, destination: number): string {
  if (protocol !== 'icmp' && protocol !== 'icmpv6') return `sport=${source} dport=${destination}`;
  return `type=${destination >> 8} code=${destination & 255} id=${source}`;
}

/** `udp      17 29 src=… dst=… sport=… dport=… [UNREPLIED] src=… …`, as conntrack prints an entry. */
function entryText(entry: EntryFields, { extended = false }: EntryOutput): string {
  const { protocol } = entry;
  const isIpv6 = entry.originalSource.includes(':');
  const words = [
    ...(extended ? [families[`${isIpv6}`]] : []),
    `${protocol.padEnd(8)} ${protocolNumbers[protocol] ?? 0}`,
    ...(Number.isNaN(entry.timeout) ? [] : [`${entry.timeout}`]),
    ...(entry.state === '' ? [] : [entry.state]),
    `src=${entry.originalSource} dst=${entry.originalDestination}`,
    portsText(protocol, entry.originalSourcePort, entry.originalDestinationPort),
    ...(entry.seenReply ? [] : ['[UNREPLIED]']),
    `src=${entry.replySource} dst=${entry.replyDestination}`,
    portsText(protocol, entry.replySourcePort, entry.replyDestinationPort),
    ...(entry.assured ? ['[ASSURED]'] : []),
  ];
  return words.join(' ');
}

function idText(entry: EntryFields, { id = false }: EntryOutput): string {
  return id ? ` id=${entry.id}` : '';
}

/** A line of `conntrack -L`. */
export function listLine(entry: EntryFields, output: EntryOutput = {}): string {
  return `${entryText(entry, output)} mark=${entry.mark ?? 0} use=1${idText(entry, output)}`;
}

/** A line of `conntrack -L -o save`. */
export function saveLine(entry: EntryFields): string {
  const { protocol } = entry;
  const isEcho = protocol === 'icmp' || protocol === 'icmpv6';
  const status = [...(entry.seenReply ? ['SEEN_REPLY'] : []), ...(entry.assured ? ['ASSURED'] : [])].join(',');
  const ports = isEcho
    ? `--icmp-type ${entry.originalDestinationPort >> 8} --icmp-code 0 --icmp-id ${entry.originalSourcePort}`
    : `--sport ${entry.originalSourcePort} --dport ${entry.originalDestinationPort} --reply-port-src ${entry.replySourcePort} --reply-port-dst ${entry.replyDestinationPort}`;
  const words = [
    `-A -t ${entry.timeout} -u ${status === '' ? 'UNSET' : status}`,
    `-s ${entry.originalSource} -d ${entry.originalDestination}`,
    `-r ${entry.replySource} -q ${entry.replyDestination} -p ${protocol} ${ports}`,
    ...(entry.state === '' ? [] : [`--state ${entry.state}`]),
  ];
  return words.join(' ');
}

/** The port of the netlink socket that deleted an entry; which process that was is not modelled. */
const netlinkPort = 4200;

/** A line of `conntrack -E`, as conntrack-tools 1.4.7 print it. */
export function eventLine(type: string, entry: EntryFields, output: EntryOutput = {}): string {
  const asked = output.userspace === true ? ` [USERSPACE] portid=${netlinkPort}` : '';
  const mark = entry.mark === undefined ? '' : ` mark=${entry.mark}`;
  return `${`[${type}]`.padStart(9)} ${entryText(entry, output)}${mark}${idText(entry, output)}${asked}`;
}

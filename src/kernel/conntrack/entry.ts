import { type Micros, second } from '../../engine/time.ts';
import { formatAddress } from '../../network/address.ts';
import { jiffies } from '../jiffies.ts';
import type { Connection } from './connection.ts';

/** Protocol numbers, as conntrack prints them. */
const protocolNumbers = { tcp: 6, udp: 17 } as const;

/** An entry's columns in records. */
export function entryFields(connection: Connection, now: Micros) {
  const { original, reply } = connection;
  return {
    protocol: original.protocol,
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
  };
}

/** An entry as records hold it. `timeout` in seconds; NaN: not printed. */
export type EntryFields = ReturnType<typeof entryFields>;

/** `[UNREPLIED]`, `[ASSURED]`, both or none. */
export function entryFlags(entry: Pick<EntryFields, 'seenReply' | 'assured'>): string[] {
  return [...(entry.seenReply ? [] : ['UNREPLIED']), ...(entry.assured ? ['ASSURED'] : [])];
}

/** `udp      17 29 src=… dst=… sport=… dport=… [UNREPLIED] src=… …`, as conntrack prints an entry. */
function entryText(entry: EntryFields): string {
  const words = [
    `${entry.protocol.padEnd(8)} ${protocolNumbers[entry.protocol]}`,
    ...(Number.isNaN(entry.timeout) ? [] : [`${entry.timeout}`]),
    ...(entry.state === '' ? [] : [entry.state]),
    `src=${entry.originalSource} dst=${entry.originalDestination}`,
    `sport=${entry.originalSourcePort} dport=${entry.originalDestinationPort}`,
    ...(entry.seenReply ? [] : ['[UNREPLIED]']),
    `src=${entry.replySource} dst=${entry.replyDestination}`,
    `sport=${entry.replySourcePort} dport=${entry.replyDestinationPort}`,
    ...(entry.assured ? ['[ASSURED]'] : []),
  ];
  return words.join(' ');
}

/** A line of `conntrack -L`. */
export function listLine(entry: EntryFields): string {
  return `${entryText(entry)} mark=0 use=1`;
}

/** A line of `conntrack -E`, without what conntrack-tools from 1.4.8 on tell of the process that deleted an entry. */
export function eventLine(type: string, entry: EntryFields): string {
  return `${`[${type}]`.padStart(9)} ${entryText(entry)}`;
}

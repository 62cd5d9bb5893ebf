import type { ColumnStore } from '../../../src/engine/columns.ts';
import type { Connection } from '../../../src/kernel/conntrack/connection.ts';
import { type EntryFields, entryFields, entryFlags, eventLine, listLine } from '../../../src/kernel/conntrack/entry.ts';
import { conntrackEvent, type PacketFields, packetSent } from '../../../src/kernel/records.ts';

type Observed = Readonly<Record<string, unknown>>;
type TimedRow = Observed & { readonly t: number };

/** An entry in the shape of the recordings. */
export function entryRow(entry: EntryFields, raw: string, extra: readonly string[] = []): Observed {
  return {
    raw,
    proto: entry.protocol,
    ...(entry.state === '' ? {} : { state: entry.state }),
    ...(Number.isNaN(entry.timeout) ? {} : { timeout: entry.timeout }),
    orig: {
      src: entry.originalSource,
      dst: entry.originalDestination,
      sport: `${entry.originalSourcePort}`,
      dport: `${entry.originalDestinationPort}`,
    },
    reply: {
      src: entry.replySource,
      dst: entry.replyDestination,
      sport: `${entry.replySourcePort}`,
      dport: `${entry.replyDestinationPort}`,
    },
    flags: [...entryFlags(entry), ...extra],
    id: `${entry.id}`,
  };
}

/** `conntrack -L` now. */
export function listRow(connections: readonly Connection[], now: number): readonly Observed[] {
  return connections.map((connection) => {
    const fields = entryFields(connection, now);
    return entryRow(fields, listLine(fields));
  });
}

/** What `conntrack -E` printed on a host. `time` turns microseconds into the recording's seconds. */
export function eventRows(store: ColumnStore, host: string, time: (t: number) => number): TimedRow[] {
  const rows: TimedRow[] = [];
  for (const row of store.rows(conntrackEvent)) {
    if (row.at !== host || (row.protocol !== 'udp' && row.protocol !== 'tcp')) continue;
    const deleted = row.cause === 'deleted';
    const raw = `${eventLine(row.type, row)}${deleted ? ' [USERSPACE]' : ''}`;
    rows.push({
      t: time(row.t),
      ev: 'ct-event',
      ns: host,
      type: row.type,
      ...entryRow(row, raw, deleted ? ['USERSPACE'] : []),
    });
  }
  return rows;
}

/** A line of tcpdump. */
export interface PacketRow extends Observed {
  readonly t: number;
  readonly dev: string;
  readonly dir: string;
  readonly pkt: string;
}

/** What tcpdump saw on a host: what left it, and what others sent to it. `portOf`: of a bridge, towards another host. */
export function packetRows(
  store: ColumnStore,
  host: string,
  portOf: (device: string, other: string) => string | undefined,
  time: (t: number) => number,
): PacketRow[] {
  const rows: PacketRow[] = [];
  const entries = [...store.rows(conntrackEvent)].filter((row) => row.at === host && row.type === 'NEW');
  for (const row of store.rows(packetSent)) {
    // tcpdump shows a looped packet once, as it comes in.
    const out = row.at === host && row.device !== 'lo';
    if (!out && row.to !== host) continue;
    const device = out ? row.device : row.toDevice;
    const port = portOf(device, out ? row.to : row.at);
    const common = { t: time(row.t), ev: 'pcap', ns: host, dir: out ? 'Out' : 'In' };
    const pkt = packetText(row);
    if (port !== undefined && !out) rows.push({ ...common, dev: port, pkt });
    rows.push({
      ...common,
      dev: device,
      pkt: port === undefined || out ? pkt : packetText(untranslated(row, entries)),
    });
    if (port !== undefined && out) rows.push({ ...common, dev: port, pkt });
  }
  return rows;
}

interface EntryTuples {
  readonly originalSource: string;
  readonly originalSourcePort: number;
  readonly replySource: string;
  readonly replySourcePort: number;
  readonly replyDestination: string;
  readonly replyDestinationPort: number;
}

/**
 * A packet that came in by a bridge as the bridge itself shows it: br_netfilter runs PREROUTING at the port, so that the
 * answer to what was masqueraded has its own destination again. The last entry with its tuple is its flow.
 */
function untranslated(packet: PacketFields, entries: readonly EntryTuples[]): PacketFields {
  const flow = entries.findLast(
    (entry) =>
      entry.replySource === packet.source &&
      entry.replyDestination === packet.destination &&
      (packet.protocol === 'icmp' ||
        (entry.replySourcePort === packet.sourcePort && entry.replyDestinationPort === packet.destinationPort)),
  );
  if (flow === undefined) return packet;
  const destinationPort = packet.protocol === 'icmp' ? packet.destinationPort : flow.originalSourcePort;
  const { protocol, source, sourcePort, size, detail } = packet;
  return { protocol, source, sourcePort, destination: flow.originalSource, destinationPort, size, detail };
}

/** As `tcpdump -n -q` prints it. */
function packetText(packet: PacketFields): string {
  const { protocol, source, destination, size, detail } = packet;
  if (source.includes(':')) return packet6Text(packet);
  if (protocol === 'icmp') return `IP ${source} > ${destination}: ICMP ${detail}, length ${size}`;
  if (detail.startsWith('ip-proto')) return `IP ${source} > ${destination}: ${detail}`;
  const ends = `IP ${source}.${packet.sourcePort} > ${destination}.${packet.destinationPort}`;
  return protocol === 'udp' ? `${ends}: UDP, length ${size}` : `${ends}: tcp ${size}`;
}

function packet6Text(packet: PacketFields): string {
  const { protocol, source, sourcePort, destination, destinationPort, size, detail } = packet;
  const between = `IP6 ${source} > ${destination}:`;
  if (protocol === 'icmp') return `${between} ICMP6, ${detail}${detail.includes('unknown') ? '' : `, length ${size}`}`;
  const fragment = detail.startsWith('frag');
  if (fragment && sourcePort === 0) return `${between} ${detail}`;
  const what = protocol === 'udp' ? `UDP, length ${size}` : `tcp ${size}`;
  return fragment
    ? `${between} ${detail} ${sourcePort} > ${destinationPort}: ${what}`
    : `IP6 ${source}.${sourcePort} > ${destination}.${destinationPort}: ${what}`;
}

import type { ColumnStore } from '../../../src/engine/columns.ts';
import type { Connection } from '../../../src/kernel/conntrack/connection.ts';
import { type EntryFields, entryFields, entryFlags, eventLine, listLine } from '../../../src/kernel/conntrack/entry.ts';
import { conntrackEvent, packetSent } from '../../../src/kernel/records.ts';

type Observed = Readonly<Record<string, unknown>>;

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
export function eventRows(store: ColumnStore, host: string, time: (t: number) => number): Observed[] {
  const rows: Observed[] = [];
  for (const row of store.rows(conntrackEvent)) {
    if (row.at !== host || (row.protocol !== 'udp' && row.protocol !== 'tcp')) continue;
    const fields: EntryFields = { ...row, protocol: row.protocol };
    const deleted = row.cause === 'deleted';
    const raw = `${eventLine(row.type, fields)}${deleted ? ' [USERSPACE]' : ''}`;
    rows.push({
      t: time(row.t),
      ev: 'ct-event',
      ns: host,
      type: row.type,
      ...entryRow(fields, raw, deleted ? ['USERSPACE'] : []),
    });
  }
  return rows;
}

/** What tcpdump saw on a host: what left it, and what others sent to it. `ports`: a bridge's port by the bridge's name. */
export function packetRows(
  store: ColumnStore,
  host: string,
  ports: ReadonlyMap<string, string>,
  time: (t: number) => number,
): Observed[] {
  const rows: Observed[] = [];
  for (const row of store.rows(packetSent)) {
    // tcpdump shows a looped packet once, as it comes in.
    const out = row.at === host && row.device !== 'lo';
    if (!out && row.to !== host) continue;
    const device = out ? row.device : row.toDevice;
    const port = ports.get(device);
    const pkt = packetText(row);
    for (const dev of port === undefined ? [device] : [device, port])
      rows.push({ t: time(row.t), ev: 'pcap', ns: host, dev, dir: out ? 'Out' : 'In', pkt });
  }
  return rows;
}

interface PacketColumns {
  readonly protocol: string;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly size: number;
  readonly detail: string;
}

/** As `tcpdump -n -q` prints it. */
function packetText(packet: PacketColumns): string {
  const { protocol, source, destination, size, detail } = packet;
  if (protocol === 'icmp') return `IP ${source} > ${destination}: ICMP ${detail}, length ${size}`;
  if (detail.startsWith('ip-proto')) return `IP ${source} > ${destination}: ${detail}`;
  const ends = `IP ${source}.${packet.sourcePort} > ${destination}.${packet.destinationPort}`;
  return protocol === 'udp' ? `${ends}: UDP, length ${size}` : `${ends}: tcp ${size}`;
}

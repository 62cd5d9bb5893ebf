/** One line of a kernel recording: its kind, its time in seconds, and whatever else that kind has. */
export interface Row {
  readonly ev: string;
  readonly t: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The rows of a recording, in order of time; anything else is left out. */
export function readRows(recording: unknown): Row[] {
  if (!Array.isArray(recording)) return [];
  const rows: Row[] = [];
  for (const row of recording) {
    if (!isObject(row) || typeof row.ev !== 'string' || typeof row.t !== 'number') continue;
    rows.push({ ev: row.ev, t: row.t, fields: row });
  }
  return rows.sort((a, b) => a.t - b.t);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(row: Row, name: string): string {
  const value = row.fields[name];
  return typeof value === 'string' ? value : '';
}

export function number(row: Row, name: string): number | undefined {
  const value = row.fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** A packet as tcpdump showed it on the node: `IP 10.244.1.10.40001 > 10.96.0.10.53: UDP, length 33`. */
export interface SeenPacket {
  readonly t: number;
  readonly device: string;
  readonly direction: string;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly protocol: 'udp' | 'tcp';
  readonly size: number;
}

export function seenPackets(rows: readonly Row[]): SeenPacket[] {
  const seen: SeenPacket[] = [];
  for (const row of rows) {
    if (row.ev !== 'pcap') continue;
    const match = /^IP6? ([\da-f.:]+)\.(\d+) > ([\da-f.:]+)\.(\d+): (?:UDP, length|tcp) (\d+)/.exec(text(row, 'pkt'));
    if (match === null) continue;
    const [all, source = '', sourcePort, destination = '', destinationPort, size] = match;
    seen.push({
      t: row.t,
      device: text(row, 'dev'),
      direction: text(row, 'dir'),
      source,
      sourcePort: Number(sourcePort),
      destination,
      destinationPort: Number(destinationPort),
      protocol: all.includes(': tcp ') ? 'tcp' : 'udp',
      size: Number(size),
    });
  }
  return seen;
}

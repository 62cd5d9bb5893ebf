import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import type { PacketFields } from '../kernel/records.ts';
import type { RowOf, TraceRecord } from './records.ts';

type Sent = RowOf<'packet.sent'>;
/** What the records say about packets, in the order written. */
export type PacketRow =
  | { readonly what: 'sent'; readonly row: Sent }
  | { readonly what: 'delivered'; readonly row: RowOf<'packet.delivered'> }
  | { readonly what: 'dropped'; readonly row: RowOf<'packet.dropped'> }
  | { readonly what: 'lost'; readonly row: RowOf<'packet.lost'> };

/** What a record says about a packet: one row, or none. */
export function packetRow({ kind, row }: TraceRecord): PacketRow[] {
  switch (kind) {
    case 'packet.sent':
      return [{ what: 'sent', row }];
    case 'packet.delivered':
      return [{ what: 'delivered', row }];
    case 'packet.dropped':
      return [{ what: 'dropped', row }];
    case 'packet.lost':
      return [{ what: 'lost', row }];
    default:
      return [];
  }
}

/** A packet's way over one wire. */
export interface Hopping {
  readonly kind: 'hop';
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly from: string;
  readonly to: string;
  /** Is it on the way that the strand's first packet went? */
  readonly forth: boolean;
  readonly lost: boolean;
  readonly protocol: string;
  readonly detail: string;
  readonly size: number;
}

/** Addresses of a packet changed in a host. */
export interface Rewriting {
  readonly kind: 'rewrite';
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly at: string;
  readonly forth: boolean;
  readonly before: PacketFields;
  readonly after: PacketFields;
}

/** A packet ended in a host. */
export interface Ending {
  readonly kind: 'end';
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly at: string;
  readonly cause: string;
}

export type PacketStep = Hopping | Rewriting | Ending;

/** The ways of packets, wire by wire, with what hosts changed in them on the way. */
export function packetSteps(rows: readonly PacketRow[]): PacketStep[] {
  const steps: PacketStep[] = [];
  const lost = new Set(rows.filter(({ what }) => what === 'lost').map(({ row }) => `${row.trace} ${row.at} ${row.t}`));
  const arrived = new Map<TraceId, Sent[]>();
  const firstPort = new Map<TraceId, number>();
  for (const { what, row } of rows) {
    if (what === 'lost') continue;
    const { t, seq, trace, at } = row;
    if (what === 'sent') {
      const first = firstPort.get(trace) ?? row.destinationPort;
      firstPort.set(trace, first);
      const forth = row.protocol !== 'icmp' && row.destinationPort === first;
      const before = take(arrived, trace, at, row.protocol);
      if (before !== undefined && isTranslated(before, row)) {
        steps.push({ kind: 'rewrite', t, seq: seq - 0.5, trace, at, forth, before, after: row });
      }
      const { to, protocol, detail, size } = row;
      const isLost = lost.size > 0 && lost.has(`${trace} ${at} ${t}`);
      steps.push({ kind: 'hop', t, seq, trace, from: at, to, forth, lost: isLost, protocol, detail, size });
      if (!isLost) arrived.set(trace, [...(arrived.get(trace) ?? []), row]);
    } else {
      const before = take(arrived, trace, at, row.protocol);
      if (before !== undefined && isTranslated(before, row)) {
        const forth = row.protocol !== 'icmp' && before.destinationPort === firstPort.get(trace);
        steps.push({ kind: 'rewrite', t, seq: seq - 0.5, trace, at, forth, before, after: row });
      }
      if (what === 'dropped') steps.push({ kind: 'end', t, seq, trace, at, cause: row.cause });
    }
  }
  return steps;
}

/** An answer of the host's own is no translation of what it answers. */
function isTranslated(before: PacketFields, after: PacketFields): boolean {
  if (before.source === after.destination && before.destination === after.source) return false;
  return before.source !== after.source || before.destination !== after.destination;
}

/** The packet of a strand that is on its way to a host: the first of them. */
function take(flying: Map<TraceId, Sent[]>, trace: TraceId, host: string, protocol: string): Sent | undefined {
  const packets = flying.get(trace) ?? [];
  const index = packets.findIndex((packet) => packet.to === host && packet.protocol === protocol);
  return index < 0 ? undefined : packets.splice(index, 1)[0];
}

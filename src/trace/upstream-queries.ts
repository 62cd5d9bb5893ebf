import { attemptRecord, healthRecord } from '../coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { serverQuery } from '../servers/records.ts';

/** One attempt of a forward plugin at an upstream. */
export interface UpstreamQuery {
  /** The trace is that of the query which it was made for. */
  readonly header: RecordHeader;
  /** When it was sent. */
  readonly sentAt: Micros;
  /** Address and port of the upstream. */
  readonly to: string;
  readonly protocol: string;
  /** `cut`: a part of a reply was handed on as an empty one with TC; `failed`: no reply that CoreDNS could use. */
  readonly outcome: 'answered' | 'cut' | 'failed';
  /** CoreDNS's text where it failed with one. */
  readonly error: string;
  /** Octets that a reply by UDP may have. */
  readonly room: number;
  /** Octets of the reply as the upstream sent it; NaN: none is known. */
  readonly replySize: number;
}

/** A probe of an upstream's health. */
export interface Probe {
  /** The trace descends from that of the query whose failure began the probes. */
  readonly header: RecordHeader;
  readonly sentAt: Micros;
  readonly to: string;
  /** Whose NS records it asks for. */
  readonly name: string;
  readonly answered: boolean;
}

/** What CoreDNS asked its upstreams, in order. */
export interface UpstreamQueries {
  readonly queries: readonly UpstreamQuery[];
  readonly probes: readonly Probe[];
}

/** Reads what CoreDNS asked out of the records of a run. */
export function readUpstreamQueries(store: ColumnStore): UpstreamQueries {
  const sizes = new Map<TraceId, number>();
  for (const { trace, size } of store.rows(serverQuery)) sizes.set(trace, size);
  const queries = [...store.rows(attemptRecord)].map((row) => ({
    header: row,
    sentAt: sentAt(row),
    to: row.to,
    protocol: row.protocol,
    outcome: outcomeOf(row.outcome),
    error: row.error,
    room: row.room,
    replySize: sizes.get(row.upstream) ?? Number.NaN,
  }));
  const probes = [...store.rows(healthRecord)]
    .filter(({ state }) => state !== 'probing')
    .map((row) => ({ header: row, sentAt: sentAt(row), to: row.to, name: row.name, answered: row.state === 'up' }));
  return { queries, probes };
}

/** The strands of CoreDNS's probes of its upstreams. */
export function probesIn(store: ColumnStore): ReadonlySet<TraceId> {
  return new Set([...store.rows(healthRecord)].map(({ trace }) => trace));
}

function sentAt({ t, seconds }: { readonly t: Micros; readonly seconds: number }): Micros {
  return t - Math.round(seconds * second);
}

function outcomeOf(outcome: string): UpstreamQuery['outcome'] {
  return outcome === 'answered' || outcome === 'cut' ? outcome : 'failed';
}

/** A reply that was longer than the receiver's buffer, which cut it where no record ends. */
export function wasCut({ error, replySize, room, protocol }: UpstreamQuery): boolean {
  return protocol === 'udp' && error.startsWith('dns: ') && replySize > room;
}

/** CoreDNS's text of an error without the end points of the connection. */
export function withoutEnds(error: string): string {
  return error.replace(/^(read|write|dial) (udp|tcp) \S+: /, '');
}

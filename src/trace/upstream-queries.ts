import { attemptRecord, healthRecord } from '../coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
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
  /** CoreDNS's text; empty: answered. */
  readonly error: string;
  /** Octets that a reply by UDP may have. */
  readonly room: number;
  /** Octets of the reply as the upstream sent it; NaN: none is known. */
  readonly replySize: number;
}

/** A probe of an upstream that was answered or not. */
export interface Probe {
  readonly at: Micros;
  readonly to: string;
  readonly answered: boolean;
}

/** What CoreDNS asked its upstreams, in order. */
export interface UpstreamQueries {
  readonly queries: readonly UpstreamQuery[];
  readonly probes: readonly Probe[];
}

export function readUpstreamQueries(store: ColumnStore): UpstreamQueries {
  const sizes = new Map<TraceId, number>();
  for (const { trace, size } of store.rows(serverQuery)) sizes.set(trace, size);
  const queries = [...store.rows(attemptRecord)].map(({ to, protocol, error, room, upstream, seconds, ...header }) => ({
    header,
    sentAt: header.t - Math.round(seconds * 1e6),
    to,
    protocol,
    error,
    room,
    replySize: sizes.get(upstream) ?? Number.NaN,
  }));
  const probes = [...store.rows(healthRecord)]
    .filter(({ state }) => state !== 'probing')
    .map(({ t, to, state }) => ({ at: t, to, answered: state === 'up' }));
  return { queries, probes };
}

/** A reply that was longer than the receiver's buffer, which cut it where no record ends. */
export function wasCut({ error, replySize, room, protocol }: UpstreamQuery): boolean {
  return protocol === 'udp' && error.startsWith('dns: ') && replySize > room;
}

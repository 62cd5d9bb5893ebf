import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { second } from '../engine/time.ts';
import { packetSent } from '../kernel/records.ts';
import { tlsHandshake } from '../transport/tls/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { inSeconds, processTitle } from './words.ts';

/** Why the TLS handshake of a strand came to nothing, by the strand. */
export function brokenHandshakes(store: ColumnStore): ReadonlyMap<TraceId, string> {
  const causes = new Map<TraceId, string>();
  for (const { trace, cause } of store.rows(tlsHandshake)) if (cause !== '') causes.set(trace, cause);
  return causes;
}

/** Handshakes that never ended, told as of their beginning: whoever waits for one gives up long before CoreDNS does. */
export function* stalledHandshakes(store: ColumnStore): Generator<Evidence> {
  const stalled = [...store.rows(tlsHandshake)].filter(({ cause }) => cause === 'tls-handshake-timeout');
  if (stalled.length === 0) return;
  const begins = new Map<TraceId, number>();
  const wanted = new Set(stalled.map(({ trace }) => trace));
  for (const { trace, seq } of store.rows(packetSent))
    if (wanted.has(trace) && !begins.has(trace)) begins.set(trace, seq);
  for (const row of stalled) {
    const took = Math.round(row.seconds * second);
    const header = { t: row.t - took, seq: begins.get(row.trace) ?? row.seq, at: row.at, trace: row.trace, cause: '' };
    const text = `${processTitle(row.at)} waited ${inSeconds(took)} for a TLS handshake with ${row.to}, which took the connection and said nothing`;
    yield evidenceOf(header, 'error', row.cause, text);
  }
}

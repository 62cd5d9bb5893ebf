import { coreDnsReply } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { fromSeconds, type Micros, second } from '../engine/time.ts';
import { packetDropped, packetSent } from '../kernel/records.ts';
import { recursorTry, serverQuery } from '../servers/records.ts';
import { probesIn } from './upstream-queries.ts';

/** An answer that came when nobody waited for it. */
export interface LateAnswer {
  /** Since the query was sent. */
  readonly after: Micros;
  /** Was it that to a probe of health? */
  readonly toProbe: boolean;
  /** It came from another address than the one asked, or to another than whose question it was: the conntrack entry that would have translated it was gone. */
  readonly isUntranslated: boolean;
  /** The address that had asked. */
  readonly asker: string;
  /** The recursor on the way that had waited longest for one of its own servers, a second or longer; undefined: none. */
  readonly behind: Behind | undefined;
}

interface Behind {
  readonly recursor: string;
  readonly upstream: string;
  readonly waited: Micros;
}

/** Answers by UDP that came when the port of whoever had asked was closed, by strand. */
export function lateAnswers(store: ColumnStore): ReadonlyMap<TraceId, LateAnswer> {
  const answered = new Map<TraceId, Micros>();
  for (const { trace, t, did } of store.rows(serverQuery)) if (did !== 'drop') answered.set(trace, t);
  for (const { trace, t, cause } of store.rows(coreDnsReply)) if (cause !== 'silent') answered.set(trace, t);
  const dropped = new Map<TraceId, { readonly t: Micros; readonly source: string; readonly destination: string }>();
  for (const { trace, t, cause, protocol, source, destination } of store.rows(packetDropped)) {
    const since = answered.get(trace);
    if (cause === 'port-closed' && protocol === 'udp' && since !== undefined && since <= t)
      dropped.set(trace, { t, source, destination });
  }
  const late = new Map<TraceId, LateAnswer>();
  if (dropped.size === 0) return late;
  const probing = probesIn(store);
  const behind = longestWaits(store, dropped);
  for (const { trace, t, source, destination } of store.rows(packetSent)) {
    const at = dropped.get(trace);
    if (at === undefined || late.has(trace)) continue;
    const toProbe = probing.has(store.parentOf(trace));
    const isUntranslated = at.source !== destination || at.destination !== source;
    late.set(trace, { after: at.t - t, toProbe, isUntranslated, asker: source, behind: behind.get(trace) });
  }
  return late;
}

/** The longest that recursors waited for a reply of one of their own servers, by the strand of the query that was for. */
function longestWaits(store: ColumnStore, queries: ReadonlyMap<TraceId, unknown>): ReadonlyMap<TraceId, Behind> {
  const longest = new Map<TraceId, Behind>();
  for (const { trace, at: recursor, upstream, waited: seconds } of store.rows(recursorTry)) {
    const waited = fromSeconds(seconds);
    if (waited < second) continue;
    let query = store.parentOf(trace);
    while (query > 0 && !queries.has(query)) query = store.parentOf(query);
    if (query > 0 && waited > (longest.get(query)?.waited ?? 0)) longest.set(query, { recursor, upstream, waited });
  }
  return longest;
}

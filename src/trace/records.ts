import * as nodeLocalDns from '../cluster/node-local-dns/records.ts';
import * as cluster from '../cluster/records.ts';
import * as cache from '../coredns/plugins/cache/records.ts';
import * as forward from '../coredns/plugins/forward/records.ts';
import * as coredns from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { RecordKind, TraceId } from '../engine/recorder.ts';
import * as kernel from '../kernel/records.ts';
import * as network from '../network/records.ts';
import * as resolver from '../resolver/records.ts';
import * as servers from '../servers/records.ts';
import * as transport from '../transport/records.ts';
import * as tls from '../transport/tls/records.ts';
import * as workload from '../workload/records.ts';

const rooms = [
  cluster,
  nodeLocalDns,
  cache,
  forward,
  coredns,
  kernel,
  network,
  resolver,
  servers,
  transport,
  tls,
  workload,
] as const;

type Kinds<Room> = Room extends unknown ? Room[keyof Room] : never;
type RecordOf<Kind> =
  Kind extends RecordKind<infer Name, infer Columns> ? { readonly kind: Name; readonly row: Row<Columns> } : never;

/** A record of any room, told apart by its `kind`. */
export type TraceRecord = RecordOf<Kinds<(typeof rooms)[number]>>;

const names: ReadonlySet<string> = new Set(rooms.flatMap((room) => Object.values(room)).map(({ name }) => name));

/** Every record of a run, in the order written. */
export function* traceOf(store: ColumnStore): Generator<TraceRecord> {
  for (const record of store.all()) if (isTraceRecord(record)) yield record;
}

/** The records of a root strand and of those that descend from it, in the order written. */
export function* recordsBelow(
  store: ColumnStore,
  root: TraceId,
  wanted?: (kind: string) => boolean,
): Generator<TraceRecord> {
  for (const record of store.below(root, wanted)) if (isTraceRecord(record)) yield record;
}

/** What one kind's records hold. */
export type RowOf<K extends TraceRecord['kind']> = Extract<TraceRecord, { readonly kind: K }>['row'];

function isTraceRecord(record: { readonly kind: string; readonly row: object }): record is TraceRecord {
  if (!names.has(record.kind)) throw new Error(`records of kind ${record.kind} are declared in no room's records.ts`);
  return true;
}

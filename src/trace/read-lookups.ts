import type { ColumnStore } from '../engine/columns.ts';
import type { RecordKind, TraceId } from '../engine/recorder.ts';
import { cacheHit, candidateEnded, lookupShared } from '../resolver/records.ts';
import { lookupEnded, replySeen } from '../workload/records.ts';
import type { Lookup } from './lookup.ts';

/** The records that lookups are read from. */
export const lookupRecords: readonly RecordKind[] = [replySeen, lookupEnded, candidateEnded, cacheHit, lookupShared];

/** The lookups of every workload, in order of their return; a question from a fixed port is one too. */
export function readLookups(store: ColumnStore): Lookup[] {
  return [...resolverLookups(store), ...questions(store)].sort((a, b) => a.end - b.end);
}

function questions(store: ColumnStore): Lookup[] {
  return [...store.rows(replySeen)].map((row) => ({
    workload: row.workload,
    host: row.at,
    trace: row.trace,
    name: row.name,
    answeredName: row.name,
    start: row.startedAt,
    end: row.startedAt + row.latency,
    result: row.error === '' ? (row.rcode === 'NOERROR' ? 'OK' : row.rcode) : row.error,
    addresses: row.answer.split('\n').flatMap((line) => / IN (?:A|AAAA) (\S+)$/.exec(line)?.slice(1) ?? []),
  }));
}

function resolverLookups(store: ColumnStore): Lookup[] {
  const answered = answeredNames(store);
  return [...store.rows(lookupEnded)].map((row) => ({
    workload: row.workload,
    host: row.at,
    trace: row.trace,
    name: row.name,
    answeredName: answered(row.trace) ?? row.name,
    start: row.startedAt,
    end: row.startedAt + row.latency,
    result: row.result,
    addresses: row.addresses === '' ? [] : row.addresses.split(' '),
    ...(row.printed !== '' && { printed: row.printed }),
  }));
}

/** The name that a lookup found, after the search list; of one that had its answer from another, what that had found. */
function answeredNames(store: ColumnStore): (lookup: TraceId) => string | undefined {
  const found = new Map<TraceId, string>();
  for (const { cause, trace, candidate } of store.rows(candidateEnded))
    if (cause === 'answer') found.set(trace, candidate);
  const from = new Map<TraceId, TraceId>();
  for (const { trace, filledBy } of store.rows(cacheHit)) if (filledBy !== trace) from.set(trace, filledBy);
  for (const row of store.rows(lookupShared)) from.set(row.trace, row.with);
  return (lookup) => {
    let source: TraceId | undefined = lookup;
    while (source !== undefined && !found.has(source)) source = from.get(source);
    return source === undefined ? undefined : found.get(source);
  };
}

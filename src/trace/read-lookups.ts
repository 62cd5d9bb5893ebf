import type { ColumnStore } from '../engine/columns.ts';
import { candidateEnded } from '../resolver/records.ts';
import { lookupEnded } from '../workload/records.ts';
import type { Lookup } from './lookup.ts';

/** The lookups of every workload, in order of their return. */
export function readLookups(store: ColumnStore): Lookup[] {
  const answered = new Map<number, string>();
  for (const row of store.rows(candidateEnded)) if (row.cause === 'answer') answered.set(row.trace, row.candidate);
  return [...store.rows(lookupEnded)].map((row) => ({
    workload: row.workload,
    host: row.at,
    trace: row.trace,
    name: row.name,
    answeredName: answered.get(row.trace) ?? row.name,
    start: row.startedAt,
    end: row.startedAt + row.latency,
    result: row.result,
    addresses: row.addresses === '' ? [] : row.addresses.split(' '),
  }));
}

import type { ColumnStore } from '../engine/columns.ts';
import { candidateEnded } from '../resolver/records.ts';
import { lookupEnded, replySeen } from '../workload/records.ts';
import type { Lookup } from './lookup.ts';

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
    ...(row.printed !== '' && { printed: row.printed }),
  }));
}

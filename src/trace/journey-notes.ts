import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsReply, coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { cacheHit, cacheStored, queryMade, replyCame, waitEnded } from '../resolver/records.ts';
import { authorityAnswer, recursorCache, serverQuery } from '../servers/records.ts';
import { replySeen } from '../workload/records.ts';
import type { Flow } from './flows.ts';
import { withoutEnds } from './upstream-queries.ts';
import { inSeconds, instant } from './words.ts';

/** Something that happened in a process while it handled a strand. `at`: a host or a process. */
export interface Note {
  readonly kind: 'note';
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly at: string;
  readonly label: string;
  readonly tone: 'rewrite' | 'hit' | 'miss' | 'source' | 'trouble';
}

/** What the strands below a root say beside their packets. */
export interface Told {
  readonly notes: readonly Note[];
  /** Question of a strand. */
  readonly questions: ReadonlyMap<TraceId, { readonly name: string; readonly type: string }>;
  /** What the reply on a strand says. */
  readonly replies: ReadonlyMap<TraceId, string>;
}

/** Reads the strands that descend from a root. `addresses`: what replies without an error bring. */
export function toldBelow(store: ColumnStore, root: TraceId, addresses: string): Told {
  const below = ({ trace }: { readonly trace: TraceId }): boolean => store.descends(trace, root);
  return {
    notes: [...clientNotes(store), ...corednsNotes(store), ...serverNotes(store)].filter(below),
    questions: new Map([...questions(store)].filter(below).map(({ trace, name, type }) => [trace, { name, type }])),
    replies: new Map([...replies(store, addresses)].filter(below).map(({ trace, text }) => [trace, text])),
  };
}

function* questions(store: ColumnStore) {
  yield* store.rows(serverQuery);
  yield* store.rows(coreDnsRequest);
  yield* store.rows(queryMade);
  yield* store.rows(replySeen);
}

/** What replies say, the later the more; where they bring the addresses that were asked for, those. */
function* replies(store: ColumnStore, addresses: string) {
  const found = (rcode: string, ttl?: number): string => {
    if (rcode !== 'NOERROR' && rcode !== 'answer') return rcode.toUpperCase();
    return ttl === undefined || Number.isNaN(ttl) ? addresses : `${addresses}, TTL ${ttl} s`;
  };
  for (const { trace, did } of store.rows(serverQuery)) yield { trace, text: found(did) };
  for (const { trace, rcode } of store.rows(replyCame)) yield { trace, text: found(rcode) };
  for (const { trace, rcode } of store.rows(coreDnsReply)) yield { trace, text: found(rcode) };
  for (const { trace, outcome, rcode, ttl, originalTtl } of [
    ...store.rows(cacheRecord),
    ...store.rows(recursorCache),
  ]) {
    if (isHit(outcome)) yield { trace, text: found(rcode, ttl) };
    else if (outcome === 'stored') yield { trace, text: found(rcode, originalTtl) };
  }
}

function note(row: Pick<Note, 't' | 'seq' | 'trace' | 'at'>, tone: Note['tone'], label: string): Note {
  const { t, seq, trace, at } = row;
  return { kind: 'note', t, seq, trace, at, tone, label };
}

/** Packets of flows that were born without DNAT. */
export function* flowNotes(flows: readonly Flow[]): Generator<Note> {
  for (const { astray, steps, host: at, born, replyDestination } of flows) {
    if (!astray) continue;
    for (const { t, seq, trace, kind, reply, expires } of steps) {
      if (reply) continue;
      const entry = `matches the conntrack entry born at ${instant(born)}: no DNAT, as ${replyDestination}; ${inSeconds(expires - t)} more`;
      const label =
        kind === 'birth' ? `no rule for it: a new conntrack entry without DNAT, as ${replyDestination}` : entry;
      yield note({ t, seq, trace, at }, 'trouble', label);
    }
  }
}

function* clientNotes(store: ColumnStore): Generator<Note> {
  for (const row of store.rows(cacheHit)) {
    const kept = row.addresses === '' ? 'a failure' : row.addresses.replaceAll(' ', ', ');
    yield note(
      row,
      'hit',
      `JVM cache hit: ${kept}, stored at ${inSeconds(row.storedAt)}, runs out at ${inSeconds(row.runsOut)}`,
    );
  }
  for (const row of store.rows(cacheStored)) yield note(row, 'miss', `JVM keeps it until ${inSeconds(row.runsOut)}`);
  for (const row of store.rows(waitEnded)) yield note(row, 'trouble', `no answer in ${inSeconds(row.waited)}`);
}

function* corednsNotes(store: ColumnStore): Generator<Note> {
  for (const row of store.rows(attemptRecord)) {
    if (row.outcome !== 'answered') yield note(row, 'trouble', `${row.to}: ${withoutEnds(row.error) || row.outcome}`);
  }
  for (const row of store.rows(cacheRecord)) {
    const text = cacheText(row);
    if (text !== '') yield note(row, isHit(row.outcome) ? 'hit' : 'miss', text);
  }
}

function* serverNotes(store: ColumnStore): Generator<Note> {
  for (const row of store.rows(serverQuery)) {
    if (row.did === 'drop') yield note(row, 'trouble', 'does not answer');
  }
  for (const row of store.rows(recursorCache)) {
    const text = cacheText(row);
    if (text !== '') yield note(row, isHit(row.outcome) ? 'hit' : 'miss', text);
  }
  for (const row of store.rows(authorityAnswer)) {
    const serial = Number.isNaN(row.serial) ? '' : `, serial ${row.serial}`;
    yield note(row, 'source', row.cause === 'zone' ? `zone ${row.zone}${serial}` : 'has no such zone');
  }
}

function isHit(outcome: string): boolean {
  return outcome === 'hit' || outcome === 'stale';
}

type CacheRow = Pick<Row<typeof cacheRecord.columns>, 'outcome' | 'ttl' | 'originalTtl' | 'recordTtl' | 'clamp'>;

function cacheText(row: CacheRow & { readonly place?: string }): string {
  const { outcome, ttl, originalTtl, recordTtl, clamp, place = '' } = row;
  switch (outcome) {
    case 'hit':
      return `cache hit: ${ttl} s left of ${originalTtl} s`;
    case 'stale':
      return 'cache hit, though run out: serve_stale';
    case 'miss':
      return 'cache miss';
    case 'stored':
      return clamp === 'record ttl'
        ? `stored for ${originalTtl} s, its TTL`
        : `stored for ${originalTtl} s, not ${recordTtl} s: ${clamp}${place === '' ? '' : ` (${place.slice(place.lastIndexOf('/') + 1)})`}`;
    case 'joined':
      return 'waits for the same question';
    case 'refresh':
      return 'refresh in the background';
    default:
      return '';
  }
}

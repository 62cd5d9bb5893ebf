import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsReply, coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { cacheHit, cacheStored, queryMade, replyCame, waitEnded } from '../resolver/records.ts';
import { inSeconds } from './words.ts';

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

type Header = Pick<Note, 't' | 'seq' | 'trace' | 'at'>;

export function toldBelow(store: ColumnStore, root: TraceId): Told {
  const notes: Note[] = [];
  const questions = new Map<TraceId, { name: string; type: string }>();
  const replies = new Map<TraceId, string>();
  const below = (row: Header): boolean => store.descends(row.trace, root);
  const note = ({ t, seq, trace, at }: Header, tone: Note['tone'], label: string): void => {
    notes.push({ kind: 'note', t, seq, trace, at, tone, label });
  };
  for (const row of store.rows(queryMade)) if (below(row)) questions.set(row.trace, { name: row.name, type: row.type });
  for (const row of store.rows(coreDnsRequest))
    if (below(row)) questions.set(row.trace, { name: row.name, type: row.type });
  for (const row of store.rows(coreDnsReply)) if (below(row)) replies.set(row.trace, row.rcode);
  for (const row of store.rows(replyCame)) if (below(row) && !replies.has(row.trace)) replies.set(row.trace, row.rcode);
  for (const row of store.rows(cacheHit)) {
    if (below(row))
      note(
        row,
        'hit',
        `JVM cache hit: ${row.addresses.replaceAll(' ', ', ')}, stored at ${inSeconds(row.storedAt)}, runs out at ${inSeconds(row.runsOut)}`,
      );
  }
  for (const row of store.rows(cacheStored)) {
    if (below(row)) note(row, 'miss', `JVM keeps it until ${inSeconds(row.runsOut)}`);
  }
  for (const row of store.rows(waitEnded)) {
    if (below(row)) note(row, 'trouble', `no answer in ${inSeconds(row.waited)}`);
  }
  for (const row of store.rows(attemptRecord)) {
    if (below(row) && row.outcome !== 'answered')
      note(row, 'trouble', `${row.to}: ${row.error === '' ? row.outcome : row.error}`);
  }
  for (const row of store.rows(cacheRecord)) {
    if (!below(row)) continue;
    const text = cacheText(row);
    if (text !== undefined) note(row, row.outcome === 'hit' || row.outcome === 'stale' ? 'hit' : 'miss', text);
    if (row.outcome === 'hit' || row.outcome === 'stale') replies.set(row.trace, `${row.rcode}, TTL ${row.ttl} s`);
  }
  return { notes, questions, replies };
}

function cacheText(row: {
  outcome: string;
  ttl: number;
  originalTtl: number;
  recordTtl: number;
  clamp: string;
  place: string;
}): string | undefined {
  const { outcome, ttl, originalTtl, recordTtl, clamp, place } = row;
  switch (outcome) {
    case 'hit':
      return `cache hit: ${ttl} s left of ${originalTtl} s`;
    case 'stale':
      return 'cache hit: run out, handed out all the same (serve_stale)';
    case 'miss':
      return 'cache miss';
    case 'stored':
      return clamp === 'record ttl'
        ? `stored for its TTL of ${originalTtl} s`
        : `stored for ${originalTtl} s of ${recordTtl} s: ${clamp}${place === '' ? '' : ` (${place})`}`;
    case 'refresh':
      return 'refresh in the background';
    default:
      return undefined;
  }
}

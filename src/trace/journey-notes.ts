import type { TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { type Question, questionsIn } from './questions.ts';
import type { RowOf, TraceRecord } from './records.ts';
import type { Scene } from './scene.ts';
import { withoutEnds } from './upstream-queries.ts';
import { inSeconds, instant, runsOutWhen, shortPlace, untilWhen } from './words.ts';

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
  readonly questions: ReadonlyMap<TraceId, Question>;
  /** What the reply on a strand says. */
  readonly replies: ReadonlyMap<TraceId, string>;
  /** Strands and hosts, `17 node-1`, where IPVS rewrote a packet. */
  readonly byIpvs: ReadonlySet<string>;
  /** Strands with a TLS handshake: numbers of the records at which it was over, and at which the server had the query. */
  readonly handshakes: ReadonlyMap<TraceId, { readonly over: number; readonly asked: number }>;
}

/** Reads the records of a root and what descends from it. `addresses`: what replies without an error bring. */
export function toldIn(records: readonly TraceRecord[], addresses: string, scene: Scene): Told {
  return {
    notes: records.map((record) => noteOf(record, scene)).filter((note) => note !== undefined),
    questions: questionsIn(records),
    replies: repliesIn(records, addresses),
    handshakes: handshakesIn(records),
    byIpvs: new Set(records.flatMap(({ kind, row }) => (kind === 'ipvs.packet' ? [`${row.trace} ${row.at}`] : []))),
  };
}

function handshakesIn(records: readonly TraceRecord[]): Told['handshakes'] {
  const over = new Map<TraceId, number>();
  const asked = new Map<TraceId, number>();
  for (const { kind, row } of records) {
    if (kind === 'tls.handshake') over.set(row.trace, row.seq);
    else if (kind === 'server.query') asked.set(row.trace, row.seq);
  }
  return new Map(
    [...over].map(([trace, seq]) => [trace, { over: seq, asked: asked.get(trace) ?? Number.POSITIVE_INFINITY }]),
  );
}

/** What replies say, and more where a cache had them; where they bring the addresses that were asked for, those. */
function repliesIn(records: readonly TraceRecord[], addresses: string): Map<TraceId, string> {
  const replies = new Map<TraceId, string>();
  const fromCache = new Map<TraceId, string>();
  const found = (rcode: string, ttl?: number): string => {
    if (rcode !== 'NOERROR' && rcode !== 'answer') return rcode.toUpperCase();
    const told = ttl === undefined || Number.isNaN(ttl) ? [addresses] : [addresses, `TTL ${ttl} s`];
    return told.filter((text) => text !== '').join(', ');
  };
  for (const { kind, row } of records) {
    switch (kind) {
      case 'server.query':
        replies.set(row.trace, found(row.did) || `${row.size} octets`);
        break;
      case 'resolver.reply':
        replies.set(row.trace, row.cause === 'truncated' ? 'TC' : found(row.rcode));
        break;
      case 'coredns.reply':
        replies.set(row.trace, row.truncated ? 'TC' : found(row.rcode));
        break;
      case 'coredns.cache':
      case 'recursor.cache':
        if (isHit(row.outcome)) fromCache.set(row.trace, found(row.rcode, row.ttl));
        else if (row.outcome === 'stored') fromCache.set(row.trace, found(row.rcode, row.originalTtl));
    }
  }
  for (const [trace, text] of fromCache) replies.set(trace, text);
  return replies;
}

function note(row: Pick<Note, 't' | 'seq' | 'trace' | 'at'>, tone: Note['tone'], label: string): Note {
  const { t, seq, trace, at } = row;
  return { kind: 'note', t, seq, trace, at, tone, label };
}

/** What a record says beside the packets, if anything. */
function noteOf({ kind, row }: TraceRecord, scene: Scene): Note | undefined {
  switch (kind) {
    case 'conntrack.event':
    case 'conntrack.refresh':
      return conntrackNote(row, scene);
    case 'resolver.cache-hit': {
      const kept = row.addresses === '' ? 'a failure' : row.addresses.replaceAll(' ', ', ');
      const life = `stored at ${inSeconds(row.storedAt)}, ${runsOutWhen(row.runsOut)}`;
      return note(row, 'hit', `${cacheOf(row.holder)} cache hit: ${kept}, ${life}`);
    }
    case 'resolver.cache-stored':
      return note(row, 'miss', `${cacheOf(row.holder)} keeps it ${untilWhen(row.runsOut)}`);
    case 'resolver.thread-came':
      return note(row, 'trouble', `waited ${inSeconds(row.waited)} for one of ${row.threads} threads`);
    case 'resolver.timeout':
      return note(row, 'trouble', `no answer in ${inSeconds(row.waited)}`);
    case 'coredns.forward':
      return row.outcome === 'answered' ? undefined : note(row, 'trouble', `${row.to}: ${endingOf(row)}`);
    case 'tls.handshake':
      return note(row, row.cause === '' ? 'source' : 'trouble', handshakeText(row));
    case 'coredns.cache':
    case 'recursor.cache':
      return cacheNote(row);
    case 'server.query':
      return row.did === 'drop' ? note(row, 'trouble', 'does not answer') : undefined;
    case 'authority.answer': {
      const serial = Number.isNaN(row.serial) ? '' : `, serial ${row.serial}`;
      return note(row, 'source', row.cause === 'zone' ? `zone ${row.zone}${serial}` : 'has no such zone');
    }
    default:
      return undefined;
  }
}

/** A packet without DNAT to a Service: the first of its flow, or one that met the entry. */
function conntrackNote(row: RowOf<'conntrack.event'> | RowOf<'conntrack.refresh'>, scene: Scene): Note | undefined {
  const met = scene.met(row.seq);
  if (met?.flow.astray !== true || met.step.reply) return undefined;
  const { born, replyDestination } = met.flow;
  const { t, expires } = met.step;
  const label =
    met.step.kind === 'birth'
      ? `no rule for it: a new conntrack entry without DNAT, as ${replyDestination}`
      : `matches the conntrack entry born at ${instant(born)}: no DNAT, as ${replyDestination}; ${inSeconds(expires - t)} more`;
  return note(row, 'trouble', label);
}

function handshakeText({ seconds, version, resumed, error }: RowOf<'tls.handshake'>): string {
  const took = inSeconds(Math.round(seconds * second));
  if (error !== '') return `TLS handshake fails after ${took}: ${error}`;
  return `TLS ${version} handshake${resumed ? ', resumed' : ''}: ${took}`;
}

function endingOf({ outcome, error, room }: RowOf<'coredns.forward'>): string {
  return outcome === 'cut' ? `cut at ${room} octets, handed on with TC` : withoutEnds(error) || outcome;
}

function cacheNote(row: RowOf<'coredns.cache'> | RowOf<'recursor.cache'>): Note | undefined {
  const text = cacheText(row);
  return text === '' ? undefined : note(row, isHit(row.outcome) ? 'hit' : 'miss', text);
}

function isHit(outcome: string): boolean {
  return outcome === 'hit' || outcome === 'stale';
}

function cacheText(row: RowOf<'coredns.cache'> | RowOf<'recursor.cache'>): string {
  const { outcome, ttl, originalTtl, recordTtl, clamp } = row;
  const place = 'place' in row ? row.place : '';
  switch (outcome) {
    case 'hit':
      return `cache hit: ${ttl} s left of ${originalTtl} s`;
    case 'stale':
      return place === '' ? 'cache hit, though run out' : 'cache hit, though run out: serve_stale';
    case 'miss':
      return 'cache miss';
    case 'stored':
      return clamp === 'record ttl'
        ? `stored for ${originalTtl} s, its TTL`
        : `stored for ${originalTtl} s, not ${recordTtl} s: ${clamp}${place === '' ? '' : ` (${shortPlace(place)})`}`;
    case 'joined':
      return 'waits for the same question';
    case 'dropped':
      return 'dropped: too many wait';
    case 'refused':
      return 'SERVFAIL: too many wait';
    case 'jostled':
      return 'given up: too many wait';
    case 'sent-away':
      return 'SERVFAIL: it waited longest';
    case 'limited':
      return 'over the rate limit';
    case 'refresh':
      return 'refresh in the background';
    default:
      return '';
  }
}

/** `JVM`, `Netty`. */
function cacheOf(holder: string): string {
  return holder.replace(/^the /, '');
}

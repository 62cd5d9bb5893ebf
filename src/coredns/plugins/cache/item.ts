import type { Message, Question, Rcode } from '../../../dns/message.ts';
import { type ResourceRecord, withTtl } from '../../../dns/record.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { answersItsQuestion } from './classify.ts';
import type { CacheBehaviour } from './releases.ts';
import type { Lifetime } from './ttl.ts';

/** Something that the cache remembers: a reply's content, when and how it came. */
export interface Item {
  readonly question: Question;
  readonly rcode: Rcode;
  readonly aa: boolean;
  readonly ad: boolean;
  readonly ra: boolean;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** Does it hold what was asked? */
  readonly answering: boolean;
  readonly lifetime: Lifetime;
  readonly stored: Micros;
  /** The query that filled it. */
  readonly filledBy: TraceId;
  /** Of a reply that does not answer: the good one that it displaced (`prefer_positive`). */
  readonly lastGood: Item | undefined;
  /** How often it was hit, for `prefetch`; goes on in the entry that replaces it. */
  hits: number;
  lastHit: Micros;
  refreshing: boolean;
  /** No refresh before this instant, after one that failed. */
  retryAfter: Micros;
}

/** What the cache remembers of a reply that comes at the instant `stored`. */
export function makeItem(
  reply: Message,
  question: Question,
  lifetime: Lifetime,
  stored: Micros,
  filledBy: TraceId,
  lastGood: Item | undefined,
): Item {
  return {
    question: reply.question[0] ?? question,
    rcode: reply.rcode,
    aa: reply.flags.aa,
    ad: reply.flags.ad,
    ra: reply.flags.ra,
    answer: reply.answer,
    authority: reply.authority,
    additional: reply.additional,
    answering: answersItsQuestion(reply),
    lifetime,
    stored,
    filledBy,
    lastGood,
    hits: 0,
    lastHit: Number.NEGATIVE_INFINITY,
    refreshing: false,
    retryAfter: 0,
  };
}

/** Whole seconds since it was stored. */
export function ageOf(item: Item, now: Micros): number {
  return Math.floor((now - item.stored) / second);
}

/** Seconds that it has left; below 0 when its time is over. */
export function ttlOf(item: Item, now: Micros): number {
  return item.lifetime.seconds - ageOf(item, now);
}

/** Counts a hit; hits further apart than `duration` start anew. */
export function countHit(item: Item, now: Micros, duration: Micros): void {
  item.hits = item.lastHit < now - duration ? 1 : item.hits + 1;
  item.lastHit = now;
}

/** The reply that a hit gives to `query`, every record with the TTL `ttl`. */
export function toReply(item: Item, query: Message, ttl: number, behaviour: CacheBehaviour): Message {
  const dnssec = query.edns?.do === true;
  const strip = behaviour.asksForDnssec && !dnssec;
  const records = (all: readonly ResourceRecord[]) => withTtls(strip ? all.filter(isPlain) : all, ttl);
  return {
    id: query.id,
    response: true,
    opcode: query.opcode,
    flags: {
      aa: behaviour.hitAa === 'always' || item.aa,
      tc: false,
      rd: query.flags.rd,
      ra: item.ra,
      ad: item.ad && getsAd(query, behaviour.adOnHit),
      cd: query.flags.cd,
    },
    rcode: item.rcode,
    question: query.question,
    answer: records(item.answer),
    authority: records(item.authority),
    additional: records(item.additional),
    edns: undefined,
  };
}

/** May this client see the AD bit? */
export function getsAd(query: Message, rule: CacheBehaviour['adOnHit']): boolean {
  if (rule === 'all' || query.edns?.do === true) return true;
  return rule === 'do-or-ad' && query.flags.ad;
}

export function withTtls(records: readonly ResourceRecord[], ttl: number): ResourceRecord[] {
  return records.map((record) => (record.ttl === ttl ? record : withTtl(record, ttl)));
}

const dnssecTypes: ReadonlySet<string> = new Set(['RRSIG', 'SIG', 'NSEC', 'NSEC3', 'DS']);

/** Not a record that only validating clients want. */
export function isPlain(record: ResourceRecord): boolean {
  return record.data.type !== 'other' || !dnssecTypes.has(record.data.typeName);
}

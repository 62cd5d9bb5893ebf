import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import { answersQuery, isInZone } from '../../match.ts';
import { type Asked, type Cache, record, setTtlsInPlace } from './cache.ts';
import { classify, isCacheable, type ReplyKind } from './classify.ts';
import { getsAd, type Item, isPlain, makeItem, withTtls } from './item.ts';
import { QuestionKey } from './key.ts';
import type { Key } from './store.ts';
import { type Lifetime, lifetime } from './ttl.ts';

/** What the reply is for: a client that waits, the same with `verify`, or only the store. */
export type Purpose = 'client' | 'verify' | 'background';

/** Stores a reply if it may be, and gives the reply as the client gets it: every TTL as long as it is kept. */
export function fill(cache: Cache, asked: Asked, reply: Message, purpose: Purpose): Message {
  const { behaviour } = cache;
  const kind = classify(reply, behaviour);
  const span = lifetime(reply, kind, cache.options, behaviour);
  const sent = asSent(cache, asked, reply, span.seconds, purpose);
  if (behaviour.setsTtlsInPlace !== 'never' && purpose !== 'background') setTtlsInPlace(cache, reply, span.seconds);
  const stored =
    isCacheable(reply, kind, behaviour) && span.seconds > 0 && store(cache, asked, reply, kind, span, purpose);
  if (!stored) record(cache, asked, 'not-stored', undefined, span.seconds);
  return sent;
}

/** A SERVFAIL that nobody wrote, because forward gave up: kept as one without records. */
export function storeUnwritten(cache: Cache, asked: Asked): void {
  const { query } = asked;
  const flags = { aa: false, tc: false, rd: query.flags.rd, ra: false, ad: false, cd: query.flags.cd };
  const empty = { answer: [], authority: [], additional: [], edns: undefined };
  fill(cache, asked, changed(query, { ...empty, response: true, rcode: 'SERVFAIL', flags }), 'client');
}

function asSent(cache: Cache, asked: Asked, reply: Message, ttl: number, purpose: Purpose): Message {
  const strip = cache.behaviour.asksForDnssec && asked.query.edns?.do !== true;
  const records = (all: readonly ResourceRecord[]) => withTtls(strip ? all.filter(isPlain) : all, ttl);
  return changed(reply, {
    flags: { ...reply.flags, ad: reply.flags.ad && seesAd(cache, asked, purpose) },
    answer: records(reply.answer),
    authority: records(reply.authority),
    additional: records(reply.additional),
    edns: cache.behaviour.dropsOpt ? undefined : reply.edns,
  });
}

/** May this client see the AD bit, for such a purpose? */
function seesAd({ behaviour }: Cache, { query }: Asked, purpose: Purpose): boolean {
  return getsAd(query, purpose === 'client' ? behaviour.adOnMiss : behaviour.adOnRefresh);
}

function store(cache: Cache, asked: Asked, reply: Message, kind: ReplyKind, span: Lifetime, purpose: Purpose): boolean {
  const { options, behaviour, metrics, simulation } = cache;
  if (!answersQuery(asked.question, reply, cache.release)) {
    metrics.drop(asked.server);
    return false;
  }
  const positive = kind === 'answer' || kind === 'delegation';
  const except = positive ? options.success.except : options.denial.except;
  const excepted = purpose === 'client' && except.some((zone) => isInZone(asked.question.name, zone));
  if (!excepted) {
    const key = storingKey(cache, asked, reply);
    const ad = reply.flags.ad && (!behaviour.storesAdAsSent || seesAd(cache, asked, purpose));
    const kept = changed(reply, { flags: { ...reply.flags, ad } });
    const lastGood = positive ? lastGoodOf(cache, key) : undefined;
    const item = makeItem(kept, asked.question, span, simulation.now, asked.trace, lastGood);
    const target = positive ? cache.positive : cache.negative;
    if (target.add(key, item)) metrics.eviction(asked.server, positive ? 'success' : 'denial');
    if (positive && removesDenial(cache, item, purpose)) cache.negative.remove(key);
    record(cache, asked, 'stored', item, span.seconds);
  }
  metrics.entries(asked.server, cache.positive.size, cache.negative.size);
  return !excepted;
}

function storingKey(cache: Cache, asked: Asked, reply: Message): Key {
  if (!cache.behaviour.storesUnderReplyDo) return asked.key;
  return new QuestionKey(asked.question, reply.edns?.do === true, asked.query.flags.cd, cache.behaviour.keyHas);
}

function lastGoodOf(cache: Cache, key: Key): Item | undefined {
  if (cache.options.stale?.preferPositive !== true) return undefined;
  const previous = cache.positive.get(key);
  return previous?.answering === true ? previous : previous?.lastGood;
}

function removesDenial(cache: Cache, item: Item, purpose: Purpose): boolean {
  if (cache.options.stale?.preferPositive === true) return item.answering;
  return cache.behaviour.refreshDeletesDenial && purpose === 'background';
}

import type { Process } from '../../../engine/process.ts';
import { isInZone } from '../../match.ts';
import type { Handler, Outcome, Request } from '../../plugin.ts';
import { type Asked, askedOf, type Cache, lookUp, record, setTtlsInPlace } from './cache.ts';
import { fill, storeUnwritten } from './fill.ts';
import { type Item, toReply, ttlOf } from './item.ts';
import {
  copyOf,
  deservesPrefetch,
  refreshInBackground,
  seenInFront,
  upstreamRequest,
  verify,
  verifyWithin,
} from './refresh.ts';

/** Answers from the cache, or hands the query on and keeps the reply. */
export function* handle(cache: Cache, request: Request, next: Handler): Process<Outcome> {
  const question = request.message.question[0];
  if (question === undefined || !cache.options.zones.some((zone) => isInZone(question.name, zone))) {
    return seenInFront(cache, yield* next(copyOf(cache, request)));
  }
  const asked = askedOf(cache, request.message, question, request.server, request.trace);
  const item = lookUp(cache, asked);
  return item === undefined ? yield* miss(cache, asked, request, next) : yield* hit(cache, asked, request, next, item);
}

function* miss(cache: Cache, asked: Asked, request: Request, next: Handler): Process<Outcome> {
  record(cache, asked, 'miss', undefined, Number.NaN);
  const outcome = seenInFront(cache, yield* next(upstreamRequest(cache, request)));
  if (outcome.reply !== undefined) return { ...outcome, reply: fill(cache, asked, outcome.reply, 'client') };
  const inTime = request.deadline === undefined || cache.simulation.now < request.deadline;
  const gaveUp = outcome.rcode === 'SERVFAIL' && outcome.error !== undefined && inTime;
  if (gaveUp && cache.behaviour.storesUnwrittenServfail) storeUnwritten(cache, asked);
  return outcome;
}

function* hit(cache: Cache, asked: Asked, request: Request, next: Handler, item: Item): Process<Outcome> {
  const { options, behaviour, simulation } = cache;
  const { stale } = options;
  const ttl = ttlOf(item, simulation.now);
  const isStale = stale !== undefined && (ttl < 0 || (ttl === 0 && behaviour.staleAtZero));
  if (!isStale) {
    if (deservesPrefetch(cache, item, simulation.now)) {
      refreshInBackground(cache, asked, request, next, item, 'prefetch');
    }
    const left = options.keepTtl ? item.lifetime.seconds : ttl;
    record(cache, asked, 'hit', item, left);
    return answer(cache, asked, item, left);
  }
  const ttlWhenStale = options.keepTtl && stale.replyTtl === 0 ? item.lifetime.seconds : stale.replyTtl;
  if (stale.mode === 'verify') {
    const check = stale.verifyTimeout > 0 ? verifyWithin : verify;
    const outcome = yield* check(cache, asked, request, next, item);
    if (outcome !== undefined) return outcome;
    record(cache, asked, 'stale', item, ttlWhenStale);
  } else {
    record(cache, asked, 'stale', item, ttlWhenStale);
    refreshInBackground(cache, asked, request, next, item, 'stale');
    if (behaviour.prefetchLooksAtStale && deservesPrefetch(cache, item, simulation.now)) {
      refreshInBackground(cache, asked, request, next, item, 'prefetch');
    }
  }
  cache.metrics.servedStale(asked.server);
  return answer(cache, asked, item, ttlWhenStale);
}

function answer(cache: Cache, asked: Asked, item: Item, ttl: number): Outcome {
  if (cache.behaviour.setsTtlsInPlace === 'always') setTtlsInPlace(cache, item, ttl);
  return { rcode: 'NOERROR', reply: toReply(item, asked.query, ttl, cache.behaviour) };
}

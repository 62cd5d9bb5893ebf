import type { Process } from '../../../engine/process.ts';
import { isInZone } from '../../match.ts';
import type { Handler, Outcome, Request } from '../../plugin.ts';
import { type Asked, askedOf, type Cache, lookUp, record, setTtlsInPlace } from './cache.ts';
import { fill, storeUnwritten } from './fill.ts';
import { type Item, toReply, ttlOf } from './item.ts';
import type { StaleOptions } from './options.ts';
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
  if (item === undefined) return yield* miss(cache, asked, request, next);
  const how = staleBy(cache, item);
  if (how === undefined) return hit(cache, asked, request, next, item);
  return yield* stale(cache, asked, request, next, item, how);
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

/** The `serve_stale` by which an item that is too old is still an answer; undefined: it is fresh. */
function staleBy({ options, behaviour, simulation }: Cache, item: Item): StaleOptions | undefined {
  const ttl = ttlOf(item, simulation.now);
  return ttl < 0 || (ttl === 0 && behaviour.staleAtZero) ? options.stale : undefined;
}

function hit(cache: Cache, asked: Asked, request: Request, next: Handler, item: Item): Outcome {
  const { now } = cache.simulation;
  if (deservesPrefetch(cache, item, now)) refreshInBackground(cache, asked, request, next, item, 'prefetch');
  const left = cache.options.keepTtl ? item.lifetime.seconds : ttlOf(item, now);
  record(cache, asked, 'hit', item, left);
  return answer(cache, asked, item, left);
}

function* stale(
  cache: Cache,
  asked: Asked,
  request: Request,
  next: Handler,
  item: Item,
  { mode, replyTtl, verifyTimeout }: StaleOptions,
): Process<Outcome> {
  const { options, behaviour, simulation } = cache;
  const ttlWhenStale = options.keepTtl && replyTtl === 0 ? item.lifetime.seconds : replyTtl;
  if (mode === 'verify') {
    const check = verifyTimeout > 0 ? verifyWithin : verify;
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

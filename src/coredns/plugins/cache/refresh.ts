import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type Process, timedOut } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { answersQuery } from '../../match.ts';
import type { Handler, Outcome, Request } from '../../plugin.ts';
import { type Asked, type Cache, peek, record } from './cache.ts';
import { answersItsQuestion, classify } from './classify.ts';
import { fill } from './fill.ts';
import { countHit, type Item, toReply, ttlOf } from './item.ts';

/** DO and this size are asked of the upstream by releases that always want DNSSEC records. */
const dnssecUdpSize = 2048;

/** The request as the cache hands it on. */
export function upstreamRequest(cache: Cache, request: Request): Request {
  const { behaviour } = cache;
  let { message } = request;
  if (behaviour.asksForDnssec && message.edns?.do !== true) {
    const edns = { udpSize: dnssecUdpSize, do: true, version: 0, options: message.edns?.options ?? [] };
    message = changed(message, { edns });
    if (behaviour.editsClientMessage) request.original.edns = edns;
  }
  if (behaviour.asksWithAd) message = changed(message, { flags: { ...message.flags, ad: true } });
  const copy = copyOf(cache, request);
  return message === copy.message ? copy : { ...copy, message };
}

/** The query as plugins behind may change it without a trace in front of the cache. */
export function copyOf({ behaviour }: Cache, request: Request): Request {
  return behaviour.handsOnCopy ? { ...request, original: { ...request.original } } : request;
}

/** An outcome without what plugins behind made of their copy of the query. */
export function seenInFront({ behaviour }: Cache, outcome: Outcome): Outcome {
  if (!behaviour.handsOnCopy || outcome.rewritten === undefined) return outcome;
  const { rewritten: _, ...seen } = outcome;
  return seen;
}

/** Does this live hit start a prefetch? Counts the hit. */
export function deservesPrefetch(cache: Cache, item: Item, now: number): boolean {
  const { amount, duration, percentage } = cache.options.prefetch;
  if (amount <= 0) return false;
  countHit(item, now, duration);
  return item.hits >= amount && ttlOf(item, now) <= Math.ceil((percentage * item.lifetime.seconds) / 100);
}

/** Asks again in the background: a prefetch, or the refresh of a stale entry. */
export function refreshInBackground(
  cache: Cache,
  asked: Asked,
  request: Request,
  next: Handler,
  item: Item,
  reason: 'prefetch' | 'stale',
): void {
  const stale = reason === 'stale';
  const recheck = stale ? (cache.options.stale?.recheck ?? 0) : 0;
  if (!beginRefresh(cache, item, recheck)) return;
  if (!stale || cache.behaviour.staleRefreshCountsAsPrefetch) cache.metrics.prefetch(asked.server);
  const own = ownStrand(cache, asked, request);
  const protocol = stale && cache.behaviour.staleRefreshOver === 'client' ? request.protocol : 'tcp';
  record(cache, own.asked, 'refresh', item, Number.NaN);
  cache.spawn(
    (function* (): Process {
      const since = cache.simulation.now;
      const plain = !stale && cache.behaviour.prefetchAsksPlainly;
      const refresh = { ...own.request, protocol };
      const outcome = yield* next(plain ? refresh : upstreamRequest(cache, refresh));
      const refreshed = take(cache, own.asked, outcome, stale && cache.behaviour.staleRefreshIsChoosy);
      endRefresh(cache, item, recheck, refreshed);
      if (refreshed) carryHits(cache, asked, item, since);
    })(),
  );
}

/** `verify` without a time-out: the outcome for the client, or undefined when the stale entry must do. */
export function* verify(
  cache: Cache,
  asked: Asked,
  request: Request,
  next: Handler,
  item: Item,
): Process<Outcome | undefined> {
  const recheck = cache.options.stale?.recheck ?? 0;
  if (recheck > 0 && !beginRefresh(cache, item, recheck)) return undefined;
  const outcome = seenInFront(cache, yield* next(upstreamRequest(cache, request)));
  const verdict = judge(cache, asked, outcome.reply);
  if (recheck > 0) endRefresh(cache, item, recheck, verdict === 'good');
  if (outcome.reply === undefined || verdict === 'dropped') return undefined;
  const reply = fill(cache, asked, outcome.reply, verdict === 'good' ? 'verify' : 'background');
  return verdict === 'good' ? { ...outcome, reply } : undefined;
}

/** `verify` with a time-out: the check goes on when the client has got its stale answer. */
export function* verifyWithin(
  cache: Cache,
  asked: Asked,
  request: Request,
  next: Handler,
  item: Item,
): Process<Outcome | undefined> {
  const { verifyTimeout = 0, recheck = 0 } = cache.options.stale ?? {};
  const single = cache.behaviour.oneCheckAtATime || recheck > 0;
  if (single && !beginRefresh(cache, item, recheck)) return undefined;
  const own = ownStrand(cache, asked, request);
  const check = { refreshed: false };
  const task = cache.spawn(
    (function* (): Process {
      const outcome = yield* next(upstreamRequest(cache, own.request));
      check.refreshed = take(cache, own.asked, outcome, true);
      if (single) endRefresh(cache, item, recheck, check.refreshed);
    })(),
  );
  const ended = yield* task.join(cache.simulation.now + verifyTimeout);
  if (ended === timedOut || !check.refreshed) return undefined;
  const fresh = peek(cache, asked.key);
  if (fresh === undefined) return undefined;
  const { keepTtl } = cache.options;
  const ttl = keepTtl ? fresh.lifetime.seconds : ttlOf(fresh, cache.simulation.now);
  return { rcode: 'NOERROR', reply: toReply(fresh, asked.query, ttl, cache.behaviour) };
}

/** A strand of causality of its own for what the client does not wait for. */
function ownStrand(cache: Cache, asked: Asked, request: Request): { asked: Asked; request: Request } {
  const trace: TraceId = cache.simulation.recorder.trace(request.trace);
  return { asked: { ...asked, trace }, request: { ...request, trace } };
}

/** Stores what a background query brought; tells whether it refreshed the entry. */
function take(cache: Cache, asked: Asked, outcome: Outcome, choosy: boolean): boolean {
  if (!choosy) {
    if (outcome.reply !== undefined) fill(cache, asked, outcome.reply, 'background');
    return true;
  }
  const verdict = judge(cache, asked, outcome.reply);
  if (outcome.reply !== undefined && verdict !== 'dropped') fill(cache, asked, outcome.reply, 'background');
  return verdict === 'good';
}

/** May a reply replace a stale entry (RFC 8767 §4)? `kept`: it is stored, but the client gets the stale answer. */
function judge(cache: Cache, asked: Asked, reply: Message | undefined): 'good' | 'kept' | 'dropped' {
  if (reply === undefined) return 'dropped';
  const { behaviour } = cache;
  if (behaviour.staleRefreshIsChoosy && (reply.flags.tc || !answersQuery(asked.question, reply, cache.release))) {
    return 'dropped';
  }
  const kind = classify(reply, behaviour);
  if (cache.options.stale?.preferPositive === true) {
    return kind === 'answer' && answersItsQuestion(reply) ? 'good' : 'kept';
  }
  if (behaviour.staleRefreshIsChoosy && kind === 'other') return 'dropped';
  return reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN' ? 'good' : 'dropped';
}

function beginRefresh(cache: Cache, item: Item, recheck: number): boolean {
  if (recheck > 0 && cache.simulation.now < item.retryAfter) return false;
  const { oneRefreshAtATime } = cache.behaviour;
  if (oneRefreshAtATime && item.refreshing) return false;
  item.refreshing = true;
  return true;
}

function endRefresh(cache: Cache, item: Item, recheck: number, refreshed: boolean): void {
  item.refreshing = false;
  item.retryAfter = recheck > 0 && !refreshed ? cache.simulation.now + recheck : 0;
}

function carryHits(cache: Cache, asked: Asked, item: Item, at: number): void {
  const fresh = peek(cache, asked.key);
  if (fresh === undefined) return;
  fresh.lastHit = at;
  fresh.hits = item.hits;
}

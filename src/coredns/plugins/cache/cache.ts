import type { Message, Question } from '../../../dns/message.ts';
import { sameName } from '../../../dns/name.ts';
import type { Process, Task } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { Simulation } from '../../../engine/simulation.ts';
import { setLentTtls } from '../../lent-records.ts';
import type { ReleaseName } from '../../releases.ts';
import { ageOf, type Item, ttlOf } from './item.ts';
import { QuestionKey } from './key.ts';
import type { CacheMetrics } from './metrics.ts';
import type { CacheOptions } from './options.ts';
import { cacheRecord } from './records.ts';
import type { CacheBehaviour } from './releases.ts';
import type { Key, Store } from './store.ts';

/** A cache of one server block: its two stores, its options and its release's ways. */
export interface Cache {
  readonly options: CacheOptions;
  readonly behaviour: CacheBehaviour;
  readonly release: ReleaseName;
  readonly positive: Store;
  readonly negative: Store;
  readonly metrics: CacheMetrics;
  /** Is there a plugin behind it that hands out records as they lie in its memory? */
  readonly borrows: () => boolean;
  readonly simulation: Simulation;
  /** Name of the process, for records. */
  readonly owner: string;
  readonly spawn: (process: Process) => Task;
}

/** What a query asks of the cache: fixed when it arrives, whatever is asked upstream for it. */
export interface Asked {
  readonly query: Message;
  readonly question: Question;
  readonly key: Key;
  /** The listening server, as metrics label it. */
  readonly server: string;
  readonly trace: TraceId;
}

export function askedOf(cache: Cache, query: Message, question: Question, server: string, trace: TraceId): Asked {
  const key = new QuestionKey(question, query.edns?.do === true, query.flags.cd, cache.behaviour.keyHas);
  return { query, question, key, server, trace };
}

/** May this entry still be served, live or stale? */
export function isServable(cache: Cache, item: Item): boolean {
  const ttl = ttlOf(item, cache.simulation.now);
  return ttl > 0 || (cache.options.stale !== undefined && -ttl < cache.options.stale.upToSeconds);
}

/** The entry that answers, if any; counts the hit or miss. The denials are looked at first. */
export function lookUp(cache: Cache, asked: Asked): Item | undefined {
  cache.metrics.request(asked.server);
  const found = find(cache, asked);
  if (found === 'masked') return undefined;
  if (found === undefined) cache.metrics.miss(asked.server);
  else cache.metrics.hit(asked.server, found.store);
  return found?.item;
}

function find(cache: Cache, asked: Asked): { item: Item; store: 'success' | 'denial' } | 'masked' | undefined {
  const { key } = asked;
  const usable = (item: Item | undefined): item is Item =>
    item !== undefined && matches(cache, item, asked) && isServable(cache, item);
  const positive = cache.positive.get(key);
  if (cache.options.stale?.preferPositive === true) {
    const good = positive?.answering === true ? positive : positive?.lastGood;
    if (usable(good)) return { item: good, store: 'success' };
  }
  const negative = cache.negative.get(key);
  if (usable(negative)) {
    const yields = cache.behaviour.positiveBeatsServfail && negative.rcode === 'SERVFAIL';
    return yields && usable(positive) ? { item: positive, store: 'success' } : { item: negative, store: 'denial' };
  }
  if (negative !== undefined && cache.behaviour.expiredMasks) return 'masked';
  if (usable(positive)) return { item: positive, store: 'success' };
  return positive !== undefined && cache.behaviour.expiredMasks ? 'masked' : undefined;
}

function matches(cache: Cache, item: Item, { question }: Asked): boolean {
  if (!cache.behaviour.checksHits) return true;
  return item.question.type === question.type && sameName(item.question.name, question.name);
}

/** The entry under that key, whatever its age. */
export function peek(cache: Cache, key: Key): Item | undefined {
  return cache.negative.get(key) ?? cache.positive.get(key);
}

/** Writes what the cache did about `asked` with the entry `item` (absent: there is none). */
export function record(cache: Cache, asked: Asked, outcome: string, item: Item | undefined, ttl: number): void {
  const { recorder } = cache.simulation;
  if (recorder.counted(cacheRecord, outcome)) return;
  const { question } = asked;
  const lifetime = item?.lifetime;
  recorder.write(cacheRecord, cache.owner, asked.trace, outcome, {
    name: question.name,
    type: question.type,
    outcome,
    rcode: item?.rcode ?? '',
    age: item === undefined ? Number.NaN : ageOf(item, cache.simulation.now),
    ttl,
    originalTtl: lifetime?.seconds ?? Number.NaN,
    recordTtl: lifetime?.recordTtl ?? Number.NaN,
    clamp: lifetime?.clamp ?? '',
    place: lifetime?.place ?? '',
    staleBy: outcome === 'stale' ? (cache.options.stale?.place ?? '') : '',
    filledBy: item?.filledBy ?? 0,
  });
}

type Sections = Pick<Message, 'answer' | 'authority' | 'additional'>;

/** Gives the records that a plugin behind has lent the TTL that they leave with. */
export function setTtlsInPlace(cache: Cache, { answer, authority, additional }: Sections, ttl: number): void {
  if (!cache.borrows()) return;
  for (const section of [answer, authority, additional]) setLentTtls(section, ttl);
}

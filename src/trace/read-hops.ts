import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { second } from '../engine/time.ts';
import { cacheHit } from '../resolver/records.ts';
import { recursorCache } from '../servers/records.ts';
import type { CacheHop } from './hop.ts';
import type { Quote } from './quote.ts';
import { shortPlace } from './words.ts';

/** Answers out of CoreDNS's caches that bring records. */
export function* corednsHits(store: ColumnStore, quote: Quote): Generator<CacheHop> {
  const storedAt = new Map<string, number>();
  for (const row of store.rows(cacheRecord)) {
    const entry = `${row.at} ${row.filledBy} ${row.name} ${row.type}`;
    if (row.outcome === 'stored') storedAt.set(entry, row.t);
    if ((row.outcome !== 'hit' && row.outcome !== 'stale') || row.rcode !== 'NOERROR') continue;
    const stored = storedAt.get(entry) ?? row.t - row.age * second;
    yield {
      kind: 'cache',
      layer: 'coredns',
      t: row.t,
      seq: row.seq,
      trace: row.trace,
      at: row.at,
      type: row.type,
      storedAt: stored,
      runsOut: stored + row.originalTtl * second,
      lifetime: row.originalTtl * second,
      ...lifeOf(row, quote(row.at, row.place, row.t)),
      filledBy: row.filledBy,
      expired: row.outcome === 'stale',
      expiredBy: settingAt(row.staleBy, quote(row.at, row.staleBy, row.t)),
    };
  }
}

/** What set the life of an entry of CoreDNS's cache; `line`: the one that stands at `place`. */
export function lifeOf(
  { clamp, place, originalTtl, recordTtl }: Lifetime,
  line: string,
): Pick<CacheHop, 'recordTtl' | 'bound' | 'setting'> {
  return { recordTtl, bound: boundOf(originalTtl, recordTtl), setting: settingOf(clamp, place, line) };
}

/** As CoreDNS's cache records it; seconds. */
interface Lifetime {
  readonly clamp: string;
  readonly place: string;
  readonly originalTtl: number;
  readonly recordTtl: number;
}

/** What became of a record's TTL, NaN where the cache does not look at it; seconds. */
function boundOf(lifetime: number, recordTtl: number): CacheHop['bound'] {
  if (Number.isNaN(recordTtl)) return 'fixed';
  if (lifetime === recordTtl) return 'record';
  return lifetime < recordTtl ? 'cut' : 'raised';
}

/** "`cache 30` (Corefile:4)", or the default's name. */
function settingOf(clamp: string, place: string, line: string): string {
  if (place === '') return `the cache's default ${clamp}`;
  return line === '' ? `${clamp} (${shortPlace(place)})` : settingAt(place, line);
}

/** "`cache 30` (Corefile:4)"; empty where the line is not known. */
function settingAt(place: string, line: string): string {
  return line === '' ? '' : `\`${line}\` (${shortPlace(place)})`;
}

/** Answers out of the caches of recursors that bring records. */
export function* recursorHits(store: ColumnStore): Generator<CacheHop> {
  for (const row of store.rows(recursorCache)) {
    if (row.outcome !== 'hit' && row.outcome !== 'stale') continue;
    if (row.rcode !== 'NOERROR' && row.rcode !== 'CNAME') continue;
    const { t, seq, trace, at, type, storedAt, runsOut, recordTtl, filledBy } = row;
    yield {
      kind: 'cache',
      layer: 'recursor',
      t,
      seq,
      trace,
      at,
      type,
      storedAt,
      runsOut,
      lifetime: row.originalTtl * second,
      recordTtl,
      bound: boundOf(row.originalTtl, recordTtl),
      setting: row.clamp,
      filledBy,
      expired: t >= runsOut,
      expiredBy: '',
    };
  }
}

/** Answers out of a cache in the client's own process. */
export function* clientHits(store: ColumnStore): Generator<CacheHop> {
  for (const row of store.rows(cacheHit)) {
    if (row.cause === 'negative') continue;
    yield {
      kind: 'cache',
      layer: 'jvm',
      holder: row.holder,
      t: row.t,
      seq: row.seq,
      trace: row.trace,
      at: row.at,
      type: '',
      storedAt: row.storedAt,
      runsOut: row.runsOut,
      lifetime: row.runsOut - row.storedAt,
      recordTtl: row.recordTtl,
      bound: boundOf((row.runsOut - row.storedAt) / second, row.recordTtl),
      setting: row.setting,
      filledBy: row.filledBy,
      expired: row.expired,
      expiredBy: '',
    };
  }
}

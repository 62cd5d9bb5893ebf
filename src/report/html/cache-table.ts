import { podLife, worldEvent } from '../../cluster/records.ts';
import { cacheRecord } from '../../coredns/plugins/cache/records.ts';
import { coreDnsExit, coreDnsLife } from '../../coredns/records.ts';
import { absolute, sameName } from '../../dns/name.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { cacheHit, cacheStored } from '../../resolver/records.ts';
import { recursorCache } from '../../servers/records.ts';
import type { FinishedRun } from '../../study/run.ts';
import { rootOf } from '../../trace/evidence.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { pack, packSteps } from './packing.ts';
import type { CacheTable } from './page-data.ts';
import type { Texts } from './texts.ts';

type Kind = CacheTable['caches'][number]['kind'];

/** An entry of a cache from its storing to its end. */
interface Life {
  readonly cache: string;
  readonly kind: Kind;
  readonly key: string;
  readonly why: string;
  readonly stored: Micros;
  readonly seq: number;
  /** By its TTL; `ends`: in truth. */
  readonly runsOut: Micros;
  holds: string;
  ends: Micros;
  endedBy: string;
  readonly hits: Micros[];
}

/** Something that a cache did: stored, answered, dropped or forgot. */
type Act = { readonly t: Micros; readonly seq: number; readonly cache: string } & (
  | {
      readonly does: 'store';
      readonly kind: Kind;
      readonly key: string;
      readonly holds: string;
      readonly ends: Micros;
      readonly why: string;
    }
  | { readonly does: 'answer'; readonly key: string; readonly holds: string }
  | { readonly does: 'drop'; readonly key: string }
  | { readonly does: 'forget'; readonly why: string }
);

const mostEntries = 3000;
const mostHits = 40_000;

/** What lay in every cache, from when to when. */
export function cacheTable(run: FinishedRun, texts: Texts): CacheTable {
  const all = livesOf(run);
  const kept = all.length <= mostEntries ? all : mostUsed(all);
  const caches = [...new Map(kept.map(({ cache, kind }) => [`${kind} ${cache}`, { name: cache, kind }])).values()];
  const answers = kept.reduce((sum, { hits }) => sum + hits.length, 0);
  const column = (value: (life: Life) => number): string => pack(kept.map(value));
  return {
    left: all.length - kept.length,
    caches,
    cache: column((life) => caches.findIndex(({ name, kind }) => name === life.cache && kind === life.kind)),
    key: column(({ key }) => texts.number(key)),
    holds: column(({ holds }) => texts.number(holds)),
    why: column(({ why }) => texts.number(why)),
    stored: packSteps(kept.map(({ stored }) => stored)),
    seq: packSteps(kept.map(({ seq }) => seq)),
    lifetime: column(({ stored, runsOut }) => (Number.isFinite(runsOut) ? runsOut - stored : -1)),
    lasts: column(({ stored, ends }) => (Number.isFinite(ends) ? ends - stored : -1)),
    endedBy: column(({ endedBy }) => texts.number(endedBy)),
    hits: column(({ hits }) => hits.length),
    hitTimes: answers > mostHits ? '' : packSteps(kept.flatMap(({ hits }) => hits)),
  };
}

function mostUsed(lives: readonly Life[]): Life[] {
  const chosen = new Set(
    [...lives].sort((a, b) => b.hits.length - a.hits.length || a.seq - b.seq).slice(0, mostEntries),
  );
  return lives.filter((life) => chosen.has(life));
}

function livesOf(run: FinishedRun): Life[] {
  const lives: Life[] = [];
  const current = new Map<string, Life>();
  const end = (key: string, t: Micros, why: string): void => {
    const life = current.get(key);
    if (life === undefined) return;
    current.delete(key);
    if (t < life.ends) [life.ends, life.endedBy] = [t, why];
  };
  const acts = [...resolverActs(run), ...podActs(run), ...corednsActs(run), ...recursorActs(run)];
  for (const act of acts.sort((a, b) => a.seq - b.seq)) {
    if (act.does === 'forget') {
      for (const [key, life] of current) if (life.cache === act.cache) end(key, act.t, act.why);
      continue;
    }
    const key = `${act.cache} ${act.key}`;
    const life = current.get(key);
    if (act.does === 'store') {
      end(key, act.t, 'replaced');
      const { cache, kind, holds, why, ends, t: stored, seq } = act;
      const born = {
        cache,
        kind,
        key: act.key,
        holds,
        why,
        stored,
        seq,
        runsOut: ends,
        ends,
        endedBy: 'ran out',
        hits: [],
      };
      current.set(key, born);
      lives.push(born);
    } else if (act.does === 'drop') end(key, act.t, 'evicted');
    else if (life !== undefined) {
      life.hits.push(act.t);
      if (act.holds !== '') life.holds = act.holds;
      if (act.t > life.ends) life.ends = act.t;
    }
  }
  return lives;
}

function* resolverActs({ store }: FinishedRun): Generator<Act> {
  for (const { t, seq, at, cause, name, addresses, runsOut, setting } of store.rows(cacheStored)) {
    const holds = cause === 'negative' ? 'a failure' : addresses.replaceAll(' ', ', ');
    yield { does: 'store', kind: 'jvm', t, seq, cache: at, key: name, holds, ends: runsOut, why: setting };
  }
  for (const { t, seq, at, name } of store.rows(cacheHit)) {
    yield { does: 'answer', t, seq, cache: at, key: name, holds: '' };
  }
}

/** What a program in a pod had in its memory is lost with its container. */
function* podActs({ store }: FinishedRun): Generator<Act> {
  for (const { t, seq, at: cache, cause } of store.rows(podLife))
    if (endsPrograms.has(cause)) yield { does: 'forget', t, seq, cache, why: 'its container ended' };
}

const endsPrograms: ReadonlySet<string> = new Set(['container-ended', 'container-killed', 'network-removed']);

function* corednsActs(run: FinishedRun): Generator<Act> {
  const got = answersByRoot(run);
  for (const row of run.store.rows(cacheRecord)) {
    const { t, seq, at: cache, outcome, trace } = row;
    const key = `${row.name.replace(/\.$/, '')} ${row.type}`;
    if (outcome === 'stored') {
      const ends = t + row.originalTtl * second;
      yield { does: 'store', kind: 'coredns', t, seq, cache, key, holds: held(row, got(trace)), ends, why: whyOf(row) };
    } else if (outcome === 'hit' || outcome === 'stale') {
      yield { does: 'answer', t, seq, cache, key, holds: held(row, got(trace)) };
    } else if (outcome === 'evicted') yield { does: 'drop', t, seq, cache, key };
  }
  for (const { t, seq, at: cache, cause } of run.store.rows(coreDnsLife)) {
    if (cause === 'started' || cause === 'reloaded') yield { does: 'forget', t, seq, cache, why: `CoreDNS ${cause}` };
  }
  for (const { t, seq, at: cache } of run.store.rows(coreDnsExit))
    yield { does: 'forget', t, seq, cache, why: 'CoreDNS ended' };
}

function* recursorActs(run: FinishedRun): Generator<Act> {
  const got = answersByRoot(run);
  for (const row of run.store.rows(recursorCache)) {
    const { t, seq, at: cache, outcome, trace, runsOut } = row;
    const key = `${row.name.replace(/\.$/, '')} ${row.type}`;
    const holds = held(row, got(trace));
    if (outcome === 'stored') {
      yield { does: 'store', kind: 'recursor', t, seq, cache, key, holds, ends: runsOut, why: whyOf(row) };
    } else if (outcome === 'hit' || outcome === 'stale') yield { does: 'answer', t, seq, cache, key, holds };
  }
  for (const { t, seq, at: cache, cause } of run.store.rows(worldEvent)) {
    if (cause === 'restart') yield { does: 'forget', t, seq, cache, why: 'flushed' };
  }
}

interface Entry {
  readonly t: Micros;
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
}

/** What an entry holds: no record tells, but the lookup that it answered does, unless that had ended before. */
function held({ t, name, type, rcode }: Entry, lookup: JudgedLookup | undefined): string {
  if (rcode !== 'NOERROR' && rcode !== 'CNAME') return rcode;
  if (lookup === undefined || lookup.end < t || !sameName(absolute(lookup.answeredName), absolute(name))) return '';
  return lookup.addresses.filter((address) => type === (address.includes(':') ? 'AAAA' : 'A')).join(', ');
}

function answersByRoot({ store, analysis }: FinishedRun): (trace: TraceId) => JudgedLookup | undefined {
  const lookups = analysis.workloads.flatMap((workload) => workload.lookups);
  const byTrace = new Map(lookups.map((lookup) => [lookup.trace, lookup]));
  return (trace) => byTrace.get(rootOf(store, trace));
}

interface Lifetime {
  readonly originalTtl: number;
  readonly recordTtl: number;
  readonly clamp: string;
  readonly place?: string;
}

/** `30 s, not the record's 600 s: success max 30 (Corefile:14)`. */
function whyOf({ originalTtl, recordTtl, clamp, place = '' }: Lifetime): string {
  if (clamp === 'record ttl') return `${originalTtl} s, its TTL`;
  const than = Number.isNaN(recordTtl) || recordTtl === originalTtl ? '' : `, not the record's ${recordTtl} s`;
  const where = place === '' ? '' : ` (${place.slice(place.lastIndexOf('/') + 1)})`;
  return `${originalTtl} s${than}: ${clamp}${where}`;
}

import type { Question } from '../../dns/message.ts';
import { isWithin, labelsOf, lower } from '../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../dns/record.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { type Asked, ask, type ProfiledAsker } from './ask.ts';
import { RecursorCache } from './cache.ts';
import { bare, type Resolution } from './engine.ts';
import { type Entry, entryOf, failedEntry, isDenial, remaining, runsOut } from './entry.ts';
import { Fetch } from './fetch.ts';
import { noteCache } from './note.ts';
import type { Upstream } from './upstream.ts';

/** CNAMEs followed for one question (unbound: 11 restarts). */
const longestChain = 11;

/** The servers of a zone. Its own ones are asked without RD (unbound's `stub-zone`, BIND's `static-stub`). */
export interface ZoneServers {
  readonly servers: readonly Upstream[];
  readonly isStub: boolean;
}

/** By zone, in lower case with final dot. */
export type Upstreams = ReadonlyMap<string, ZoneServers>;

/** Answers questions out of a cache, and fills it from other servers. */
export class Resolver {
  readonly #asker: ProfiledAsker;
  readonly #upstreams: Upstreams;
  readonly #cache: RecursorCache;
  /** Questions on their way, so that equal ones wait for the same reply (recording `recursor-coalesce`). */
  readonly #fetching = new Map<string, Fetch<Entry>>();
  /** Until when nobody is asked, because it failed: by question. */
  readonly #paused = new Map<string, Micros>();

  constructor(asker: ProfiledAsker, upstreams: Upstreams) {
    this.#asker = asker;
    this.#upstreams = upstreams;
    this.#cache = new RecursorCache(asker.profile);
  }

  /** Is the answer at hand? */
  knows({ name, type }: Question): boolean {
    return this.#cache.find(name, type, this.#asker.simulation.now) !== undefined;
  }

  *resolve(question: Question, trace: TraceId, rd: boolean): Process<Resolution> {
    const { profile, simulation } = this.#asker;
    if (question.type === 'ANY' && profile.any !== 'known' && profile.any !== 'one set') return bare(profile.any);
    const answer: ResourceRecord[] = [];
    let { name } = question;
    for (let links = 0; links <= longestChain; links++) {
      const known = this.#known(name, question.type, trace);
      if (known === undefined && !rd && profile.withoutRd !== 'asked') return bare('REFUSED');
      const { entry, isStale } = known ?? (yield* this.#learn(name, question.type, trace, rd));
      const ttl = isStale ? (profile.stale?.replyTtl ?? 0) : Math.max(0, remaining(entry, simulation.now));
      const owner = profile.keepsLetters ? undefined : name;
      const records = withTtl(entry, owner, this.#shown(entry, ttl));
      switch (entry.outcome) {
        case 'failed':
          return bare('SERVFAIL');
        case 'nxdomain':
          return { rcode: 'NXDOMAIN', answer, authority: records, additional: [] };
        case 'nodata':
          return { rcode: 'NOERROR', answer, authority: records, additional: [] };
        case 'found': {
          const age = Math.floor(simulation.now / second) - Math.floor(entry.storedAt / second);
          const additional = (entry.addresses ?? []).map((record) => ({
            ...record,
            ttl: Math.max(0, record.ttl - age),
          }));
          return { rcode: 'NOERROR', answer: [...answer, ...records], authority: [], additional };
        }
        case 'alias': {
          answer.push(...records);
          const [alias] = entry.records;
          if (alias?.data.type === 'CNAME') name = alias.data.target;
        }
      }
    }
    return bare('SERVFAIL');
  }

  /** Forgets everything. */
  flush(): void {
    this.#cache.clear();
    this.#paused.clear();
  }

  stop(): void {
    for (const fetch of this.#fetching.values()) fetch.task?.kill();
    this.#fetching.clear();
    this.flush();
  }

  /** The TTL of a cached denial's SOA is its own, whatever its life is bounded to (kresd). */
  #shown(entry: Entry, ttl: number): number {
    const isFresh = this.#asker.simulation.now === entry.storedAt;
    if (!this.#asker.profile.showsUnboundedSoa || !isDenial(entry) || isFresh) return ttl;
    return Math.max(0, ttl - entry.ttl + entry.recordTtl);
  }

  /** What can be told at once: a live entry, one that has run out, or a failure that is kept. */
  #known(name: string, type: string, trace: TraceId): Known | undefined {
    const { simulation, profile } = this.#asker;
    const { now } = simulation;
    const known = this.#anyKnown(name, type) ?? this.#cache.find(name, type, now);
    if (known !== undefined) {
      this.#note('hit', name, type, known, trace);
      if (this.#isDue(known)) this.#fetchAhead(name, type, trace);
      return { entry: known, isStale: false };
    }
    const expired = profile.stale && this.#cache.expired(name, type, now);
    const isPaused = now < (this.#paused.get(`${lower(name)} ${type}`) ?? 0);
    if (expired !== undefined && (isPaused || profile.stale?.after === 0)) {
      this.#note('stale', name, type, expired, trace);
      if (!isPaused) this.#fetchAhead(name, type, trace);
      return { entry: expired, isStale: true };
    }
    const failure = expired === undefined ? this.#cache.failure(name, type, now) : undefined;
    if (failure === undefined) return undefined;
    this.#note('hit', name, type, failure, trace);
    return { entry: failure, isStale: false };
  }

  /** To ANY, whatever is known of the name. */
  #anyKnown(name: string, type: string): Entry | undefined {
    if (type !== 'ANY') return undefined;
    const sets = this.#cache.sets(name, this.#asker.simulation.now);
    const shortest = sets.toSorted((a, b) => remaining(a, 0) - remaining(b, 0))[0];
    if (shortest === undefined) return undefined;
    const [last] = sets.slice(-1);
    if (this.#asker.profile.any === 'one set' && last !== undefined) return last;
    return { ...shortest, records: sets.flatMap(({ records }) => records) };
  }

  *#learn(name: string, type: string, trace: TraceId, rd: boolean): Process<Known> {
    const { simulation, profile } = this.#asker;
    const underway = this.#fetching.get(`${lower(name)} ${type}`);
    this.#note(underway === undefined ? 'miss' : 'joined', name, type, undefined, trace);
    const expired = profile.stale && this.#cache.expired(name, type, simulation.now);
    const fetch = underway ?? this.#fetch(name, type, trace, rd);
    const patience = expired === undefined ? undefined : profile.stale?.after;
    const deadline = patience === undefined || profile.stale?.atTryEnds ? undefined : simulation.now + patience;
    do yield* fetch.wait(deadline);
    while (fetch.result === undefined && expired === undefined);
    const entry = fetch.result;
    if (expired !== undefined && (entry === undefined || entry.outcome === 'failed')) {
      this.#note('stale', name, type, expired, trace);
      return { entry: expired, isStale: true };
    }
    if (entry === undefined) throw new Error('a question ended without an entry');
    if (underway !== undefined) this.#note('hit', name, type, entry, trace);
    const isOne = type === 'ANY' && profile.any === 'one set';
    return { entry: isOne ? (this.#anyKnown(name, type) ?? entry) : entry, isStale: false };
  }

  /** Is the entry so near its end that the program asks again behind it? */
  #isDue(entry: Entry): boolean {
    const { share, seconds, from } = this.#asker.profile.prefetch;
    const left = remaining(entry, this.#asker.simulation.now);
    return entry.ttl >= from && left <= Math.max(seconds, Math.floor(share * entry.ttl)) && (share > 0 || seconds > 0);
  }

  #fetchAhead(name: string, type: string, trace: TraceId): void {
    if (this.#fetching.has(`${lower(name)} ${type}`)) return;
    this.#note('refresh', name, type, undefined, trace);
    this.#fetch(name, type, this.#asker.simulation.recorder.trace(trace), true);
  }

  #fetch(name: string, type: string, trace: TraceId, rd: boolean): Fetch<Entry> {
    const { simulation, profile } = this.#asker;
    const { stale } = profile;
    const isAwaited = stale?.atTryEnds === true && this.#cache.expired(name, type, simulation.now) !== undefined;
    const fetch = new Fetch<Entry>(
      simulation,
      isAwaited && stale.after > 0 ? simulation.now + stale.after : Number.POSITIVE_INFINITY,
    );
    this.#fetching.set(`${lower(name)} ${type}`, fetch);
    fetch.task = simulation.spawn(this.#askAndStore(fetch, name, type, trace, rd));
    return fetch;
  }

  *#askAndStore(fetch: Fetch<Entry>, name: string, type: string, trace: TraceId, rd: boolean): Process {
    const { simulation, profile } = this.#asker;
    const [zone, { servers, isStub }] = this.#serversFor(name);
    if (isStub && profile.minimises !== false) yield* this.#uncover(zone, servers, name, profile.minimises, trace);
    const { patience } = fetch;
    const asked = yield* ask(this.#asker, servers, { name, type, rd: rd && !isStub, trace, patience });
    const key = `${lower(name)} ${type}`;
    this.#fetching.delete(key);
    const entry = this.#keep(asked, name, type);
    const pause = profile.stale?.pause ?? 0;
    if (entry.outcome === 'failed') this.#paused.set(key, simulation.now + pause * second);
    else this.#paused.delete(key);
    fetch.finish(entry);
  }

  /** Keeps what a reply says about a question, and what it says behind an alias. */
  #keep(asked: Asked, name: string, type: string): Entry {
    const { simulation, profile } = this.#asker;
    const filled = { storedAt: simulation.now, filledBy: asked.trace };
    const came = 'reply' in asked ? entryOf(asked.reply, name, type, profile, filled) : undefined;
    const isKept = profile.keepsSilence || !('failure' in asked) || asked.failure === 'refusal';
    const entry = this.#store(name, type, came ?? failedEntry(profile, isKept, filled));
    if (!('reply' in asked) || came === undefined) return entry;
    if (type === 'ANY' && profile.anyFillsTypes) {
      for (const kind of new Set(came.records.map(typeOf))) {
        const own = entryOf(asked.reply, name, kind, profile, filled);
        if (own !== undefined) this.#cache.store(name, kind, own);
      }
    }
    let [link] = came.outcome === 'alias' ? came.records : [];
    for (let links = 0; profile.takesChains && link?.data.type === 'CNAME' && links < longestChain; links++) {
      const { target } = link.data;
      const next = entryOf({ ...asked.reply, authority: [] }, target, type, profile, filled);
      if (next === undefined || isDenial(next)) break;
      this.#store(target, type, next);
      [link] = next.outcome === 'alias' ? next.records : [];
    }
    return entry;
  }

  #store(name: string, type: string, came: Entry): Entry {
    const entry = came.ttl > 0 ? this.#cache.store(name, type, came) : came;
    this.#note(entry.ttl > 0 ? 'stored' : 'not-stored', name, type, entry, entry.filledBy);
    return entry;
  }

  /** Asks label by label whether there is anything on the way to a name (RFC 9156), without what is known already. */
  *#uncover(zone: string, servers: readonly Upstream[], name: string, type: string, trace: TraceId): Process {
    const labels = labelsOf(name);
    for (let count = labelsOf(zone).length + 1; count < labels.length; count++) {
      const part = `${labels.slice(-count).join('.')}.`;
      const known = this.#cache.find(part, type, this.#asker.simulation.now);
      if (known?.outcome === 'nxdomain') return;
      if (known !== undefined) continue;
      const asked = yield* ask(this.#asker, servers, { name: part, type, rd: false, trace });
      const { outcome } = this.#keep(asked, part, type);
      if (outcome === 'nxdomain' || outcome === 'failed') return;
    }
  }

  /** The servers of the longest zone that holds the name. */
  #serversFor(name: string): [zone: string, servers: ZoneServers] {
    let nearest = '';
    for (const zone of this.#upstreams.keys()) {
      if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
    }
    return [nearest, this.#upstreams.get(nearest) ?? { servers: [], isStub: false }];
  }

  #note(outcome: string, name: string, type: string, entry: Entry | undefined, trace: TraceId): void {
    const { profile, simulation } = this.#asker;
    const noted = entry && {
      ttl: entry.ttl,
      recordTtl: entry.recordTtl,
      clamp: entry.clamp,
      storedAt: entry.storedAt,
      filledBy: entry.filledBy,
      rcode: rcodeWords[entry.outcome],
      shown: outcome === 'stale' ? (profile.stale?.replyTtl ?? 0) : remaining(entry, simulation.now),
      runsOut: runsOut(entry, profile),
    };
    noteCache(this.#asker, outcome, name, type, noted, trace);
  }
}

interface Known {
  readonly entry: Entry;
  readonly isStale: boolean;
}

const rcodeWords: Readonly<Record<Entry['outcome'], string>> = {
  found: 'NOERROR',
  alias: 'CNAME',
  nodata: 'NODATA',
  nxdomain: 'NXDOMAIN',
  failed: 'SERVFAIL',
};

/** Records with the TTL left; those of a set under the name as asked, where one is given, a SOA under its own. */
function withTtl(entry: Entry, owner: string | undefined, ttl: number): ResourceRecord[] {
  return entry.records.map((record) => {
    return { ...record, name: isDenial(entry) || owner === undefined ? record.name : owner, ttl };
  });
}

import type { Question, Rcode } from '../../dns/message.ts';
import { isWithin, lower } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { type Process, type Task, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { second } from '../../engine/time.ts';
import { recursorCache } from '../records.ts';
import { type Asker, ask } from './ask.ts';
import { RecursorCache } from './cache.ts';
import { type Entry, entryOf, failedEntry, isDenial, remaining, runsOut } from './entry.ts';
import type { Upstream } from './upstream.ts';

/** What a client gets: its TTLs are those of this instant. */
export interface Resolution {
  readonly rcode: Rcode;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
}

/** CNAMEs followed for one question (unbound: 11 restarts). */
const longestChain = 11;

/** Servers by the zone that they are asked for; zones in lower case with final dot. */
export type Upstreams = ReadonlyMap<string, readonly Upstream[]>;

/** Answers questions out of a cache, and fills it from other servers. */
export class Resolver {
  readonly #asker: Asker;
  readonly #upstreams: Upstreams;
  readonly #cache: RecursorCache;
  /** Questions on their way, so that equal ones wait for the same reply (recording `recursor-coalesce`). */
  readonly #fetching = new Map<string, Task<Entry>>();

  constructor(asker: Asker, upstreams: Upstreams) {
    this.#asker = asker;
    this.#upstreams = upstreams;
    this.#cache = new RecursorCache(asker.profile);
  }

  /** Without RD (`mayAsk` false) only what is known is answered, REFUSED otherwise (unbound). */
  *resolve(question: Question, trace: TraceId, mayAsk: boolean): Process<Resolution> {
    const answer: ResourceRecord[] = [];
    let { name } = question;
    for (let links = 0; links <= longestChain; links++) {
      const entry =
        this.#known(name, question.type, trace) ??
        (mayAsk ? yield* this.#learn(name, question.type, trace) : undefined);
      if (entry === undefined) return { rcode: 'REFUSED', answer: [], authority: [] };
      const records = withTtl(entry, name, Math.max(0, remaining(entry, this.#asker.simulation.now)));
      switch (entry.outcome) {
        case 'failed':
          return { rcode: 'SERVFAIL', answer: [], authority: [] };
        case 'nxdomain':
          return { rcode: 'NXDOMAIN', answer, authority: records };
        case 'nodata':
          return { rcode: 'NOERROR', answer, authority: records };
        case 'found':
          return { rcode: 'NOERROR', answer: [...answer, ...records], authority: [] };
        case 'alias': {
          answer.push(...records);
          const [alias] = entry.records;
          if (alias?.data.type === 'CNAME') name = alias.data.target;
        }
      }
    }
    return { rcode: 'SERVFAIL', answer: [], authority: [] };
  }

  /** Forgets everything. */
  flush(): void {
    this.#cache.clear();
  }

  stop(): void {
    for (const task of this.#fetching.values()) task.kill();
    this.#fetching.clear();
    this.#cache.clear();
  }

  #known(name: string, type: string, trace: TraceId): Entry | undefined {
    const known = this.#cache.find(name, type, this.#asker.simulation.now);
    if (known === undefined) return undefined;
    this.#note('hit', name, type, known, trace);
    if (this.#isDue(known)) this.#fetchAhead(name, type, trace);
    return known;
  }

  *#learn(name: string, type: string, trace: TraceId): Process<Entry> {
    const key = `${lower(name)} ${type}`;
    const underway = this.#fetching.get(key);
    this.#note(underway === undefined ? 'miss' : 'joined', name, type, undefined, trace);
    const entry = yield* (underway ?? this.#fetch(name, type, trace)).join();
    if (entry === timedOut) throw new Error('a question without deadline timed out');
    if (underway !== undefined) this.#note('hit', name, type, entry, trace);
    return entry;
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
    this.#fetch(name, type, this.#asker.simulation.recorder.trace(trace));
  }

  #fetch(name: string, type: string, trace: TraceId): Task<Entry> {
    const key = `${lower(name)} ${type}`;
    const task = this.#asker.simulation.spawn(this.#askAndStore(name, type, trace));
    this.#fetching.set(key, task);
    return task;
  }

  *#askAndStore(name: string, type: string, trace: TraceId): Process<Entry> {
    const { simulation, profile } = this.#asker;
    const asked = yield* ask(this.#asker, this.#serversFor(name), name, type, trace);
    const filled = { storedAt: simulation.now, filledBy: asked.trace };
    const came =
      ('reply' in asked ? entryOf(asked.reply, name, type, profile, filled) : undefined) ??
      failedEntry(profile, !('failure' in asked) || asked.failure === 'refusal', filled);
    this.#fetching.delete(`${lower(name)} ${type}`);
    const entry = came.ttl > 0 ? this.#cache.store(name, type, came) : came;
    this.#note(entry.ttl > 0 ? 'stored' : 'not-stored', name, type, entry, asked.trace);
    return entry;
  }

  /** The servers of the longest zone that holds the name. */
  #serversFor(name: string): readonly Upstream[] {
    let nearest = '';
    for (const zone of this.#upstreams.keys()) {
      if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
    }
    return this.#upstreams.get(nearest) ?? [];
  }

  #note(outcome: string, name: string, type: string, entry: Entry | undefined, trace: TraceId): void {
    const { simulation, profile } = this.#asker;
    const absent = Number.NaN;
    simulation.recorder.write(recursorCache, this.#asker.name, trace, outcome, {
      name,
      type,
      outcome,
      rcode: entry === undefined ? '' : rcodeWords[entry.outcome],
      age: entry === undefined ? absent : Math.floor((simulation.now - entry.storedAt) / second),
      ttl: entry === undefined ? absent : Math.max(0, remaining(entry, simulation.now)),
      originalTtl: entry?.ttl ?? absent,
      recordTtl: entry?.recordTtl ?? absent,
      clamp: entry?.clamp ?? '',
      storedAt: entry?.storedAt ?? absent,
      runsOut: entry === undefined ? absent : runsOut(entry, profile),
      filledBy: entry?.filledBy ?? absent,
    });
  }
}

const rcodeWords: Readonly<Record<Entry['outcome'], string>> = {
  found: 'NOERROR',
  alias: 'CNAME',
  nodata: 'NODATA',
  nxdomain: 'NXDOMAIN',
  failed: 'SERVFAIL',
};

/** Records with the TTL left; owners of the set in the letters asked, a SOA under its own name. */
function withTtl(entry: Entry, name: string, ttl: number): ResourceRecord[] {
  return entry.records.map((record) => ({ ...record, name: isDenial(entry) ? record.name : name, ttl }));
}

import type { Question } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import { type ResourceRecord, withTtl } from '../../dns/record.ts';
import type { Process } from '../../engine/process.ts';
import { noTrace, type TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { ProfiledAsker } from './ask.ts';
import { bare, type Resolution } from './engine.ts';
import { type Entry, isDenial, remaining } from './entry.ts';
import { Fetch } from './fetch.ts';
import { longestChain, Memory, silence } from './memory.ts';
import type { Kind } from './rate-limit.ts';
import { rootServers } from './root.ts';
import { Telling } from './telling.ts';
import { type Waiter, WaitingRoom } from './waiting-room.ts';
import { type Asker, type Kinship, type Known, keyOf, type Wanted } from './wanted.ts';
import { type Upstreams, Zones } from './zones.ts';

/** Answers questions out of a cache, and fills it from other servers. */
export class Resolver {
  readonly #asker: ProfiledAsker;
  readonly #memory: Memory;
  readonly #telling: Telling;
  readonly #zones: Zones;
  /** Questions on their way, so that equal ones wait for the same reply (recording `recursor-m-coalesce`). */
  readonly #fetching = new Map<string, Fetch<Entry>>();
  readonly #running = new Set<Fetch<Entry>>();
  readonly #room: WaitingRoom;
  /** Until when nobody is asked, because it failed: by question. */
  readonly #paused = new Map<string, Micros>();

  constructor(asker: ProfiledAsker, upstreams: Upstreams) {
    this.#asker = asker;
    this.#memory = new Memory(asker);
    this.#telling = new Telling(asker, this.#memory);
    this.#zones = new Zones(asker, upstreams, this.#memory);
    this.#room = new WaitingRoom(asker.profile.crowd, asker.simulation);
  }

  /** What a question is to rate limits. */
  kindOf({ name, type }: Question): Kind {
    const known = this.#memory.cache.find(name, type, this.#asker.simulation.now);
    if (known === undefined) return { counts: 'uncached', key: '' };
    if (known.outcome === 'nxdomain') return { counts: 'nxdomain', key: known.records[0]?.name ?? '' };
    return { counts: 'found', key: `${lower(name)} ${type}` };
  }

  *resolve(question: Question, trace: TraceId, { rd, from, isApart }: Asker): Process<Resolution | 'drop'> {
    const { profile } = this.#asker;
    const refusal = this.#telling.refusal(question.type, rd);
    if (refusal !== undefined) return refusal;
    const answer: ResourceRecord[] = [];
    let { name } = question;
    const seen = new Set<string>();
    const isForwarded = !rd && profile.withoutRd === 'asked';
    for (let links = 0; links <= longestChain && !seen.has(lower(name)); links++) {
      seen.add(lower(name));
      const known = isForwarded && links === 0 ? undefined : this.#known(name, question.type, trace);
      if (known === undefined && !rd && !isForwarded) return bare('REFUSED');
      const learned = known ?? (yield* this.#await({ name, type: question.type, isApart }, trace, rd, from));
      if (learned === 'drop') return 'drop';
      if (learned === 'fail') return bare('SERVFAIL');
      const { entry } = learned;
      if (isEndDue(learned, question)) this.#fetchChain(question, trace);
      const records = this.#telling.told(learned, known !== undefined, name);
      const end = this.#telling.endOf(entry, answer, records, isForwarded);
      if (end !== undefined) return end;
      answer.push(...records);
      if (question.type === 'CNAME') return { ...bare('NOERROR'), answer };
      const [alias] = entry.records;
      if (alias?.data.type === 'CNAME') name = alias.data.target;
    }
    return { ...bare('SERVFAIL'), answer: profile.showsLoops ? answer : [] };
  }

  /** What it knows from the start. */
  knowRoot(): void {
    const { simulation, profile } = this.#asker;
    const { rootHints: ttl } = profile;
    if (ttl === 0) return;
    const filled = { storedAt: simulation.now, filledBy: simulation.recorder.trace(noTrace) };
    const life = { ttl, recordTtl: ttl, clamp: 'root hints' };
    this.#memory.cache.store('.', 'NS', { outcome: 'found', records: rootServers(ttl), ...life, ...filled });
    this.#fetch({ name: '.', type: 'NS' }, filled.filledBy, true);
  }

  /** Forgets everything. */
  flush(): void {
    this.#memory.cache.clear();
    this.#paused.clear();
  }

  stop(): void {
    for (const fetch of this.#running) fetch.task?.kill();
    this.#running.clear();
    this.#fetching.clear();
    this.flush();
  }

  /** What can be told at once: a live entry, one that has run out, or a failure that is kept. */
  #known(name: string, type: string, trace: TraceId): Known | undefined {
    const { simulation, profile } = this.#asker;
    const { now } = simulation;
    const known = this.#anyKnown(name, type) ?? this.#memory.cache.find(name, type, now);
    if (known !== undefined) {
      this.#memory.note('hit', name, type, known, trace);
      const isDue = this.#isDue(known);
      const ahead = profile.prefetchesSets && known.outcome === 'alias' ? 'CNAME' : type;
      const isKind = !profile.prefetchesSets || !isDenial(known);
      if (isDue && isKind && !profile.refreshesChains) this.#fetchAhead(name, ahead, trace);
      return { entry: known, isStale: false, isDue };
    }
    const expired = this.#expired(name, type);
    const isPaused = now < (this.#paused.get(`${lower(name)} ${type}`) ?? 0);
    if (expired !== undefined && (isPaused || profile.stale?.after === 0)) {
      this.#memory.note('stale', name, type, expired, trace);
      const isLink = profile.prefetchesSets && expired.outcome === 'alias' && type !== 'CNAME';
      if (!isPaused && !isLink && !profile.refreshesChains) this.#fetchAhead(name, type, trace);
      return { entry: expired, isStale: true, isDue: !isPaused };
    }
    const failure = expired === undefined ? this.#failureOf(name, type) : undefined;
    if (failure === undefined) return undefined;
    this.#memory.note('hit', name, type, failure, trace);
    return { entry: failure, isStale: false };
  }

  #failureOf(name: string, type: string): Entry | undefined {
    const { now } = this.#asker.simulation;
    return this.#memory.cache.failure(name, type, now) ?? this.#memory.cache.failure(name, `${type}${silence}`, now);
  }

  /** To ANY, whatever is known of the name. */
  #anyKnown(name: string, type: string): Entry | undefined {
    if (type !== 'ANY') return undefined;
    const { now } = this.#asker.simulation;
    if (this.#memory.cache.isGone(name, now)) return undefined;
    const sets = this.#memory.cache.sets(name, now);
    const shortest = sets.toSorted((a, b) => remaining(a, 0) - remaining(b, 0))[0];
    if (shortest === undefined) return undefined;
    const [last] = sets.slice(-1);
    if (this.#asker.profile.any === 'one set' && last !== undefined) return last;
    const records = sets.flatMap((set) => {
      const ttl = Math.max(0, remaining(set, now));
      return set.records.map((record) => withTtl(record, ttl));
    });
    return { ...shortest, records, isMixed: true };
  }

  /** Where there is room to wait. */
  *#await(asked: Wanted, trace: TraceId, rd: boolean, from: string): Process<Known | 'drop' | 'fail'> {
    const { name, type } = asked;
    const isShared = this.#asker.profile.waiting.kind !== 'knot';
    const underway = isShared ? this.#fetching.get(keyOf(name, type, asked.isApart ? 'apart' : 'joined')) : undefined;
    const waiter = this.#room.enter(from, underway, this.#running);
    if (typeof waiter === 'string') {
      this.#memory.note(waiter === 'drop' ? 'dropped' : 'refused', name, type, undefined, trace);
      return waiter;
    }
    const known = yield* this.#learn(asked, trace, rd, underway, waiter);
    if (!waiter.isOut) this.#room.leave(waiter);
    return known;
  }

  *#learn(
    asked: Wanted,
    trace: TraceId,
    rd: boolean,
    underway: Fetch<Entry> | undefined,
    waiter: Waiter,
  ): Process<Known | 'drop' | 'fail'> {
    const { simulation, profile } = this.#asker;
    const { name, type } = asked;
    this.#memory.note(underway === undefined ? 'miss' : 'joined', name, type, undefined, trace);
    const expired = this.#expired(name, type);
    const fetch = underway ?? this.#fetch(asked, trace, rd, asked.isApart === true ? 'apart' : 'joined');
    fetch.clients++;
    waiter.fetch = fetch;
    const patience = expired === undefined ? undefined : profile.stale?.after;
    const isTimed = patience !== undefined && profile.stale?.atTryEnds === false;
    if (isTimed && fetch.staleAt <= simulation.now) fetch.staleAt = simulation.now + patience;
    const deadline = isTimed ? fetch.staleAt : undefined;
    yield* fetch.wait(deadline);
    let entry = fetch.result;
    const told = entry === undefined || entry.outcome === 'failed' ? this.#expired(name, type) : undefined;
    if (told !== undefined) {
      this.#memory.note('stale', name, type, told, trace);
      if (profile.stale?.revivals !== undefined)
        return { entry: this.#memory.revive(told, name, type), isStale: false };
      return { entry: told, isStale: true };
    }
    while (entry === undefined && !waiter.isOut && !fetch.isDropped) {
      yield* fetch.wait();
      entry = fetch.result;
    }
    if (fetch.isDropped && entry === undefined) this.#forget(fetch);
    if (entry === undefined) return waiter.isOut ? 'fail' : 'drop';
    if (underway !== undefined) this.#memory.note('hit', name, type, entry, trace);
    const isOne = type === 'ANY' && profile.any === 'one set';
    return { entry: isOne ? (this.#anyKnown(name, type) ?? entry) : entry, isStale: false };
  }

  /** A question that is given up. */
  #forget(fetch: Fetch<Entry>): void {
    this.#running.delete(fetch);
    for (const [key, one] of this.#fetching) if (one === fetch) this.#fetching.delete(key);
  }

  /** What has run out but may still be told. */
  #expired(name: string, type: string): Entry | undefined {
    const { profile, simulation } = this.#asker;
    return profile.stale && this.#memory.cache.expired(name, type, simulation.now);
  }

  /** Is the entry so near its end that the program asks again behind it? */
  #isDue({ alone, ...shown }: Entry): boolean {
    const { share, seconds, from } = this.#asker.profile.prefetch;
    const entry = alone ?? shown;
    const left = remaining(entry, this.#asker.simulation.now);
    return entry.ttl >= from && left <= seconds + Math.floor(share * entry.ttl) && (share > 0 || seconds > 0);
  }

  #fetchAhead(name: string, type: string, trace: TraceId): void {
    const { simulation, profile } = this.#asker;
    const kind = profile.joinsPrefetch ? 'joined' : 'ahead';
    if (this.#fetching.has(keyOf(name, type, kind))) return;
    this.#memory.note('refresh', name, type, undefined, trace);
    this.#fetch({ name, type, isAhead: true }, simulation.recorder.trace(trace), true, kind);
  }

  /** Asks for a name anew, and then for what its aliases lead to, whatever is known of them. */
  #fetchChain({ name, type }: Question, trace: TraceId): void {
    if (!this.#asker.profile.refreshesChains) return;
    if (this.#fetching.has(keyOf(name, type, 'joined'))) return;
    this.#fetchAhead(name, type, trace);
    const fetch = this.#fetching.get(keyOf(name, type, 'joined'));
    if (fetch === undefined) return;
    const { simulation } = this.#asker;
    const follow = (target: string) => this.#fetchChain({ name: target, type, class: 'IN' }, trace);
    simulation.spawn(
      (function* (): Process {
        yield* fetch.wait();
        const [alias] = fetch.result?.outcome === 'alias' ? fetch.result.records : [];
        if (alias?.data.type === 'CNAME') follow(alias.data.target);
      })(),
    );
  }

  /** Clients that ask the same join it, unless it was begun ahead of time by a program in which they do not. */
  #fetch(wanted: Wanted, trace: TraceId, rd: boolean, kind: Kinship = 'joined'): Fetch<Entry> {
    const { simulation, profile } = this.#asker;
    const { stale } = profile;
    const isAwaited = stale?.atTryEnds === true;
    const fetch = new Fetch<Entry>(
      simulation,
      isAwaited && stale.after > 0 ? simulation.now + stale.after : Number.POSITIVE_INFINITY,
    );
    const key = keyOf(wanted.name, wanted.type, kind);
    this.#fetching.set(key, fetch);
    this.#running.add(fetch);
    fetch.task = simulation.spawn(this.#askAndStore(fetch, key, wanted, trace, rd));
    return fetch;
  }

  *#askAndStore(fetch: Fetch<Entry>, flight: string, wanted: Wanted, trace: TraceId, rd: boolean): Process {
    const { simulation, profile } = this.#asker;
    const { name, type, isAhead = false } = wanted;
    const began = simulation.now;
    const asked = yield* this.#zones.ask({ name, type, rd, trace, patience: fetch.patience });
    const key = `${lower(name)} ${type}`;
    this.#running.delete(fetch);
    if (this.#fetching.get(flight) === fetch) this.#fetching.delete(flight);
    const entry = this.#memory.keep(asked, { name, type, isAhead }, began);
    const pause = profile.stale?.pause ?? 0;
    const isSilence = 'failure' in asked && asked.failure !== 'refusal';
    if (entry.outcome === 'failed') this.#memory.cache.renew(name, type, simulation.now);
    // BIND counts whole seconds of the wall clock (recording recursor-p-bind-stale-pause).
    if (isSilence) this.#paused.set(key, (Math.floor(simulation.now / second) + pause) * second);
    else this.#paused.delete(key);
    fetch.finish(entry);
  }
}

/** Is it time to ask anew for a chain of aliases? That is for its end to say, as long as all of it is alive. */
function isEndDue({ entry, isDue = false, isStale }: Known, { type }: Question): boolean {
  return isDue && (entry.outcome !== 'alias' || type === 'CNAME' || isStale);
}

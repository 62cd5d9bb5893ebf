import type { Question } from '../../dns/message.ts';
import { lower, sameName } from '../../dns/name.ts';
import { type ResourceRecord, withTtl } from '../../dns/record.ts';
import type { Process } from '../../engine/process.ts';
import { noTrace, type TraceId } from '../../engine/recorder.ts';
import type { ProfiledAsker } from './ask.ts';
import { bare, type Resolution } from './engine.ts';
import { type Entry, remaining } from './entry.ts';
import type { Fetch } from './fetch.ts';
import { Fetches } from './fetches.ts';
import { longestChain, Memory } from './memory.ts';
import type { Kind } from './rate-limit.ts';
import { rootServers } from './root.ts';
import { Telling } from './telling.ts';
import { type Waiter, WaitingRoom } from './waiting-room.ts';
import type { Answering, Asker, Kinship, Known, Wanted } from './wanted.ts';
import type { Upstreams } from './zones.ts';

/** Answers questions out of a cache, and fills it from other servers. */
export class Resolver {
  readonly #asker: ProfiledAsker;
  readonly #memory: Memory;
  readonly #telling: Telling;
  readonly #fetches: Fetches;
  readonly #room: WaitingRoom;

  constructor(asker: ProfiledAsker, upstreams: Upstreams) {
    this.#asker = asker;
    this.#memory = new Memory(asker);
    this.#telling = new Telling(asker, this.#memory);
    this.#fetches = new Fetches(asker, upstreams, this.#memory);
    this.#room = new WaitingRoom(asker.profile.crowd, asker.simulation);
  }

  /** What a question is to rate limits. */
  kindOf({ name, type }: Question): Kind {
    const known = this.#memory.cache.find(name, type, this.#asker.simulation.now);
    if (known === undefined) return { counts: 'uncached', key: '' };
    if (known.outcome === 'nxdomain') return { counts: 'nxdomain', key: known.records[0]?.name ?? '' };
    return { counts: 'found', key: `${lower(name)} ${type}` };
  }

  /** The whole answer, links of aliases in front; `drop`: nobody is told anything. */
  *resolve(question: Question, trace: TraceId, { rd, from, isApart }: Asker): Process<Resolution | 'drop'> {
    const { profile } = this.#asker;
    const refusal = this.#telling.refusal(question.type, rd);
    if (refusal !== undefined) return refusal;
    const answer: ResourceRecord[] = [];
    const answering: Answering = { question, trace, answer };
    let { name } = question;
    const seen = new Set<string>();
    const isForwarded = !rd && profile.withoutRd === 'asked';
    for (let links = 0; links <= longestChain && !seen.has(lower(name)); links++) {
      seen.add(lower(name));
      const known = isForwarded && links === 0 ? undefined : this.#known(name, answering);
      if (known === undefined && !rd && !isForwarded) return bare('REFUSED');
      const wanted = { name, type: question.type, isApart, question: question.name };
      const learned = known ?? (yield* this.#await(wanted, trace, rd, from));
      if (learned === 'drop') return 'drop';
      if (learned === 'fail') return bare('SERVFAIL');
      const { entry } = learned;
      if (isEndDue(learned, question)) this.#fetches.beginChain(question, trace);
      const records = this.#telling.told(learned, known !== undefined, name);
      const end = this.#telling.endOf(learned, known !== undefined, answering, records, isForwarded);
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
    this.#fetches.begin({ name: '.', type: 'NS' }, filled.filledBy, true, 'joined');
  }

  /** Forgets everything. */
  flush(): void {
    this.#memory.cache.clear();
    this.#fetches.endPauses();
  }

  stop(): void {
    this.#fetches.stop();
    this.flush();
  }

  /** What can be told at once: a live entry, one that has run out, or a failure that is kept. */
  #known(name: string, answering: Answering): Known | undefined {
    const { simulation, profile } = this.#asker;
    const { now } = simulation;
    const { question, trace } = answering;
    const { type } = question;
    if (profile.failuresOf === 'question') {
      const failed = this.#failed(name, type, trace);
      if (failed !== undefined) return failed;
    }
    const known = this.#anyKnown(name, type) ?? this.#memory.cache.find(name, type, now);
    if (known !== undefined) {
      this.#memory.note('hit', name, type, known, trace);
      const isDue = this.#isDue(known);
      if (isDue) this.#askAhead(name, known, answering);
      return { entry: known, isStale: false, isDue };
    }
    const expired = this.#expired(name, type);
    if (expired?.revivals !== undefined) return this.#revived(expired, name, type, trace);
    const isPaused = this.#fetches.isPaused(name, type);
    if (expired !== undefined && (isPaused || profile.stale?.after === 0)) {
      this.#memory.note('stale', name, type, expired, trace);
      const isLink = profile.prefetchesSets !== false && expired.outcome === 'alias' && type !== 'CNAME';
      if (!isPaused && !isLink && !profile.refreshesChains) this.#fetches.beginAhead(name, type, trace);
      const staleBecause = isPaused ? 'query within stale refresh time window' : 'stale data prioritized over lookup';
      return { entry: expired, isStale: true, staleBecause, isDue: !isPaused };
    }
    return expired === undefined && sameName(name, question.name) ? this.#failed(name, type, trace) : undefined;
  }

  /** Behind a hit near its end: for the question, or for the set that was found. */
  #askAhead(name: string, { outcome }: Entry, answering: Answering): void {
    const { prefetchesSets, refreshesChains } = this.#asker.profile;
    const isKind = prefetchesSets === false || (outcome !== 'nodata' && outcome !== 'nxdomain');
    if (!isKind || refreshesChains || (prefetchesSets === 'first' && answering.asksAhead === true)) return;
    answering.asksAhead = true;
    const type = prefetchesSets !== false && outcome === 'alias' ? 'CNAME' : answering.question.type;
    this.#fetches.beginAhead(name, type, answering.trace);
  }

  /** A failure that is kept. */
  #failed(name: string, type: string, trace: TraceId): Known | undefined {
    const failure = this.#memory.cache.failure(name, type, this.#asker.simulation.now);
    if (failure === undefined) return undefined;
    this.#memory.note('hit', name, type, failure, trace);
    return { entry: failure, isStale: false };
  }

  /** An old answer that is made live again, and asked for behind it; once it was, nobody waits for another. */
  #revived(expired: Entry, name: string, type: string, trace: TraceId): Known {
    this.#memory.note('stale', name, type, expired, trace);
    const entry = this.#memory.revive(expired, name, type);
    this.#fetches.beginAhead(name, type, trace);
    return { entry, isStale: false };
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
    const underway = isShared ? this.#fetches.find(name, type, kinshipOf(asked)) : undefined;
    const waiter = this.#room.enter(from, underway, this.#fetches.running);
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
    const fetch = underway ?? this.#fetches.begin(asked, trace, rd, kinshipOf(asked));
    fetch.clients++;
    waiter.fetch = fetch;
    const patience = expired === undefined ? undefined : profile.stale?.after;
    const isTimed = patience !== undefined && profile.stale?.atTryEnds === false;
    if (isTimed && fetch.staleAt <= simulation.now) fetch.staleAt = simulation.now + patience;
    const deadline = isTimed ? fetch.staleAt : undefined;
    yield* fetch.wait(deadline);
    let entry = fetch.result;
    const old = entry === undefined || entry.outcome === 'failed' ? this.#expired(name, type) : undefined;
    if (old !== undefined) return this.#toldInstead(old, entry === undefined, name, type, trace);
    while (entry === undefined && !waiter.isOut && !fetch.isDropped) {
      yield* fetch.wait();
      entry = fetch.result;
    }
    if (fetch.isDropped && entry === undefined) this.#fetches.forget(fetch);
    if (entry === undefined) {
      this.#memory.note(waiter.isOut ? 'sent-away' : 'jostled', name, type, undefined, trace);
      return waiter.isOut ? 'fail' : 'drop';
    }
    if (underway !== undefined) this.#memory.note('hit', name, type, entry, trace);
    const isOne = type === 'ANY' && profile.any === 'one set';
    return { entry: isOne ? (this.#anyKnown(name, type) ?? entry) : entry, isStale: false };
  }

  /** An old answer in place of one that has not come yet, or not at all. */
  #toldInstead(old: Entry, isInTime: boolean, name: string, type: string, trace: TraceId): Known {
    if (this.#asker.profile.stale?.revivals !== undefined) return this.#revived(old, name, type, trace);
    this.#memory.note('stale', name, type, old, trace);
    return { entry: old, isStale: true, staleBecause: isInTime ? 'client timeout' : 'resolver failure' };
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
}

/** Clients with CD wait for those alone, where the program keeps them apart. */
function kinshipOf({ isApart = false }: Wanted): Kinship {
  return isApart ? 'apart' : 'joined';
}

/** Is it time to ask anew for a chain of aliases? That is for its end to say, as long as all of it is alive. */
function isEndDue({ entry, isDue = false, isStale }: Known, { type }: Question): boolean {
  return isDue && (entry.outcome !== 'alias' || type === 'CNAME' || isStale);
}

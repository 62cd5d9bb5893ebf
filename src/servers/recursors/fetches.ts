import type { Question } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { ProfiledAsker } from './ask.ts';
import type { Entry } from './entry.ts';
import { Fetch } from './fetch.ts';
import type { Memory } from './memory.ts';
import { type Kinship, keyOf, type Wanted } from './wanted.ts';
import { type Upstreams, Zones } from './zones.ts';

/** Questions on their way to other servers, whose answers go into the cache. */
export class Fetches {
  readonly #asker: ProfiledAsker;
  readonly #memory: Memory;
  readonly #zones: Zones;
  /** By question, so that equal ones wait for the same reply (recording `recursor-m-coalesce`). */
  readonly #underWay = new Map<string, Fetch<Entry>>();
  readonly #running = new Set<Fetch<Entry>>();
  /** Until when nobody is asked, because it failed: by question. */
  readonly #paused = new Map<string, Micros>();

  constructor(asker: ProfiledAsker, upstreams: Upstreams, memory: Memory) {
    this.#asker = asker;
    this.#memory = memory;
    this.#zones = new Zones(asker, upstreams, memory);
  }

  /** All of them, also those whose place another has taken. */
  get running(): ReadonlySet<Fetch<Entry>> {
    return this.#running;
  }

  /** The one that a question may wait for. */
  find(name: string, type: string, kind: Kinship): Fetch<Entry> | undefined {
    return this.#underWay.get(keyOf(name, type, kind));
  }

  /** Has it failed so lately that nobody is asked? */
  isPaused(name: string, type: string): boolean {
    return this.#asker.simulation.now < (this.#paused.get(`${lower(name)} ${type}`) ?? 0);
  }

  /** Clients that ask the same join it, unless it was begun ahead of time by a program in which they do not. */
  begin(wanted: Wanted, trace: TraceId, rd: boolean, kind: Kinship): Fetch<Entry> {
    const { simulation, profile } = this.#asker;
    const { stale } = profile;
    const isAwaited = stale?.atTryEnds === true;
    const fetch = new Fetch<Entry>(
      simulation,
      isAwaited && stale.after > 0 ? simulation.now + stale.after : Number.POSITIVE_INFINITY,
    );
    const key = keyOf(wanted.name, wanted.type, kind);
    this.#underWay.set(key, fetch);
    this.#running.add(fetch);
    fetch.task = simulation.spawn(this.#askAndStore(fetch, key, wanted, trace, rd));
    return fetch;
  }

  /** Asks behind an answer that is told meanwhile, unless somebody does already. */
  beginAhead(name: string, type: string, trace: TraceId): void {
    const { simulation, profile } = this.#asker;
    const kind = profile.joinsPrefetch ? 'joined' : 'ahead';
    if (this.find(name, type, kind) !== undefined) return;
    this.#memory.note('refresh', name, type, undefined, trace);
    this.begin({ name, type, isAhead: true }, simulation.recorder.trace(trace), true, kind);
  }

  /** Asks for a name anew, and then for what its aliases lead to, whatever is known of them. */
  beginChain({ name, type }: Question, trace: TraceId): void {
    if (!this.#asker.profile.refreshesChains) return;
    if (this.find(name, type, 'joined') !== undefined) return;
    this.beginAhead(name, type, trace);
    const fetch = this.find(name, type, 'joined');
    if (fetch === undefined) return;
    const { simulation } = this.#asker;
    const follow = (target: string) => this.beginChain({ name: target, type, class: 'IN' }, trace);
    simulation.spawn(
      (function* (): Process {
        yield* fetch.wait();
        const [alias] = fetch.result?.outcome === 'alias' ? fetch.result.records : [];
        if (alias?.data.type === 'CNAME') follow(alias.data.target);
      })(),
    );
  }

  /** A question that is given up. */
  forget(fetch: Fetch<Entry>): void {
    this.#running.delete(fetch);
    for (const [key, one] of this.#underWay) if (one === fetch) this.#underWay.delete(key);
  }

  /** All may be asked again. */
  endPauses(): void {
    this.#paused.clear();
  }

  stop(): void {
    for (const fetch of this.#running) fetch.task?.kill();
    this.#running.clear();
    this.#underWay.clear();
    this.endPauses();
  }

  *#askAndStore(fetch: Fetch<Entry>, flight: string, wanted: Wanted, trace: TraceId, rd: boolean): Process {
    const { simulation, profile } = this.#asker;
    const { name, type } = wanted;
    const began = simulation.now;
    const asked = yield* this.#zones.ask({ name, type, rd, trace, patience: fetch.patience });
    const key = `${lower(name)} ${type}`;
    this.#running.delete(fetch);
    if (this.#underWay.get(flight) === fetch) this.#underWay.delete(flight);
    const entry = this.#memory.keep(asked, wanted, began);
    const pause = profile.stale?.pause ?? 0;
    const isSilence = 'failure' in asked && asked.failure !== 'refusal';
    if (entry.outcome === 'failed') this.#memory.cache.renew(name, type, simulation.now);
    // BIND counts whole seconds of the wall clock (recording recursor-p-bind-stale-pause).
    if (isSilence) this.#paused.set(key, (Math.floor(simulation.now / second) + pause) * second);
    else this.#paused.delete(key);
    fetch.finish(entry);
  }
}

import { noTrace, type TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import type { Endpoint } from '../../network/packet.ts';
import { PassedOver } from './passed-over.ts';
import type { Failing, RecursorProfile, Waiting } from './profile.ts';
import { RoundTrip } from './round-trip.ts';

type Measured = Extract<Waiting, { kind: 'measured' }>;

/** Round trips from which on a time-out adds at most so much, in microseconds (`fctx_cancelquery` of BIND's resolver.c). */
const unknownBelow: readonly (readonly [from: Micros, most: Micros])[] = [
  [800_000, 0x3fff],
  [400_000, 0x7fff],
  [200_000, 0xffff],
  [100_000, 0x1ffff],
  [50_000, 0x3ffff],
  [25_000, 0x7ffff],
];
const slowest = 9 * second;

/** A server that a recursor asks, and how it fared. */
export class Upstream {
  readonly endpoint: Endpoint;
  /** Is the one query on its way that finds out whether a server that is down has come back? */
  probing = false;
  /** The last query in vain; 0: none. */
  lostBy: TraceId = noTrace;
  /** Has it shown that it knows no OPT? */
  plain = false;
  /** Has it answered a query with OPT? Then an error about OPT concerns one question alone. */
  knowsOpt = false;
  readonly #simulation: Simulation;
  readonly #profile: RecursorProfile;
  readonly #owner: string;
  readonly #measured: Measured | undefined;
  readonly #roundTrips = new RoundTrip();
  readonly #passedOver = new PassedOver();
  #losses = 0;
  #known = false;
  #prompt = false;
  /** When it was first asked, or forgotten last; of others than unbound when it was asked last. */
  #since: Micros = Number.NaN;
  #wait: Micros = 0;
  /** Smoothed round trip and its variation (RFC 6298 §2). */
  #roundTrip: Micros = 0;
  #variation: Micros = 0;

  /** `owner`: the recursor's name. */
  constructor(simulation: Simulation, profile: RecursorProfile, endpoint: Endpoint, owner: string) {
    this.#simulation = simulation;
    this.#owner = owner;
    this.#profile = profile;
    this.endpoint = endpoint;
    this.#measured = profile.waiting.kind === 'measured' ? profile.waiting : undefined;
    this.#startAnew();
  }

  /** Rounds without reply in a row. */
  get losses(): number {
    this.#forget();
    return this.#losses;
  }

  /** Has it ever answered? */
  get known(): boolean {
    return this.#known;
  }

  /** Has it ever answered the first query of a question? */
  get prompt(): boolean {
    return this.#prompt;
  }

  /** How long a try waits for it, by what was measured. */
  get wait(): Micros {
    this.#forget();
    return this.#wait;
  }

  /** BIND's view: what a reply takes, by what was measured; new servers differ by chance. */
  get smoothed(): Micros {
    this.#roundTrip ||= 1 + this.#simulation.stream(`${this.#owner} servers`).integer(31);
    return this.#roundTrip;
  }

  /** How long a reply of this server took, or that a try at another server has ended (BIND). */
  learn(after: Micros | 'another'): void {
    if (after === 'another') this.#roundTrip = Math.floor((this.smoothed * 511) / 512);
    else {
      this.#roundTrip = Math.floor(this.smoothed / 10) * 7 + Math.floor(after / 10) * 3;
      this.#known = true;
    }
  }

  /** What the round trip is taken for where it was that and nothing came: lost, or very slow. The more is known, the less is added (`fctx_cancelquery`). */
  slowed(before: Micros): Micros {
    const step = unknownBelow.find(([from]) => before > from)?.[1] ?? 0xfffff;
    const most = this.#known ? step : Math.floor(step / 4);
    const added = this.#simulation.stream(`${this.#owner} servers`).integer(most + 1);
    this.#roundTrip = Math.min(slowest, before + added);
    return this.#roundTrip;
  }

  get down(): boolean {
    return this.#measured !== undefined && this.wait >= this.#measured.down;
  }

  /** A round that began with this wait brought no reply; rounds side by side count once (unbound's rtt_lost). */
  lost(wait: Micros, trace: TraceId): void {
    this.lostBy = trace;
    if (this.#measured === undefined) this.#since = this.#simulation.now;
    this.#losses++;
    const most = this.#measured?.most ?? Number.POSITIVE_INFINITY;
    if (this.#wait >= wait) this.#wait = Math.min(most, Math.max(this.#wait, 2 * wait));
  }

  /** Is it not asked this now, because it failed it lately? That counts as one time. */
  passesOver(question: { readonly name: string; readonly type: string }): boolean {
    return this.#passedOver.has(question, this.#simulation.now);
  }

  /** Some programs ask others first from then on, and for a while do not ask it the same again. */
  failed(question: { readonly name: string; readonly type: string }, how: Failing | 'SERVFAIL', trace: TraceId): void {
    const { passesOver } = this.#profile;
    if (passesOver === undefined) return;
    if (how === 'unreachable' || how === 'SERVFAIL') this.lost(0, trace);
    this.lostBy = trace;
    if (how !== 'SERVFAIL') this.#passedOver.add(question, passesOver[how], this.#simulation.now);
  }

  /** `atOnce`: to the first query of a question. */
  answered(after: Micros, atOnce: boolean): void {
    this.#prompt ||= atOnce;
    if (this.#profile.waiting.kind === 'backoff') return;
    if (this.#measured === undefined) this.#since = this.#simulation.now;
    this.#losses = 0;
    this.#known = true;
    // In whole milliseconds, as unbound's util/rtt.c reckons.
    const difference = Math.trunc(after / millisecond) * millisecond - this.#roundTrip;
    this.#roundTrip += Math.trunc(difference / 8 / millisecond) * millisecond;
    this.#variation += Math.trunc((Math.abs(difference) - this.#variation) / 4 / millisecond) * millisecond;
    this.#wait = Math.max(this.#measured?.least ?? 0, this.#roundTrip + 4 * this.#variation);
  }

  /** Knot's view: how long a reply is expected to take at most. */
  get expected(): Micros {
    return this.#roundTrips.expected;
  }

  get dead(): boolean {
    return this.#roundTrips.isDead(this.#simulation.now);
  }

  measured(took: Micros): void {
    this.#known = true;
    this.#roundTrips.measured(took);
  }

  timedOut(trace: TraceId): void {
    this.lostBy = trace;
    this.#known = true;
    this.#roundTrips.timedOut(this.#simulation.now);
  }

  deadFrom(now: Micros): void {
    this.#roundTrips.deadFrom(now);
  }

  #startAnew(): void {
    this.#losses = 0;
    this.#roundTrip = 0;
    this.#variation = (this.#measured?.first ?? 0) / 4;
    this.#wait = this.#measured?.first ?? 0;
  }

  #forget(): void {
    const { now } = this.#simulation;
    if (Number.isNaN(this.#since)) this.#since = now;
    const isWhole = this.#measured !== undefined;
    const age = isWhole ? wholeSeconds(now) - wholeSeconds(this.#since) : now - this.#since;
    if (age <= this.#profile.forgetsLosses) return;
    // A server that is down stays so (infra_host of unbound).
    if (this.#measured === undefined || this.#wait < this.#measured.down) this.#startAnew();
    this.#since = now;
  }
}

/** unbound counts in seconds of the wall clock. */
function wholeSeconds(at: Micros): Micros {
  return Math.floor(at / second) * second;
}

import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { RecursorProfile, Waiting } from './profile.ts';
import { RoundTrip } from './round-trip.ts';

type Measured = Extract<Waiting, { kind: 'measured' }>;

/** A server that a recursor asks, and how it fared. */
export class Upstream {
  readonly endpoint: Endpoint;
  /** Is the one query on its way that finds out whether a server that is down has come back? */
  probing = false;
  readonly #simulation: Simulation;
  readonly #profile: RecursorProfile;
  readonly #measured: Measured | undefined;
  readonly #roundTrips = new RoundTrip();
  #losses = 0;
  #known = false;
  #lastUse: Micros = 0;
  #wait: Micros = 0;
  /** Smoothed round trip and its variation (RFC 6298 §2). */
  #roundTrip: Micros = 0;
  #variation: Micros = 0;

  constructor(simulation: Simulation, profile: RecursorProfile, endpoint: Endpoint) {
    this.#simulation = simulation;
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

  /** How long a try waits for it, by what was measured. */
  get wait(): Micros {
    this.#forget();
    return this.#wait;
  }

  get down(): boolean {
    return this.#measured !== undefined && this.wait >= this.#measured.down;
  }

  /** A round that began with this wait brought no reply; rounds side by side count once (unbound's rtt_lost). */
  lost(wait: Micros): void {
    this.#lastUse = this.#simulation.now;
    this.#losses++;
    if (this.#wait >= wait) this.#wait = Math.max(this.#wait, 2 * wait);
  }

  answered(after: Micros): void {
    this.#lastUse = this.#simulation.now;
    this.#losses = 0;
    this.#known = true;
    const difference = after - this.#roundTrip;
    this.#roundTrip += Math.trunc(difference / 8);
    this.#variation += Math.trunc((Math.abs(difference) - this.#variation) / 4);
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

  timedOut(): void {
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
    if (this.#simulation.now - this.#lastUse > this.#profile.forgetsLosses) this.#startAnew();
  }
}

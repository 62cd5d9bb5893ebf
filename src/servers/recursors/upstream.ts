import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { RecursorProfile, Waiting } from './profile.ts';

/** A server that a recursor asks, and how it fared. */
export class Upstream {
  readonly endpoint: Endpoint;
  /** Tries without reply in a row. */
  losses = 0;
  /** Is the one query on its way that finds out whether a server that is down has come back? */
  probing = false;
  readonly #simulation: Simulation;
  readonly #profile: RecursorProfile;
  #lastLoss: Micros = 0;
  /** Smoothed round trip and its variation in microseconds (RFC 6298 §2, as unbound's util/rtt.c keeps them). */
  #roundTrip = 0;
  #variation: number;

  constructor(simulation: Simulation, profile: RecursorProfile, endpoint: Endpoint) {
    this.#simulation = simulation;
    this.#profile = profile;
    this.endpoint = endpoint;
    this.#variation = profile.waiting.kind === 'doubling' ? profile.waiting.first / 4 : 0;
  }

  /** Is another server to be preferred? */
  get suspect(): boolean {
    this.#forget();
    return this.losses >= this.#profile.patience;
  }

  /** How long the next try waits; undefined: not at all, the server counts as down. `attempt` counts this question's tries from 0. */
  waits(attempt: number): Micros | undefined {
    this.#forget();
    const { waiting } = this.#profile;
    return waiting.kind === 'list' ? waiting.waits[attempt] : this.#doubled(waiting);
  }

  lost(): void {
    this.losses++;
    this.#lastLoss = this.#simulation.now;
  }

  answered(after: Micros): void {
    this.losses = 0;
    const difference = after - this.#roundTrip;
    this.#roundTrip += Math.trunc(difference / 8);
    this.#variation += Math.trunc((Math.abs(difference) - this.#variation) / 4);
  }

  #doubled({ least, down }: Extract<Waiting, { kind: 'doubling' }>): Micros | undefined {
    const base = Math.max(least, this.#roundTrip + 4 * this.#variation);
    const wait = base * 2 ** Math.floor(this.losses / 2);
    const isSecondOfPair = this.losses % 2 === 1;
    return wait >= down || (isSecondOfPair && wait * 2 >= down) ? undefined : wait;
  }

  #forget(): void {
    if (this.#simulation.now - this.#lastLoss > this.#profile.forgetsLosses) this.losses = 0;
  }
}

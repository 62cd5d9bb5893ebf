import { type Micros, millisecond, second } from '../../engine/time.ts';

/** Constants of lib/selection.c of Knot Resolver 5.6; the longest back-off as recording `recursor-heals` shows it. */
const first = 400 * millisecond;
const least = 20 * millisecond;
const longest = 10 * second;
const mostDoublings = 8;
const deadAfter = 4;
const deadFor = second;

/** What Knot knows of a server's round trips (RFC 6298 §2), and whether it counts as dead. */
export class RoundTrip {
  #smoothed: Micros = 0;
  #variation: Micros = first / 4;
  #timeouts = 0;
  #deadUntil: Micros = 0;

  /** Has nothing come or failed to come yet? */
  get unknown(): boolean {
    return this.#smoothed === 0 && this.#timeouts === 0;
  }

  get expected(): Micros {
    const wait = this.#smoothed + Math.max(4 * this.#variation, least);
    return Math.min(longest, wait * 2 ** Math.min(this.#timeouts, mostDoublings));
  }

  isDead(now: Micros): boolean {
    return now < this.#deadUntil;
  }

  measured(took: Micros): void {
    if (this.unknown) {
      this.#smoothed = took;
      this.#variation = Math.round(took / 2);
    } else {
      this.#variation = Math.round((3 * this.#variation + Math.abs(this.#smoothed - took)) / 4);
      this.#smoothed = Math.round((7 * this.#smoothed + took) / 8);
    }
    this.#timeouts = 0;
    this.#deadUntil = 0;
  }

  timedOut(now: Micros): void {
    this.#timeouts++;
    if (this.#timeouts >= deadAfter) this.deadFrom(now);
  }

  deadFrom(now: Micros): void {
    this.#deadUntil = now + deadFor;
  }
}

import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';

/**
 * The background worker that ends expired entries nobody meets. In reality its interval adapts between 1 and 60 s;
 * recordings a2 and c1 show it 1.9 to 3.6 s late. Model: it looks every 4 s, at a phase of its own, while there is something to end.
 */
const interval = 4 * second;

export class Collector {
  readonly #simulation: Simulation;
  readonly #phase: Micros;
  /** Ends what has expired and says when the next entry will. */
  readonly #collect: () => Micros;
  #next = Number.POSITIVE_INFINITY;

  constructor(simulation: Simulation, draws: RandomStream, collect: () => Micros) {
    this.#simulation = simulation;
    this.#phase = draws.integer(interval);
    this.#collect = collect;
  }

  /** An entry will expire then, if nothing renews it. */
  expect(expires: Micros): void {
    const tick = Math.ceil((expires - this.#phase) / interval) * interval + this.#phase;
    if (tick >= this.#next) return;
    this.#next = tick;
    this.#simulation.at(tick, () => this.#look(tick));
  }

  #look(tick: Micros): void {
    if (tick !== this.#next) return;
    this.#next = Number.POSITIVE_INFINITY;
    const next = this.#collect();
    if (next < Number.POSITIVE_INFINITY) this.expect(next);
  }
}

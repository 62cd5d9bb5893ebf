import { type Process, type TimedOut, waitUntil } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';

/** Values for whoever receives, in order; something urgent goes in front. */
export class Inbox<T> {
  readonly #simulation: Simulation;
  readonly #values: T[] = [];
  #waiting: readonly (() => void)[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  get length(): number {
    return this.#values.length;
  }

  put(value: T): void {
    this.#values.push(value);
    this.#wakeOne();
  }

  putFirst(value: T): void {
    this.#values.unshift(value);
    this.#wakeOne();
  }

  /** Takes out what `which` accepts, if it is next. */
  takeIf<S extends T>(which: (value: T) => value is S): S | undefined {
    const next = this.#values[0];
    if (next === undefined || !which(next)) return undefined;
    this.#values.shift();
    return next;
  }

  clear(): void {
    this.#values.length = 0;
  }

  *receive(deadline: Micros): Process<T | TimedOut> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) return value;
      const outcome = yield* waitUntil<undefined>(this.#simulation, deadline, (wake) => {
        const waiter = () => wake(undefined);
        this.#waiting = [...this.#waiting, waiter];
        return () => {
          this.#waiting = this.#waiting.filter((w) => w !== waiter);
        };
      });
      if (outcome !== undefined) return outcome;
    }
  }

  #wakeOne(): void {
    const [first, ...rest] = this.#waiting;
    this.#waiting = rest;
    first?.();
  }
}

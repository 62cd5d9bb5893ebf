import { type Alarm, type TimedOut, timedOut, type Wait, type Waits, type Wakeable } from '../../engine/process.ts';
import type { Resumable, Simulation, Timer } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';

/** Values for whoever receives, in order; something urgent goes in front. */
export class Inbox<T> {
  readonly #simulation: Simulation;
  readonly #values: T[] = [];
  /** The longest waiting first. */
  readonly #waiting: Receiving<T>[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  get length(): number {
    return this.#values.length;
  }

  /** The sum of what the values that wait weigh. */
  total(weight: (value: T) => number): number {
    return this.#values.reduce((sum, value) => sum + weight(value), 0);
  }

  put(value: T): void {
    this.#values.push(value);
    this.#waiting.shift()?.wake();
  }

  putFirst(value: T): void {
    this.#values.unshift(value);
    this.#waiting.shift()?.wake();
  }

  /** The next value, if one is there. */
  take(): T | undefined {
    return this.#values.shift();
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

  receive(deadline: Micros): Waits<T | TimedOut> {
    return new Receiving(this.#simulation, this, deadline);
  }

  queue(receiver: Receiving<T>): void {
    this.#waiting.push(receiver);
  }

  leave(receiver: Receiving<T>): void {
    const at = this.#waiting.indexOf(receiver);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

/** A receiver: goes on with a value, or at its deadline; who is woken and finds nothing waits again. */
class Receiving<T> implements Iterator<Wait, T | TimedOut, void>, Alarm, Resumable {
  readonly #simulation: Simulation;
  readonly #inbox: Inbox<T>;
  readonly #deadline: Micros;
  #task: Wakeable | undefined;
  #timer: Timer | undefined;
  #late = false;

  constructor(simulation: Simulation, inbox: Inbox<T>, deadline: Micros) {
    this.#simulation = simulation;
    this.#inbox = inbox;
    this.#deadline = deadline;
  }

  [Symbol.iterator](): Receiving<T> {
    return this;
  }

  next(): IteratorResult<Wait, T | TimedOut> {
    if (this.#late) return { done: true, value: timedOut };
    const value = this.#inbox.take();
    return value === undefined ? { done: false, value: this } : { done: true, value };
  }

  arm(task: Wakeable): void {
    this.#task = task;
    if (this.#deadline < Number.POSITIVE_INFINITY)
      this.#timer = this.#simulation.at(Math.max(this.#deadline, this.#simulation.now), this);
    this.#inbox.queue(this);
  }

  wake(): void {
    this.#timer?.cancel();
    this.#task?.wake(this);
  }

  /** The deadline has passed. */
  resume(): void {
    this.#late = true;
    this.#inbox.leave(this);
    this.#task?.wake(this);
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#inbox.leave(this);
  }
}

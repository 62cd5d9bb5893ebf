import { type Process, type Task, waitUntil } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Patience } from './ask.ts';

/** A question on its way, for which any number of clients wait. */
export class Fetch<Result> {
  result: Result | undefined;
  readonly patience: Patience;
  /** When clients get an old answer rather than wait on; those who come before that wait no longer than the first. */
  staleAt: Micros = 0;
  readonly since: Micros;
  /** Those who have asked for it. */
  clients = 0;
  /** Have more asked than may wait? */
  isCrowded = false;
  /** Is it given up, and nobody told? */
  isDropped = false;
  task: Task | undefined;
  readonly #simulation: Simulation;
  #waiting: (() => void)[] = [];

  /** `patientUntil`: when those who wait would rather have the old answer. */
  constructor(simulation: Simulation, patientUntil: Micros) {
    this.#simulation = simulation;
    this.since = simulation.now;
    this.patience = { at: patientUntil, ended: () => this.#wakeAll() };
  }

  finish(result: Result): void {
    this.result = result;
    this.#wakeAll();
  }

  /** Another question takes its place. */
  drop(): void {
    this.isDropped = true;
    this.task?.kill();
    this.#wakeAll();
  }

  /** Those who wait look whether they still may. */
  nudge(): void {
    this.#wakeAll();
  }

  /** Until the answer is there, patience has ended, or the deadline has come. */
  *wait(deadline: Micros = Number.POSITIVE_INFINITY): Process {
    if (this.result !== undefined) return;
    yield* waitUntil<void>(this.#simulation, deadline, (wake) => {
      this.#waiting.push(wake);
      return () => {
        this.#waiting = this.#waiting.filter((one) => one !== wake);
      };
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

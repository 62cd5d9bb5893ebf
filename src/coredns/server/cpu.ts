import { type Process, sleepUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { coreDnsCpu } from '../records.ts';

/**
 * The processor time that a process gets, as a queue with one place: each query takes `1 / rate` seconds of it before its
 * plugins run, one after the other. A model of a CPU limit, not a measurement; the queue has no end.
 */
export class Cpu {
  readonly #simulation: Simulation;
  readonly #owner: string;
  readonly #cost: number;
  #freeAt = 0;

  /** `rate`: queries a second. */
  constructor(simulation: Simulation, owner: string, rate: number) {
    this.#simulation = simulation;
    this.#owner = owner;
    this.#cost = Math.round(second / rate);
  }

  *work(trace: TraceId): Process {
    const { now, recorder } = this.#simulation;
    const waited = Math.max(0, this.#freeAt - now);
    this.#freeAt = now + waited + this.#cost;
    if (waited > 0) recorder.write(coreDnsCpu, this.#owner, trace, 'queued', { waited });
    yield* sleepUntil(this.#simulation, this.#freeAt);
  }
}

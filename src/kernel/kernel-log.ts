import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, second } from '../engine/time.ts';
import { kernelLogged } from './records.ts';

/** net.core.message_burst messages in net.core.message_cost seconds; the others are only counted (net_ratelimit). */
const burst = 10;
const interval = 5 * second;

/** What a host's kernel writes into its log about packets, as dmesg shows it. */
export class KernelLog {
  readonly #simulation: Simulation;
  readonly #host: string;
  #begin: Micros = Number.NEGATIVE_INFINITY;
  #written = 0;
  #suppressed = 0;

  constructor(simulation: Simulation, host: string) {
    this.#simulation = simulation;
    this.#host = host;
  }

  write(trace: TraceId, cause: string, text: string): void {
    const { now, recorder } = this.#simulation;
    if (now - this.#begin > interval) {
      if (this.#suppressed > 0) {
        const told = `net_ratelimit: ${this.#suppressed} callbacks suppressed`;
        recorder.write(kernelLogged, this.#host, trace, 'suppressed', { text: told });
      }
      this.#begin = now;
      this.#written = 0;
      this.#suppressed = 0;
    }
    if (this.#written >= burst) this.#suppressed++;
    else {
      this.#written++;
      recorder.write(kernelLogged, this.#host, trace, cause, { text });
    }
  }
}

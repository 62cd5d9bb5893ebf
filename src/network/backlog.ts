import type { Resumable } from '../engine/simulation.ts';

/**
 * Work of this instant, in order: a packet sent while another is being handled waits until that one is done,
 * and all are done before the call that began it returns (as the kernel's softirq backlog does).
 */
export class Backlog {
  #work: Resumable[] = [];
  #busy = false;

  put(work: Resumable): void {
    this.#work.push(work);
    if (!this.#busy) this.run(() => {});
  }

  /** Calls `begin`, then does all work that came of it. */
  run<T>(begin: () => T): T {
    if (this.#busy) return begin();
    this.#busy = true;
    try {
      const result = begin();
      for (const work of this.#work) work.resume();
      return result;
    } finally {
      if (this.#work.length > 0) this.#work = [];
      this.#busy = false;
    }
  }
}

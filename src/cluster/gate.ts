import { type Process, waitFor } from '../engine/process.ts';

/** Where what may not happen yet waits, in order. */
export class Gate {
  readonly #isOpen: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(isOpen: () => boolean) {
    this.#isOpen = isOpen;
  }

  /** Does it now, or when the gate opens. */
  whenOpen(act: () => void): void {
    if (this.#isOpen()) act();
    else this.#waiting.push(act);
  }

  /** Ends when it is open; one that closes before the process has its turn is waited for again. */
  *opened(): Process {
    while (!this.#isOpen()) {
      yield* waitFor<void>((wake) => {
        this.#waiting.push(wake);
        return () => {
          this.#waiting = this.#waiting.filter((one) => one !== wake);
        };
      });
    }
  }

  /** It is open now. */
  open(): void {
    for (const act of this.#waiting.splice(0)) act();
  }
}

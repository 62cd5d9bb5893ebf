import type { Plugin } from '../../plugin.ts';

interface Entry {
  readonly name: string;
  /** Undefined once it has said that it is ready, if it is then asked no more. */
  asks: (() => boolean) | undefined;
}

/** The plugins that `ready` waits for (`plugin/ready` list.go). */
export class ReadyList {
  /** Are plugins asked again that were ready once? */
  continuously = false;
  #entries: Entry[] = [];

  clear(): void {
    this.#entries = [];
  }

  /** Those that have a say; `byName`: in place of one of that name. */
  add(plugins: readonly Plugin[], byName: boolean): void {
    for (const { name, ready } of plugins) {
      if (ready === undefined) continue;
      if (byName) this.#entries = this.#entries.filter((entry) => entry.name !== name);
      this.#entries.push({ name, asks: ready });
    }
  }

  /** Names of those that are not ready, sorted. */
  waiting(): string[] {
    const waiting: string[] = [];
    for (const entry of this.#entries) {
      if (entry.asks?.() === false) waiting.push(entry.name);
      else if (!this.continuously) entry.asks = undefined;
    }
    return waiting.sort();
  }
}

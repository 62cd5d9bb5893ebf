import seedrandom from 'seedrandom';
import type { Micros } from './time.ts';

/** Draws of one component. Streams of other names never shift it. */
export interface RandomStream {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** A span in [from, to], in whole microseconds. */
  span(from: Micros, to: Micros): Micros;
  /** A copy in random order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** The stream called `name` under `seed`: the only place where a generator is made. */
export function randomStream(seed: string, name: string): RandomStream {
  return new Stream(seed, name);
}

/** Its generator is made at the first draw: from most streams of a large cluster nothing is ever drawn. */
class Stream implements RandomStream {
  readonly #seed: string;
  readonly #name: string;
  #draw: (() => number) | undefined;

  constructor(seed: string, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  fraction(): number {
    this.#draw ??= seedrandom.alea(`${this.#seed}/${this.#name}`);
    return this.#draw();
  }

  integer(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  span(from: Micros, to: Micros): Micros {
    return from + Math.round(this.fraction() * (to - from));
  }

  shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map((_, taken) => takeOut(rest, rest.length - taken, this.integer(rest.length - taken)));
  }
}

/** Takes the item at a place out of the first `length`; those behind it move up. */
function takeOut<T>(items: T[], length: number, place: number): T {
  const item = items[place] as T;
  for (let i = place + 1; i < length; i++) items[i - 1] = items[i] as T;
  return item;
}

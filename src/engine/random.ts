import seedrandom from 'seedrandom';
import type { Micros } from './time.ts';

const unit = 2 ** 32;
const multiplier = 2_091_639;

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

/**
 * Alea: seeded by the library at the first draw, as from most streams of a large cluster nothing is ever drawn. Its
 * state is kept as 32 bit integers, which a large cluster has at hand where it would have to fetch the library's objects.
 */
class Stream implements RandomStream {
  readonly #seed: string;
  readonly #name: string;
  #seeded = false;
  /** The last three draws and what was carried over from the last one, in units of 2^-32. */
  #oldest = 0;
  #older = 0;
  #last = 0;
  #carry = 0;

  constructor(seed: string, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  fraction(): number {
    if (!this.#seeded) this.#start();
    const product = multiplier * (this.#oldest >>> 0) + this.#carry;
    this.#oldest = this.#older;
    this.#older = this.#last;
    this.#carry = Math.floor(product / unit);
    const drawn = product - this.#carry * unit;
    this.#last = drawn | 0;
    return drawn / unit;
  }

  #start(): void {
    const { s0, s1, s2, c } = seedrandom.alea(`${this.#seed}/${this.#name}`, { state: true }).state();
    this.#seeded = true;
    this.#oldest = (s0 * unit) | 0;
    this.#older = (s1 * unit) | 0;
    this.#last = (s2 * unit) | 0;
    this.#carry = c;
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

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
  const draw = seedrandom.alea(`${seed}/${name}`);
  const integer = (below: number): number => Math.floor(draw() * below);
  return {
    fraction: () => draw(),
    integer,
    span: (from, to) => from + Math.round(draw() * (to - from)),
    shuffle: (items) => {
      const rest = [...items];
      return items.map((_, taken) => takeOut(rest, rest.length - taken, integer(rest.length - taken)));
    },
  };
}

/** Takes the item at a place out of the first `length`; those behind it move up. */
function takeOut<T>(items: T[], length: number, place: number): T {
  const item = items[place] as T;
  for (let i = place + 1; i < length; i++) items[i - 1] = items[i] as T;
  return item;
}

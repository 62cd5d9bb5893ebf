import type { Micros } from './time.ts';

/** Events of one stretch of time, in the order of pushing. */
interface Stretch {
  readonly number: number;
  readonly times: number[];
  readonly sequences: number[];
  readonly slots: number[];
}

/** How long a stretch is. */
export const stretchLength: Micros = 16_384;

/** Events far ahead, unsorted but for the stretch of time in which they are. */
export class FarEvents {
  readonly #byNumber = new Map<number, Stretch>();
  /** The last one first. */
  readonly #stretches: Stretch[] = [];
  size = 0;

  /** When the first stretch that has events begins. */
  get begin(): Micros {
    const first = this.#stretches.at(-1);
    return first === undefined ? Number.POSITIVE_INFINITY : first.number * stretchLength;
  }

  add(time: Micros, sequence: number, slot: number): void {
    const number = Math.floor(time / stretchLength);
    const { times, sequences, slots } = this.#byNumber.get(number) ?? this.#open(number);
    times.push(time);
    sequences.push(sequence);
    slots.push(slot);
    this.size++;
  }

  /** Takes the first stretch out, giving each of its events to `take`. */
  takeFirst(take: (time: Micros, sequence: number, slot: number) => void): void {
    const stretch = this.#stretches.pop();
    if (stretch === undefined) return;
    this.#byNumber.delete(stretch.number);
    this.size -= stretch.slots.length;
    for (const [i, slot] of stretch.slots.entries()) take(stretch.times[i] ?? 0, stretch.sequences[i] ?? 0, slot);
  }

  #open(number: number): Stretch {
    const stretch = { number, times: [], sequences: [], slots: [] };
    this.#byNumber.set(number, stretch);
    let [low, high] = [0, this.#stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.number ?? 0) > number) low = middle + 1;
      else high = middle;
    }
    this.#stretches.splice(low, 0, stretch);
    return stretch;
  }
}

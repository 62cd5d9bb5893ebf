import { FarEvents, stretchLength } from './far-events.ts';

/** From so many on, those far ahead are kept out of the heap: most are timers, which are cancelled before their time. */
const many = 128;

/**
 * Pending events in total order (time, then order of pushing): a binary heap in typed arrays, and beside it a line of
 * those that were pushed for the very instant at work, as most are.
 * A slot is the caller's own small integer for what is to happen.
 */
export class EventQueue {
  readonly #far = new FarEvents();
  readonly #isOver: (slot: number) => boolean;
  /** Pushed for the instant of the event taken last, so behind all others of that instant. */
  readonly #present = new Line();
  /** Of the event that was taken last. */
  #time = 0;
  #times = new Float64Array(64);
  #sequences = new Float64Array(64);
  #slots = new Int32Array(64);
  #size = 0;
  #sequence = 0;

  /** `isOver` is asked once of events that have waited far ahead: one that is over is dropped. */
  constructor(isOver: (slot: number) => boolean = () => false) {
    this.#isOver = isOver;
  }

  get size(): number {
    return this.#size + this.#present.size + this.#far.size;
  }

  /** Time of the next event; Infinity when there is none. */
  get nextTime(): number {
    if (this.#isPresent()) return this.#present.time;
    this.#approach();
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? 0);
  }

  push(time: number, slot: number): void {
    if (time === (this.#present.size > 0 ? this.#present.time : this.#time)) {
      this.#present.put(time, slot);
      return;
    }
    const sequence = this.#sequence++;
    if (this.#size >= many && time >= this.#time + stretchLength) this.#far.add(time, sequence, slot);
    else this.#add(time, sequence, slot);
  }

  /** Is the first one in line next? Those of its instant that are in the heap were there before it. */
  #isPresent(): boolean {
    return this.#present.size > 0 && (this.#size === 0 || (this.#times[0] as number) > this.#present.time);
  }

  /** Takes those into the heap that were far ahead and may now be next. */
  #approach(): void {
    while (this.#far.size > 0 && (this.#size === 0 || (this.#times[0] as number) >= this.#far.begin))
      this.#far.takeFirst(this.#take);
  }

  readonly #take = (time: number, sequence: number, slot: number): void => {
    if (!this.#isOver(slot)) this.#add(time, sequence, slot);
  };

  #add(time: number, sequence: number, slot: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.#times[parent] as number;
      if (above < time || (above === time && (this.#sequences[parent] as number) < sequence)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#place(hole, time, sequence, slot);
  }

  /** Removes the next event and returns its slot; the queue must not be empty. */
  pop(): number {
    if (this.#isPresent()) {
      this.#time = this.#present.time;
      return this.#present.take();
    }
    this.#approach();
    this.#time = this.#times[0] as number;
    const top = this.#slots[0] as number;
    const last = --this.#size;
    if (last > 0) this.#sink(this.#times[last] as number, this.#sequences[last] as number, this.#slots[last] as number);
    return top;
  }

  #sink(time: number, sequence: number, slot: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(child + 1, child)) child++;
      const childTime = this.#times[child] as number;
      if (time < childTime || (time === childTime && sequence < (this.#sequences[child] as number))) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#place(hole, time, sequence, slot);
  }

  #before(a: number, b: number): boolean {
    const ta = this.#times[a] as number;
    const tb = this.#times[b] as number;
    return ta < tb || (ta === tb && (this.#sequences[a] as number) < (this.#sequences[b] as number));
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#times[from] as number, this.#sequences[from] as number, this.#slots[from] as number);
  }

  #place(at: number, time: number, sequence: number, slot: number): void {
    this.#times[at] = time;
    this.#sequences[at] = sequence;
    this.#slots[at] = slot;
  }

  #grow(): void {
    const bigger = this.#times.length * 2;
    const times = new Float64Array(bigger);
    const sequences = new Float64Array(bigger);
    const slots = new Int32Array(bigger);
    times.set(this.#times);
    sequences.set(this.#sequences);
    slots.set(this.#slots);
    this.#times = times;
    this.#sequences = sequences;
    this.#slots = slots;
  }
}

/** Slots of one instant, first in, first out. */
class Line {
  time = 0;
  size = 0;
  #first = 0;
  #slots = new Int32Array(64);

  put(time: number, slot: number): void {
    if (this.size === 0) this.#first = 0;
    this.time = time;
    const end = this.#first + this.size++;
    if (end === this.#slots.length) this.#grow();
    this.#slots[end] = slot;
  }

  take(): number {
    this.size--;
    return this.#slots[this.#first++] as number;
  }

  #grow(): void {
    const bigger = new Int32Array(this.#slots.length * 2);
    bigger.set(this.#slots);
    this.#slots = bigger;
  }
}

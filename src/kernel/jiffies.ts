import { type Micros, millisecond } from '../engine/time.ts';

/** The kernel counts time in these: CONFIG_HZ=250, as the kernel of the recordings and most distributions have it. */
const jiffy = 4 * millisecond;

/** Whole jiffies of a time. */
export function jiffies(time: Micros): number {
  return Math.floor(time / jiffy);
}

/** A time in whole jiffies, rounded up (usecs_to_jiffies). */
export function wholeJiffies(time: Micros): Micros {
  return Math.ceil(time / jiffy) * jiffy;
}

/** A level of the timer wheel: delays below `below` jiffies fire at multiples of `granularity` (kernel/time/timer.c). */
const levels = [
  { below: 63, granularity: 1 },
  { below: 504, granularity: 8 },
  { below: 4032, granularity: 64 },
  { below: 32_256, granularity: 512 },
] as const;

/** When a kernel timer set now really fires: never early, and the later the coarser. Recording j: 1 s is 1.024 s. */
export function timerExpiry(now: Micros, delay: Micros): Micros {
  const wait = Math.ceil(delay / jiffy);
  const granularity = levels.find(({ below }) => wait < below)?.granularity ?? 4096;
  return (Math.floor((jiffies(now) + wait) / granularity) + 1) * granularity * jiffy;
}

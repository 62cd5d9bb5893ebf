import { draw } from '../engine/distribution.ts';
import type { RandomStream } from '../engine/random.ts';
import type { Micros } from '../engine/time.ts';

/** When calls are due, however long they take. */
export interface Schedule {
  /** From each instant on, the time from call to call; in rising order, the first when it begins. Infinity: none are made. */
  readonly steps: readonly { readonly from: Micros; readonly every: Micros }[];
  /** What the steps count from: the start of the program, or of the run. */
  readonly clock: 'program' | 'run';
  /** poisson: at times that know nothing of each other, that far apart on average. */
  readonly arrivals: 'regular' | 'poisson';
  /** How many are due at once, each time. */
  readonly burst: number;
  /** In these none are made. */
  readonly pauses: readonly { readonly from: Micros; readonly until: Micros }[];
  /** So many in all, those left out in pauses included; absent: without end. */
  readonly count?: number;
}

/** The instants at which calls are due, in order. `random`: of the arrivals. */
export function* timesOf(schedule: Schedule, random: RandomStream): Generator<Micros> {
  const { burst, pauses, count = Number.POSITIVE_INFINITY } = schedule;
  let due = 0;
  for (const time of arrivalsOf(schedule, random)) {
    const isPaused = pauses.some(({ from, until }) => time >= from && time < until);
    for (let i = 0; i < burst && due < count; i++, due++) if (!isPaused) yield time;
    if (due >= count) return;
  }
}

function* arrivalsOf({ steps, arrivals }: Schedule, random: RandomStream): Generator<Micros> {
  /** What is left of a gap at the end of a step, as a share of it: it passes at the next step's pace. */
  let left = 0;
  for (const [i, { from, every }] of steps.entries()) {
    const end = steps[i + 1]?.from ?? Number.POSITIVE_INFINITY;
    if (every === Number.POSITIVE_INFINITY) continue;
    let time = from + left * every;
    while (time < end) {
      yield Math.round(time);
      time += arrivals === 'regular' ? every : draw({ kind: 'exponential', mean: every }, random);
    }
    left = (time - end) / every;
  }
}

import { draw } from '../../engine/distribution.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { Micros } from '../../engine/time.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Workload = ScenarioFile['workloads'][string];

/** When lookups start, up to the end of the run, pauses left out. `random`: of the workload's arrivals. */
export function timesOf(workload: Workload, until: Micros, random: RandomStream): Micros[] {
  const { count = Number.POSITIVE_INFINITY, pauses, burst } = workload;
  const times: Micros[] = [];
  let due = 0;
  for (const time of arrivalsOf(workload, until, random)) {
    const isPaused = pauses.some((pause) => time >= pause.from && time < pause.until);
    for (let i = 0; i < burst && due < count; i++, due++) if (!isPaused) times.push(time);
    if (due >= count) break;
  }
  return times;
}

/** One after the other in equal steps, or with gaps of a Poisson process, whose mean `every` is. */
function* arrivalsOf(
  { at = 0, every = 0, arrivals }: Workload,
  until: Micros,
  random: RandomStream,
): Generator<Micros> {
  if (arrivals === 'regular') for (let i = 0; at + i * every <= until; i++) yield at + i * every;
  else for (let time = at; time <= until; time += draw({ kind: 'exponential', mean: every }, random)) yield time;
}

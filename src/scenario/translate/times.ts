import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import { type Schedule, timesOf } from '../../workload/schedule.ts';
import type { Artefacts } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Workload = ScenarioFile['workloads'][string];

/** When the lookups of a workload are due: by a regular time, or by a rate that changes. */
export function scheduleOf(name: string, workload: Workload, rates: Artefacts['rates']): Schedule {
  const { at: from = 0, every = 0, rate, arrivals, burst, pauses, count } = workload;
  const common = { arrivals, burst, pauses, ...(count !== undefined && { count }) };
  if (rate === undefined) return { ...common, steps: [{ from, every }], clock: 'program' };
  const given = typeof rate === 'string' ? (rates[name] ?? []).map((step) => ({ ...step, at: from + step.at })) : rate;
  const steps = given.map(({ at, perSecond }) => ({ from: at, every: second / perSecond }));
  return { ...common, steps, clock: 'run' };
}

/** The same as instants. */
export function timesUntil(end: Micros, schedule: Schedule, random: RandomStream): Micros[] {
  const times: Micros[] = [];
  for (const time of timesOf(schedule, random)) {
    if (time > end) break;
    times.push(time);
  }
  return times;
}

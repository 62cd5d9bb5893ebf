import { draw } from '../engine/distribution.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Calls, Family } from './description.ts';

/** One thing to look up. `number` from 0. */
export interface Call {
  readonly number: number;
  readonly at: Micros;
  readonly lookup: string;
  readonly family: Family;
}

interface CallsDescription {
  readonly name: string;
  readonly family: Family;
  readonly calls: Calls;
  readonly threads?: number;
}

/** The calls of all threads; each is taken when a thread is free for it. */
export function* callsOf(simulation: Simulation, description: CallsDescription): Generator<Call, undefined> {
  const { name: workload, calls, family } = description;
  switch (calls.kind) {
    case 'listed':
      for (const [number, call] of calls.list.entries()) yield { number, family, ...call };
      return;
    case 'regular':
    case 'thinking': {
      const { startAt, count = Number.POSITIVE_INFINITY } = calls;
      const pauses = simulation.stream(`workload/${workload}/pauses`);
      const { threads = 1 } = description;
      const time = (number: number): Micros => {
        if (calls.kind === 'regular') return startAt + number * calls.every;
        return number < threads ? startAt : simulation.now + draw(calls.pause, pauses);
      };
      for (let number = 0; number < count; number++)
        yield { number, family, at: time(number), lookup: calls.lookup.replaceAll('%n', String(number + 1)) };
    }
  }
}

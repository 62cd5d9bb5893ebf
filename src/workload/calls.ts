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
  const { calls, family } = description;
  switch (calls.kind) {
    case 'listed':
      for (const [number, call] of calls.list.entries()) yield { number, family, ...call };
      return;
    case 'regular':
    case 'thinking': {
      const { count = Number.POSITIVE_INFINITY } = calls;
      const time = calls.kind === 'regular' ? regular(calls) : thinking(simulation, description, calls);
      for (let number = 0; number < count; number++)
        yield { number, family, at: time(number), lookup: calls.lookup.replaceAll('%n', String(number + 1)) };
    }
  }
}

type TimeOf = (number: number) => Micros;

function regular({ startAt, every }: Calls & { readonly kind: 'regular' }): TimeOf {
  return (number) => startAt + number * every;
}

function thinking(
  simulation: Simulation,
  { name, threads = 1 }: CallsDescription,
  { startAt, pause }: Calls & { readonly kind: 'thinking' },
): TimeOf {
  const pauses = simulation.stream(`workload/${name}/pauses`);
  return (number) => (number < threads ? startAt : simulation.now + draw(pause, pauses));
}

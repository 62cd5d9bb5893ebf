import { draw } from '../engine/distribution.ts';
import type { Process } from '../engine/process.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { LookupResult } from '../resolver/lookup.ts';
import { type Calls, type Family, ownName } from './description.ts';
import { lookupEnded, lookupStarted } from './records.ts';
import { timesOf } from './schedule.ts';

/** One thing to look up. `number` from 0. */
export interface Call {
  readonly number: number;
  readonly at: Micros;
  readonly lookup: string;
  readonly family: Family;
}

interface CallsDescription {
  readonly name: string;
  readonly instance?: string;
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
    case 'scheduled': {
      let number = 0;
      const arrivals = simulation.stream(`${ownName(description)}/arrivals`);
      for (const at of timesOf(calls.schedule, arrivals)) yield { family, at, ...numbered(calls.lookup, number++) };
      return;
    }
    case 'regular':
    case 'thinking': {
      const { count = Number.POSITIVE_INFINITY } = calls;
      const time = calls.kind === 'regular' ? regular(calls) : thinking(simulation, description, calls);
      for (let number = 0; number < count; number++)
        yield { family, at: time(number), ...numbered(calls.lookup, number) };
    }
  }
}

function numbered(lookup: string, number: number): Pick<Call, 'number' | 'lookup'> {
  return { number, lookup: lookup.replaceAll('%n', String(number + 1)) };
}

/** How a call ended, as far as the caller sees it. */
export type Outcome = Pick<LookupResult, 'result' | 'addresses' | 'printed'>;

/** Does now what `answer` does, on a strand of its own, and notes its start and its end. */
export function* makeCall(
  simulation: Simulation,
  host: string,
  workload: string,
  { number, lookup: name, family }: Call,
  answer: (trace: TraceId) => Process<Outcome>,
): Process<Outcome> {
  const { recorder } = simulation;
  const startedAt = simulation.now;
  const trace = recorder.trace(noTrace);
  recorder.write(lookupStarted, host, trace, '', { workload, number, name, family });
  const outcome = yield* answer(trace);
  const { result, addresses, printed } = outcome;
  recorder.write(lookupEnded, host, trace, '', {
    workload,
    number,
    name,
    family,
    startedAt,
    latency: simulation.now - startedAt,
    result,
    addresses: addresses.join(' '),
    printed,
  });
  return outcome;
}

type TimeOf = (number: number) => Micros;

function regular({ startAt, every }: Calls & { readonly kind: 'regular' }): TimeOf {
  return (number) => startAt + number * every;
}

function thinking(
  simulation: Simulation,
  description: CallsDescription,
  { startAt, pause }: Calls & { readonly kind: 'thinking' },
): TimeOf {
  const { threads = 1 } = description;
  const pauses = simulation.stream(`workload/${ownName(description)}/pauses`);
  return (number) => (number < threads ? startAt : simulation.now + draw(pause, pauses));
}

import { draw } from '../engine/distribution.ts';
import { type Process, sleepUntil } from '../engine/process.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { LookupResult } from '../resolver/lookup.ts';
import type { Calls, Family } from './description.ts';
import { lookupEnded, lookupStarted } from './records.ts';

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

/** How a call ended, as far as the caller sees it. */
export type Outcome = Pick<LookupResult, 'result' | 'addresses' | 'printed'>;

/** Waits for the call's time, does what `answer` does on a strand of its own, and notes its start and its end. */
export function* makeCall(
  simulation: Simulation,
  host: string,
  workload: string,
  { number, at, lookup: name, family }: Call,
  answer: (trace: TraceId) => Process<Outcome>,
): Process {
  const { recorder } = simulation;
  yield* sleepUntil(simulation, at);
  const startedAt = simulation.now;
  const trace = recorder.trace(noTrace);
  recorder.write(lookupStarted, host, trace, '', { workload, number, name, family });
  const { result, addresses, printed } = yield* answer(trace);
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

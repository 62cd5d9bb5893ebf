import { draw } from '../engine/distribution.ts';
import type { Process } from '../engine/process.ts';
import type { RandomStream } from '../engine/random.ts';
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

type CountedCalls = Calls & { readonly kind: 'regular' | 'thinking' };

interface CallsDescription {
  readonly name: string;
  readonly instance?: string;
  readonly family: Family;
  readonly calls: Calls;
  readonly threads?: number;
}

/** The calls of all threads; each is taken when a thread is free for it. */
export function callsOf(simulation: Simulation, description: CallsDescription): IterableIterator<Call, undefined> {
  const { calls, family } = description;
  switch (calls.kind) {
    case 'listed':
      return listed(calls, family);
    case 'scheduled':
      return scheduled(calls, family, simulation.stream(`${ownName(description)}/arrivals`));
    case 'regular':
      return new Counted(calls, family, regular(calls));
    case 'thinking':
      return new Counted(calls, family, thinking(simulation, description, calls));
  }
}

function* listed({ list }: Calls & { readonly kind: 'listed' }, family: Family): Generator<Call, undefined> {
  for (const [number, call] of list.entries()) yield { number, family, ...call };
  return undefined;
}

function* scheduled(
  { schedule, lookup }: Calls & { readonly kind: 'scheduled' },
  family: Family,
  arrivals: RandomStream,
): Generator<Call, undefined> {
  let number = 0;
  for (const at of timesOf(schedule, arrivals)) yield { family, at, ...numbered(lookup, number++) };
  return undefined;
}

/** Calls of one name after the other; not a generator, as these wait in every pod of a large cluster. */
class Counted implements IterableIterator<Call, undefined> {
  readonly #lookup: string;
  readonly #family: Family;
  readonly #count: number;
  readonly #time: TimeOf;
  #number = 0;

  constructor({ lookup, count = Number.POSITIVE_INFINITY }: CountedCalls, family: Family, time: TimeOf) {
    this.#lookup = lookup;
    this.#family = family;
    this.#count = count;
    this.#time = time;
  }

  [Symbol.iterator](): Counted {
    return this;
  }

  next(): IteratorResult<Call, undefined> {
    const number = this.#number;
    if (number >= this.#count) return { done: true, value: undefined };
    this.#number++;
    const { lookup } = numbered(this.#lookup, number);
    return { done: false, value: { number, at: this.#time(number), lookup, family: this.#family } };
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
  if (!recorder.counted(lookupStarted, ''))
    recorder.write(lookupStarted, host, trace, '', { workload, number, name, family });
  const outcome = yield* answer(trace);
  if (recorder.counted(lookupEnded, '')) return outcome;
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

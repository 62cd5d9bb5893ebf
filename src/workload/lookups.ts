import { draw } from '../engine/distribution.ts';
import { type Process, sleepUntil } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Family, Resolver } from '../resolver/lookup.ts';
import { createResolver } from '../resolver/resolver.ts';
import type { WorkloadDescription } from './description.ts';
import { lookupEnded, lookupStarted } from './records.ts';

type LookupsDescription = WorkloadDescription & { readonly kind: 'lookups' };

/** Calls the resolver at its times, as many calls at once as there are threads; what is overdue is made up for at once. */
export function* lookups(simulation: Simulation, sockets: Sockets, description: LookupsDescription): Process {
  const { name, threads = 1 } = description;
  const resolver = createResolver(simulation, sockets, name, description.resolver);
  const calls = callsOf(simulation, description);
  const start = () => worker(simulation, sockets.host, name, resolver, calls);
  const others = Array.from({ length: threads - 1 }, () => simulation.spawn(start()));
  try {
    yield* start();
    for (const each of others) yield* each.join();
  } finally {
    for (const each of others) each.kill();
  }
}

interface Call {
  readonly number: number;
  readonly at: Micros;
  readonly lookup: string;
  readonly family: Family;
}

/** One thread: takes the next call that nobody has taken, until there are none. */
function* worker(
  simulation: Simulation,
  host: string,
  workload: string,
  resolver: Resolver,
  calls: Iterator<Call>,
): Process {
  const { recorder } = simulation;
  for (let next = calls.next(); next.done !== true; next = calls.next()) {
    const { number, at, lookup: name, family } = next.value;
    yield* sleepUntil(simulation, at);
    const startedAt = simulation.now;
    const trace = recorder.trace(noTrace);
    recorder.write(lookupStarted, host, trace, '', { workload, number, name, family });
    const { result, addresses, printed } = yield* resolver.lookup({ name, family }, trace);
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
}

/** The calls of all threads; each is taken when a thread is free for it. */
function* callsOf(simulation: Simulation, description: LookupsDescription): Generator<Call, undefined> {
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

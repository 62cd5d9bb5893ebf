import { type Process, sleepUntil } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Resolver } from '../resolver/lookup.ts';
import { createResolver } from '../resolver/resolver.ts';
import { type Call, callsOf } from './calls.ts';
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

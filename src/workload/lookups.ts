import type { Process } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Resolver } from '../resolver/lookup.ts';
import { createResolver } from '../resolver/resolver.ts';
import { type Call, callsOf, makeCall } from './calls.ts';
import type { WorkloadDescription } from './description.ts';

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
  for (let next = calls.next(); next.done !== true; next = calls.next()) {
    const { lookup: name, family } = next.value;
    yield* makeCall(simulation, host, workload, next.value, (trace) => resolver.lookup({ name, family }, trace));
  }
}

import { draw } from '../engine/distribution.ts';
import { type Process, sleep, sleepUntil } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Resolver } from '../resolver/lookup.ts';
import { createResolver } from '../resolver/resolver.ts';
import { type Call, callsOf, makeCall, type Outcome } from './calls.ts';
import { ownName, type Retries, type WorkloadDescription } from './description.ts';

type LookupsDescription = WorkloadDescription & { readonly kind: 'lookups' };

/**
 * Calls the resolver at its times, as many calls at once as there are threads; what is overdue is made up for at once.
 * `givesUp`: called when the program is to end for a failure.
 */
export function lookups(
  simulation: Simulation,
  sockets: Sockets,
  description: LookupsDescription,
  givesUp: () => void,
): Process {
  const { threads = 1 } = description;
  const resolver = createResolver(simulation, sockets, ownName(description), description.resolver, threads);
  const calls = callsOf(simulation, description);
  const start = () => worker(simulation, sockets.host, description, resolver, calls, givesUp);
  return threads === 1 ? start() : together(simulation, Array.from({ length: threads }, start));
}

/** All threads of a program: they end with it. */
function* together(simulation: Simulation, [first, ...rest]: readonly Process[]): Process {
  const others = rest.map((thread) => simulation.spawn(thread));
  try {
    if (first !== undefined) yield* first;
    for (const each of others) yield* each.join();
  } finally {
    for (const each of others) each.kill();
  }
}

/** One thread: takes the next call that nobody has taken, until there are none. */
function* worker(
  simulation: Simulation,
  host: string,
  description: LookupsDescription,
  resolver: Resolver,
  calls: Iterator<Call>,
  givesUp: () => void,
): Process {
  const { name: workload, retries, exitsOnFailure = false } = description;
  const once = (call: Call): Process<Outcome> => {
    const { lookup: name, family } = call;
    return makeCall(simulation, host, workload, call, (trace) => resolver.lookup({ name, family }, trace));
  };
  for (let next = calls.next(); next.done !== true; next = calls.next()) {
    // Not in the call's own process: that would be moved to the old space while it sleeps, with all that it refers to later.
    yield* sleepUntil(simulation, next.value.at);
    let { result } = yield* once(next.value);
    if (result !== 'OK' && retries !== undefined)
      result = yield* again(simulation, description, retries, next.value, once);
    if (result !== 'OK' && exitsOnFailure) givesUp();
  }
}

/** Makes a call that failed again and again, until it goes well or the tries are used up; how the last one ended. */
function* again(
  simulation: Simulation,
  description: LookupsDescription,
  { times, pause, factor }: Retries,
  call: Call,
  once: (call: Call) => Process<Outcome>,
): Process<string> {
  const pauses = simulation.stream(`workload/${ownName(description)}/retries`);
  let scale = 1;
  let result = '';
  for (let n = 0; n < times; n++) {
    yield* sleep(Math.round(scale * draw(pause, pauses)));
    ({ result } = yield* once(call));
    if (result === 'OK') break;
    scale *= factor;
  }
  return result;
}

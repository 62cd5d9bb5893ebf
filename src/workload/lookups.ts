import { type Process, sleepUntil } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { createResolver } from '../resolver/resolver.ts';
import type { WorkloadDescription } from './description.ts';
import { lookupEnded, lookupStarted } from './records.ts';

type LookupsDescription = WorkloadDescription & { readonly kind: 'lookups' };

/** Calls the resolver at its times, one call after the other; what is overdue is made up for at once. */
export function* lookups(simulation: Simulation, sockets: Sockets, description: LookupsDescription): Process {
  const { name: workload, family } = description;
  const resolver = createResolver(simulation, sockets, workload, description.resolver);
  let number = 0;
  for (const { at, lookup: name } of callsOf(description)) {
    yield* sleepUntil(simulation, at);
    const { recorder, now: startedAt } = simulation;
    const trace = recorder.trace(noTrace);
    recorder.write(lookupStarted, sockets.host, trace, '', { workload, number, name, family });
    const { result, addresses, printed } = yield* resolver.lookup({ name, family }, trace);
    recorder.write(lookupEnded, sockets.host, trace, '', {
      workload,
      number: number++,
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

function* callsOf(description: LookupsDescription): Generator<{ readonly at: Micros; readonly lookup: string }> {
  const { calls, startAt, every, count = Number.POSITIVE_INFINITY, lookup } = description;
  if (calls !== undefined) yield* calls;
  else for (let i = 0; i < count; i++) yield { at: startAt + i * every, lookup };
}

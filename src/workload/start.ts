import type { Task } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { connections } from './connections.ts';
import type { WorkloadDescription } from './description.ts';
import { fixedPort } from './fixed-port.ts';
import { lookups } from './lookups.ts';
import { singleQuery } from './single-query.ts';

/** Starts what a workload does on its host. */
export function startWorkload(simulation: Simulation, sockets: Sockets, description: WorkloadDescription): Task {
  switch (description.kind) {
    case 'lookups':
      return simulation.spawn(lookups(simulation, sockets, description));
    case 'connections':
      return simulation.spawn(connections(simulation, sockets, description));
    case 'fixed-port':
      return simulation.spawn(fixedPort(simulation, sockets, description));
    case 'query':
      return simulation.spawn(singleQuery(simulation, sockets, description));
  }
}

import { type Process, type Task, TaskGroup } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { connections } from './connections.ts';
import type { WorkloadDescription } from './description.ts';
import { fixedPort } from './fixed-port.ts';
import { lookups } from './lookups.ts';
import { singleQuery } from './single-query.ts';

/** Starts what a workload does on its host; all that it begins is of one group with it. */
export function startWorkload(simulation: Simulation, sockets: Sockets, description: WorkloadDescription): Task {
  return simulation.spawn(processOf(simulation, sockets, description), new TaskGroup());
}

function processOf(simulation: Simulation, sockets: Sockets, description: WorkloadDescription): Process {
  switch (description.kind) {
    case 'lookups':
      return lookups(simulation, sockets, description);
    case 'connections':
      return connections(simulation, sockets, description);
    case 'fixed-port':
      return fixedPort(simulation, sockets, description);
    case 'query':
      return singleQuery(simulation, sockets, description);
  }
}

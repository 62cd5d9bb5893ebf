import { type Process, type Task, TaskGroup } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { connections } from './connections.ts';
import type { WorkloadDescription } from './description.ts';
import { fixedPort } from './fixed-port.ts';
import { lookups } from './lookups.ts';
import { singleQuery } from './single-query.ts';

/** Starts what a workload does on its host; all that it begins is of one group with it. `givesUp`: called when its program is to end for a failure. */
export function startWorkload(
  simulation: Simulation,
  sockets: Sockets,
  description: WorkloadDescription,
  givesUp: () => void = () => {},
): Task {
  return simulation.spawn(processOf(simulation, sockets, description, givesUp), new TaskGroup());
}

function processOf(
  simulation: Simulation,
  sockets: Sockets,
  description: WorkloadDescription,
  givesUp: () => void,
): Process {
  switch (description.kind) {
    case 'lookups':
      return lookups(simulation, sockets, description, givesUp);
    case 'connections':
      return connections(simulation, sockets, description);
    case 'fixed-port':
      return fixedPort(simulation, sockets, description);
    case 'query':
      return singleQuery(simulation, sockets, description);
  }
}

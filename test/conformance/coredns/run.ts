import type { World, WorldEvent } from '../../../src/cluster/world.ts';
import { type CoreDnsProcess, type Signal, startCoreDns } from '../../../src/coredns/process.ts';
import { ColumnStore } from '../../../src/engine/columns.ts';
import { Recorder } from '../../../src/engine/recorder.ts';
import { Simulation } from '../../../src/engine/simulation.ts';
import { createHost } from '../../../src/kernel/host.ts';
import type { Sockets } from '../../../src/kernel/socket/socket.ts';
import { createNetwork } from '../../../src/network/network.ts';
import { type RunningServer, startServer } from '../../../src/servers/start.ts';

/** A world at work. */
export interface Running {
  readonly simulation: Simulation;
  readonly store: ColumnStore;
  readonly sockets: Sockets;
  readonly processes: ReadonlyMap<string, CoreDnsProcess>;
}

export function start(world: World): Running {
  const store = new ColumnStore();
  const simulation = new Simulation(world.seed, new Recorder(store));
  const network = createNetwork(simulation, world.segments);
  const [description] = world.hosts;
  if (description === undefined) throw new Error('a world without hosts');
  const sockets = createHost(simulation, network, description);
  const servers = new Map(world.servers.map((server) => [server.name, startServer(simulation, sockets, server)]));
  const processes = new Map(world.coredns.map((core) => [core.name, startCoreDns(simulation, sockets, core)]));
  for (const event of world.events) simulation.at(event.at, () => happen(event, servers, processes));
  return { simulation, store, sockets, processes };
}

function happen(
  event: WorldEvent,
  servers: ReadonlyMap<string, RunningServer>,
  processes: ReadonlyMap<string, CoreDnsProcess>,
): void {
  switch (event.kind) {
    case 'set-server':
      servers.get(event.server)?.set(event.set);
      return;
    case 'write-corefile':
      processes.get(event.process)?.writeCorefile(event.text);
      return;
    case 'write-file':
      processes.get(event.process)?.writeFile(event.file, event.text);
      return;
    case 'signal':
      processes.get(event.process)?.signal(signalOf(event.signal));
      return;
    case 'restart':
      processes.get(event.process)?.restart();
      return;
    default:
      throw new Error(`event ${event.kind} is not modelled`);
  }
}

function signalOf(name: Extract<WorldEvent, { kind: 'signal' }>['signal']): Signal {
  if (name === 'STOP' || name === 'CONT') throw new Error(`signal ${name} is not modelled`);
  return `SIG${name}`;
}

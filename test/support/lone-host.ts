import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import type { HostDescription } from '../../src/kernel/description.ts';
import { createHost, type Host } from '../../src/kernel/host.ts';
import { createNetwork } from '../../src/network/network.ts';
import type { Packet } from '../../src/network/packet.ts';

/** A host with nobody around it. */
export interface LoneHost {
  readonly store: ColumnStore;
  readonly simulation: Simulation;
  readonly host: Host;
  /** What it sends, by whatever device; each of them answers for every address. */
  readonly sent: Packet[];
}

/** The segments that its interfaces name are there, without latency. */
export function loneHost(description: HostDescription, seed = '1'): LoneHost {
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
  const quality = { latency: 0, jitter: 0, loss: 0 };
  const segments = description.interfaces.flatMap(({ segment }) => segment ?? []);
  const network = createNetwork(
    simulation,
    segments.map((name) => ({ name, quality, pairs: [] })),
  );
  const host = createHost(simulation, network, description);
  const sent: Packet[] = [];
  for (const segment of network.segments.values())
    segment.attach({
      host: 'others',
      device: segment.name,
      answersFor: () => true,
      arrive: (packet) => sent.push(packet),
    });
  return { store, simulation, host, sent };
}

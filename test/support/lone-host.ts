import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import type { HostDescription } from '../../src/kernel/description.ts';
import { createHost, type Host } from '../../src/kernel/host.ts';
import { parseEndpoint } from '../../src/network/address.ts';
import { createNetwork } from '../../src/network/network.ts';
import type { Endpoint, Packet } from '../../src/network/packet.ts';

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
      name: segment.name,
      isUp: () => true,
      answersFor: () => true,
      arrive: (packet) => sent.push(packet),
    });
  return { store, simulation, host, sent };
}

/** A datagram of 33 octets between two ends such as `10.244.1.5:53`. */
export function datagram(from: string, to: string): Packet {
  const [source, destination] = [endOf(from), endOf(to)];
  return {
    protocol: 'udp',
    source: source.address,
    sourcePort: source.port,
    destination: destination.address,
    destinationPort: destination.port,
    ttl: 64,
    trace: 0,
    payload: { size: 33 },
  };
}

function endOf(text: string): Endpoint {
  const end = parseEndpoint(text);
  if (end === undefined) throw new Error(`${text} is no address and port`);
  return end;
}

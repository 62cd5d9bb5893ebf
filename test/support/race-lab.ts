import { ColumnStore } from '../../src/engine/columns.ts';
import { timedOut } from '../../src/engine/process.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { millisecond, second } from '../../src/engine/time.ts';
import { createHost, type Host } from '../../src/kernel/host.ts';
import { type Datagram, isSocketError, type UdpSocket } from '../../src/kernel/socket/socket.ts';
import { formatAddress, parseAddress } from '../../src/network/address.ts';
import { createNetwork } from '../../src/network/network.ts';

const vip = parseAddress('10.96.0.10') ?? 0;
const rules = `*nat
-A PREROUTING -d 10.96.0.10/32 -p udp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.20:53
-A PREROUTING -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.21:53
COMMIT
`;

/** A client sends two queries at once from each of its sockets, through DNAT to two servers, as recording f does. */
export function race(kernel: string, seed: string, overlap: number, { delay = millisecond, pairs = 200 } = {}) {
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
  const { node, client, servers } = hosts(simulation, kernel, overlap);
  const seen = new Map<number, string[]>();
  const sources: string[] = [];
  for (const server of servers)
    each(simulation, open(server, 53), ({ from, to, payload, trace }, socket) => {
      seen.set(from.port, [...(seen.get(from.port) ?? []), server.host]);
      simulation.at(simulation.now + delay, () => socket.send(payload, trace, from, to));
    });
  for (let n = 0; n < pairs; n++) {
    const socket = open(client, 10_000 + n);
    simulation.at(n * millisecond, () => {
      for (const size of [33, 34]) socket.send({ size }, 0, { address: vip, port: 53 });
    });
    each(simulation, socket, ({ from }) => sources.push(formatAddress(from.address)));
  }
  simulation.run(5 * second);
  const onTwo = [...seen.values()].filter((names) => new Set(names).size === 2).length;
  return { store, node, onTwo, sources, arrived: [...seen.values()].flat().length };
}

/** The client and the two servers, each behind a link of its own to the node. */
function hosts(simulation: Simulation, kernel: string, overlap: number) {
  const names = ['app', 'dns1', 'dns2'];
  const addresses = ['10.244.1.10', '10.244.1.20', '10.244.1.21'];
  const quality = { latency: 10, jitter: 0, loss: 0 };
  const network = createNetwork(
    simulation,
    names.map((name) => ({ name, quality, pairs: [] })),
  );
  const shared = { kernel, sysctls: {} };
  const node = createHost(simulation, network, {
    ...shared,
    name: 'node',
    forwarding: true,
    overlap,
    interfaces: names.map((name) => ({ name: `v-${name}`, segment: name, addresses: ['10.244.1.1/32'] })),
    routes: names.map((name, n) => ({ to: `${addresses[n]}/32`, kind: 'unicast', device: `v-${name}` })),
    iptables: rules,
  });
  const pods = names.map((name, n) =>
    createHost(simulation, network, {
      ...shared,
      name,
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: name, addresses: [`${addresses[n]}/32`] }],
      routes: [
        { to: '10.244.1.1/32', kind: 'unicast', device: 'eth0' },
        { to: 'default', kind: 'unicast', via: '10.244.1.1', device: 'eth0' },
      ],
    }),
  );
  const [client, ...servers] = pods;
  if (client === undefined) throw new Error('there is no client');
  return { node, client, servers };
}

function open(host: Host, port: number): UdpSocket {
  const socket = host.udp({ owner: 'test', bind: { address: 0, port } });
  if (isSocketError(socket)) throw new Error('no socket');
  return socket;
}

/** Does something with each datagram that comes to a socket. */
function each(simulation: Simulation, socket: UdpSocket, act: (got: Datagram, socket: UdpSocket) => void): void {
  simulation.spawn(
    (function* () {
      for (;;) {
        const got = yield* socket.receive(Number.POSITIVE_INFINITY);
        if (got !== timedOut && !isSocketError(got)) act(got, socket);
      }
    })(),
  );
}

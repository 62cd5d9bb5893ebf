import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import type { Packet } from '../../network/packet.ts';
import type { HostDescription } from '../description.ts';
import { createHost, type Host } from '../host.ts';
import { packetDropped, packetSent } from '../records.ts';
import { isSocketError, type UdpSocket } from '../socket/socket.ts';
import { fragmentsOf, Reassembly } from './fragments.ts';

const client = parseAddress('192.0.2.2') ?? 0;
const server = parseAddress('198.51.100.2') ?? 0;

function packet(size: number): Packet {
  const ends = { source: server, sourcePort: 53, destination: client, destinationPort: 40_000 };
  return { protocol: 'udp', ...ends, ttl: 64, trace: 0, payload: { size } };
}

describe('fragments', () => {
  it.each([
    // RFC 791 §3.2: the pieces hold multiples of 8 octets; 8 octets of UDP header come first.
    [1961, 1500, [1480, 489]],
    [1422, 1400, [1376, 54]],
    [4000, 1500, [1480, 1480, 1048]],
  ])('of %i octets of data on an MTU of %i', (size, mtu, lengths) => {
    const fragments = fragmentsOf(packet(size), mtu);
    expect(fragments.map(({ length }) => length)).toEqual(lengths);
  });

  it('make the packet again when all are there, and not before', () => {
    const whole = packet(4000);
    const reassembly = new Reassembly();
    expect(fragmentsOf(whole, 1500).map((f) => reassembly.take(whole, f))).toEqual([undefined, undefined, 1500]);
  });
});

/** A client and a server with a router between them; the MTU of the client's wire is the smaller. */
function routed(loss = 0) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const wire = (name: string, lost: number) => ({
    name,
    quality: { latency: 100, jitter: 0, loss: lost },
    pairs: [],
  });
  const network = createNetwork(simulation, [wire('near', 0), wire('far', loss)]);
  const host = (name: string, interfaces: HostDescription['interfaces'], via?: string): Host =>
    createHost(simulation, network, {
      name,
      kernel: '6.18',
      forwarding: via === undefined,
      interfaces,
      routes: via === undefined ? [] : [{ to: 'default', kind: 'unicast', via }],
      sysctls: {},
    });
  const near = { name: 'eth0', segment: 'near', mtu: 1400 };
  const far = { name: 'eth1', segment: 'far' };
  host('router', [
    { ...near, addresses: ['192.0.2.1/24'] },
    { ...far, addresses: ['198.51.100.1/24'] },
  ]);
  const left = host('client', [{ ...near, addresses: ['192.0.2.2/24'] }], '192.0.2.1');
  const right = host('server', [{ ...far, addresses: ['198.51.100.2/24'] }], '198.51.100.1');
  const open = (on: Host, port: number): UdpSocket => {
    const socket = on.udp({ owner: 'test', bind: { address: 0, port } });
    if (isSocketError(socket)) throw new Error(socket.error);
    return socket;
  };
  const receiver = open(left, 40_000);
  const sender = open(right, 53);
  const sizes: number[] = [];
  simulation.spawn(
    (function* () {
      for (;;) {
        const got = yield* receiver.receive(Number.POSITIVE_INFINITY);
        if (got !== timedOut && !isSocketError(got)) sizes.push(got.payload.size);
      }
    })(),
  );
  const send = (at: number, size: number) =>
    simulation.at(at, () => sender.send({ size }, 0, { address: client, port: 40_000 }));
  return { store, simulation, sizes, send, sender };
}

describe('a link with a smaller MTU', () => {
  it('costs the first answer that does not fit; the sender remembers for 600 s (recording k)', () => {
    const { simulation, store, sizes, send } = routed();
    send(second, 1422);
    send(2 * second, 1422);
    send(600 * second, 1400);
    send(602 * second, 1399);
    simulation.run(700 * second);
    expect(sizes).toEqual([1422, 1400]);
    const dropped = [...store.rows(packetDropped)].map(({ t, at, cause, size }) => [t, at, cause, size]);
    expect(dropped).toEqual([
      [second + 100, 'router', 'larger-than-mtu', 1422],
      [602 * second + 100, 'router', 'larger-than-mtu', 1399],
    ]);
    const [error] = [...store.rows(packetSent)].filter((row) => row.protocol === 'icmp');
    expect(error?.detail).toBe('192.0.2.2 unreachable - need to frag (mtu 1400)');
  });

  it('lets fragments through, cut again where they must be', () => {
    const { simulation, store, sizes, send } = routed();
    send(second, 1961);
    simulation.run(2 * second);
    expect(sizes).toEqual([1961]);
    const rows = [...store.rows(packetSent)].map(({ at, size, detail }) => [at, size, detail]);
    expect(rows).toEqual([
      ['server', 1961, ''],
      ['server', 489, 'ip-proto-17'],
      ['router', 1961, ''],
      ['router', 593, 'ip-proto-17'],
    ]);
  });

  it('tells a connected sender: EMSGSIZE', () => {
    const { simulation, send, sender } = routed();
    sender.connect({ address: client, port: 40_000 });
    send(second, 1422);
    simulation.run(2 * second);
    expect(sender.send({ size: 1 }, 0)?.error).toBe('EMSGSIZE');
  });

  it('a datagram is lost with any of its fragments', () => {
    const { simulation, sizes, send } = routed(0.2);
    for (let n = 1; n <= 200; n++) send(n * second, 4000);
    simulation.run(300 * second);
    // Three fragments: 0.8 ** 3 of the datagrams arrive, 102 of 200.
    expect(sizes.length).toBeGreaterThan(80);
    expect(sizes.length).toBeLessThan(125);
  });
});

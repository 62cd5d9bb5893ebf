import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { timedOut, type Waits } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { millisecond, second } from '../engine/time.ts';
import { formatEndpoint, parseAddress } from '../network/address.ts';
import { createNetwork } from '../network/network.ts';
import type { Endpoint } from '../network/packet.ts';
import type { HostDescription } from './description.ts';
import { createHost, type Host } from './host.ts';
import { packetSent } from './records.ts';
import { isSocketError, type UdpOptions, type UdpSocket } from './socket/socket.ts';

const at = (text: string, port: number): Endpoint => ({ address: parseAddress(text) ?? 0, port });

function describeHost(name: string, address: string, segment = 'wire'): HostDescription {
  return {
    name,
    kernel: '6.18',
    forwarding: false,
    interfaces: [{ name: 'eth0', segment, addresses: [address] }],
    routes: [],
    sysctls: {},
  };
}

/** Two hosts, 100 us apart. */
function pair() {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const quality = { latency: 100, jitter: 0, loss: 0 };
  const network = createNetwork(simulation, [{ name: 'wire', quality, pairs: [] }]);
  const left = createHost(simulation, network, describeHost('left', '192.0.2.1/24'));
  const right = createHost(simulation, network, describeHost('right', '192.0.2.2/24'));
  return { store, simulation, left, right };
}

function open(host: Host, options: Omit<UdpOptions, 'owner'> = {}): UdpSocket {
  const socket = host.udp({ owner: 'test', ...options });
  if (isSocketError(socket)) throw new Error(socket.error);
  return socket;
}

/** Runs a process to its end and returns what it saw. */
function outcome<T>(simulation: Simulation, process: Waits<T>): T {
  let result: { value: T } | undefined;
  simulation.spawn(
    (function* () {
      result = { value: yield* process };
    })(),
  );
  simulation.run(simulation.now + 300 * second);
  if (result === undefined) throw new Error('the process did not end');
  return result.value;
}

describe('UDP', () => {
  it('carries a datagram and its answer', () => {
    const { simulation, left, right } = pair();
    const server = open(right, { bind: at('0.0.0.0', 53) });
    const client = open(left);
    simulation.spawn(
      (function* () {
        const datagram = yield* server.receive(second);
        if (datagram === timedOut || isSocketError(datagram)) return;
        server.send({ size: 40 }, datagram.trace, datagram.from, datagram.to);
      })(),
    );
    const reply = outcome(
      simulation,
      (function* () {
        client.connect(at('192.0.2.2', 53));
        client.send({ size: 30 }, 7);
        const datagram = yield* client.receive(second);
        return { datagram, t: simulation.now };
      })(),
    );
    expect(reply.t).toBe(200);
    expect(reply.datagram).toMatchObject({ from: at('192.0.2.2', 53), payload: { size: 40 }, trace: 7 });
    expect(client.local.port).toBeGreaterThanOrEqual(32_768);
  });

  it.each([
    { connected: true, receiveErrors: false, sees: 'ECONNREFUSED' },
    { connected: false, receiveErrors: false, sees: 'nothing' },
    { connected: false, receiveErrors: true, sees: 'ECONNREFUSED' },
  ])('tells a closed port to a socket: %o', ({ connected, receiveErrors, sees }) => {
    const { simulation, left } = pair();
    const client = open(left, { receiveErrors });
    const peer = at('192.0.2.2', 53);
    if (connected) client.connect(peer);
    client.send({ size: 30 }, 7, connected ? undefined : peer);
    const result = outcome(simulation, client.receive(second));
    expect(isSocketError(result) ? result.error : 'nothing').toBe(sees);
  });

  it('refuses eight of the queries sent in a row at most: six at once, then one a second', () => {
    const { simulation, left } = pair();
    const refused = outcome(
      simulation,
      (function* () {
        const client = open(left);
        client.connect(at('192.0.2.2', 53));
        const seen: number[] = [];
        for (let i = 1; i <= 20; i++) {
          const start = simulation.now;
          client.send({ size: 30 }, 0);
          const result = yield* client.receive(start + 350 * millisecond);
          if (isSocketError(result)) seen.push(i);
          yield Math.max(0, start + 350 * millisecond - simulation.now);
        }
        return seen;
      })(),
    );
    expect(refused).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 16, 19]);
  });

  it('finds an error of the first datagram at the second, on one host', () => {
    const { left } = pair();
    const client = open(left);
    client.connect(at('127.0.0.1', 53));
    expect(client.send({ size: 30 }, 1)).toBeUndefined();
    expect(client.send({ size: 30 }, 2)).toEqual({ error: 'ECONNREFUSED', about: 1 });
    expect(client.send({ size: 30 }, 3)).toBeUndefined();
  });

  it('answers for several addresses on one host, from the one that was asked', () => {
    const { simulation, left } = pair();
    left.stack.addAddress(left.stack.addDevice('lo', undefined), { address: at('10.9.0.10', 0).address, length: 32 });
    const server = open(left, { bind: at('10.9.0.10', 53) });
    const client = open(left);
    client.connect(at('10.9.0.10', 53));
    client.send({ size: 30 }, 1);
    const got = outcome(simulation, server.receive(second));
    expect(got !== timedOut && !isSocketError(got) && formatEndpoint(got.from).split(':')[0]).toBe('10.9.0.10');
  });

  it('gives up on a silent neighbour after 3.05 s', () => {
    const { simulation, left } = pair();
    const client = open(left, { receiveErrors: true });
    client.connect(at('192.0.2.77', 53));
    client.send({ size: 30 }, 0);
    const seen = outcome(
      simulation,
      (function* () {
        const result = yield* client.receive(10 * second);
        return { result, t: simulation.now };
      })(),
    );
    expect(seen.result).toEqual({ error: 'EHOSTUNREACH', about: 0 });
    expect(seen.t / second).toBeCloseTo(3.05, 1);
  });
});

describe('TCP', () => {
  const query = function* (host: Host, deadline: number) {
    const connection = yield* host.connect(at('192.0.2.2', 53), { owner: 'client', trace: 1, deadline });
    if (connection === timedOut || isSocketError(connection)) return connection;
    connection.send({ size: 3000 }, 2);
    const answer = yield* connection.receive(deadline);
    connection.close();
    return answer;
  };

  it('opens, carries a message over several segments and closes', () => {
    const { store, simulation, left, right } = pair();
    const listener = right.listen(at('0.0.0.0', 53), 'server');
    if (isSocketError(listener)) throw new Error(listener.error);
    simulation.spawn(
      (function* () {
        const connection = yield* listener.accept(second);
        if (connection === timedOut) return;
        const got = yield* connection.receive(second);
        if (got === timedOut || isSocketError(got) || 'end' in got) return;
        connection.send({ size: 49 }, got.trace);
        expect(yield* connection.receive(second)).toEqual({ end: true });
        connection.close();
      })(),
    );
    expect(outcome(simulation, query(left, 5 * second))).toMatchObject({ payload: { size: 49 }, trace: 2 });
    const flags = [...store.rows(packetSent)].map((row) => `${row.at} ${row.detail} ${row.size}`);
    expect(flags).toEqual([
      'left S 0',
      'right S. 0',
      'left . 0',
      'left . 1448',
      'left . 1448',
      'left P. 104',
      'right . 0',
      'right . 0',
      'right . 0',
      'right P. 49',
      'left . 0',
      'left F. 0',
      'right F. 0',
      'left . 0',
    ]);
  });

  it('is refused where nobody listens', () => {
    const { simulation, left } = pair();
    expect(outcome(simulation, query(left, 5 * second))).toEqual({ error: 'ECONNREFUSED', about: 1 });
  });

  it('repeats a SYN as recording j shows, ten times, and then gives up', () => {
    const { store, simulation, left, right } = pair();
    right.stack.routes.removeDevice('eth0');
    const refused = outcome(simulation, query(left, Number.POSITIVE_INFINITY));
    expect(refused).toEqual({ error: 'ETIMEDOUT', about: 1 });
    const sent = [...store.rows(packetSent)].filter((r) => r.at === 'left').map((r) => r.t / second);
    const recorded = [0, 1.015, 2.039, 3.063, 4.087, 5.111, 7.127, 11.287];
    for (const [n, t] of recorded.entries()) expect(sent[n]).toBeCloseTo(t, 1);
    expect(sent).toHaveLength(11);
  });
});

import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { formatAddress, parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { createHost, type Host } from '../host.ts';
import { conntrackEvent } from '../records.ts';
import { isSocketError, type UdpSocket } from '../socket/socket.ts';

const vip = parseAddress('10.96.0.10') ?? 0;
const pairs = 200;
const rules = `*nat
-A PREROUTING -d 10.96.0.10/32 -p udp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.20:53
-A PREROUTING -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.21:53
COMMIT
`;

/** A client sends two queries at once from each of its sockets, through DNAT to two servers, as recording f does. */
function race(kernel: string, seed: string, overlap: number, delay = millisecond) {
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
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
  const servers = new Map<number, string[]>();
  const sources: string[] = [];
  const open = (host: Host | undefined, port: number): UdpSocket => {
    const socket = host?.udp({ owner: 'test', bind: { address: 0, port } });
    if (socket === undefined || isSocketError(socket)) throw new Error('no socket');
    return socket;
  };
  for (const pod of pods.slice(1)) {
    const socket = open(pod, 53);
    simulation.spawn(
      (function* () {
        for (;;) {
          const got = yield* socket.receive(Number.POSITIVE_INFINITY);
          if (got === timedOut || isSocketError(got)) continue;
          servers.set(got.from.port, [...(servers.get(got.from.port) ?? []), pod.host]);
          simulation.at(simulation.now + delay, () => socket.send(got.payload, got.trace, got.from, got.to));
        }
      })(),
    );
  }
  for (let n = 0; n < pairs; n++) {
    const socket = open(pods[0], 10_000 + n);
    simulation.at(n * millisecond, () => {
      for (const size of [33, 34]) socket.send({ size }, 0, { address: vip, port: 53 });
    });
    simulation.spawn(
      (function* () {
        for (;;) {
          const got = yield* socket.receive(Number.POSITIVE_INFINITY);
          if (got !== timedOut && !isSocketError(got)) sources.push(formatAddress(got.from.address));
        }
      })(),
    );
  }
  simulation.run(5 * second);
  const onTwo = [...servers.values()].filter((hosts) => new Set(hosts).size === 2).length;
  return { store, node, onTwo, sources, arrived: [...servers.values()].flat().length };
}

const seeds = ['1', '2', '3', '4', '5'];

describe('two packets of one socket at once', () => {
  it.each(seeds)('one CPU: no collision, one server a pair (recording f, seq; seed %s)', (seed) => {
    const { node, onTwo, sources } = race('6.18', seed, 0);
    expect([onTwo, sources.length]).toEqual([0, 2 * pairs]);
    expect(node.conntrack.counters).toMatchObject({ clash_resolve: 0, insert_failed: 0, drop: 0 });
  });

  it.each(seeds)(
    'two CPUs: all collide, none is lost, about half use two servers (recording f, par; seed %s)',
    (seed) => {
      const { store, node, onTwo, sources } = race('6.18', seed, 1);
      expect(sources).toEqual(Array.from({ length: 2 * pairs }, () => '10.96.0.10'));
      expect(node.conntrack.counters).toMatchObject({ clash_resolve: pairs, insert_failed: 0, drop: 0 });
      expect(onTwo).toBeGreaterThan(pairs * 0.38);
      expect(onTwo).toBeLessThan(pairs * 0.62);
      expect(node.conntrack.list().length).toBe(pairs);
      const events = [...store.rows(conntrackEvent)];
      expect(events.filter(({ type }) => type === 'NEW').length).toBe(pairs);
      expect(events.filter(({ type, timeout }) => type === 'UPDATE' && timeout <= 1).length).toBe(onTwo);
    },
  );

  it.each(seeds)('an answer after more than a second comes from the server itself (seed %s)', (seed) => {
    const { onTwo, sources } = race('6.18', seed, 1, 1600 * millisecond);
    expect(sources.filter((source) => source !== '10.96.0.10').length).toBe(onTwo);
  });

  it.each(seeds)('5.4 loses what chose another server, 4.4 loses every second packet (seed %s)', (seed) => {
    const middle = race('5.4', seed, 1);
    const { insert_failed, clash_resolve } = middle.node.conntrack.counters;
    expect([insert_failed + clash_resolve, middle.onTwo]).toEqual([pairs, 0]);
    expect(middle.arrived).toBe(2 * pairs - insert_failed);
    expect(Math.abs(insert_failed - pairs / 2)).toBeLessThan(pairs * 0.12);
    const old = race('4.4', seed, 1);
    expect(old.node.conntrack.counters).toMatchObject({ insert_failed: pairs, drop: pairs, clash_resolve: 0 });
    expect(old.arrived).toBe(pairs);
  });
});

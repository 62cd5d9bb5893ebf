import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { timedOut, type Waits } from '../../engine/process.ts';
import { noTrace, Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { formatAddress, formatEndpoint, parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import type { Address, Packet } from '../../network/packet.ts';
import { createHost, type Host } from '../host.ts';
import { isSocketError, type SocketError } from '../socket/socket.ts';

const address = (text: string): Address => parseAddress(text) ?? 0;

/** Hosts on one wire. `routes` and `addresses` are those of its only device. */
function wire(hosts: Readonly<Record<string, { kernel?: string; addresses: string[]; routes?: string[] }>>) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const quality = { latency: 100, jitter: 0, loss: 0 };
  const network = createNetwork(simulation, [{ name: 'wire', quality, pairs: [] }]);
  const made = Object.entries(hosts).map(([name, { kernel = '6.18.44', addresses, routes = [] }]) => {
    const interfaces = [{ name: 'eth0', segment: 'wire', addresses }];
    const onLink = routes.map((to) => ({ to, kind: 'unicast' as const, device: 'eth0' }));
    const description = { name, kernel, forwarding: false, interfaces, routes: onLink, sysctls: {} };
    return [name, createHost(simulation, network, description)] as const;
  });
  const named = new Map(made);
  const host = (name: string): Host => {
    const found = named.get(name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  return { simulation, host };
}

/** A query a tenth of a second to a closed port: how many of them are refused. */
function refusals(kernel: string, routes: string[]): number {
  const { simulation, host } = wire({
    client: { addresses: ['2001:db8::1/64'] },
    server: { kernel, addresses: ['2001:db8:1::2/128'], routes },
  });
  host('client').command('ip route add 2001:db8:1::2 dev eth0');
  const socket = host('client').udp({ owner: 'test' });
  if (isSocketError(socket)) throw new Error(socket.error);
  socket.connect({ address: address('2001:db8:1::2'), port: 53 });
  let refused = 0;
  simulation.spawn(
    (function* () {
      for (let n = 0; n < 40; n++) {
        socket.send({ size: 30 }, noTrace);
        const got = yield* socket.receive(simulation.now + 100 * millisecond);
        if (got === timedOut) continue;
        refused++;
        yield 100 * millisecond - 200;
      }
    })(),
  );
  simulation.run(10 * second);
  return refused;
}

// Six at once, then one per interval in the 3.9 s that follow (recording r6; net/ipv6/icmp.c before 0201eedb69b2).
test.each([
  ['6.18.44', ['2001:db8::/64'], 40],
  ['6.18', ['2001:db8::1/128'], 9],
  ['5.15', ['2001:db8::1/128'], 9],
  ['5.15', ['2001:db8::/64'], 21],
  ['5.15', ['::/0'], 40],
])('Linux %s, with a route %j to the client, refuses %i of 40 queries', (kernel, routes, expected) => {
  expect(refusals(kernel, routes)).toBe(expected);
});

function outcome<T>(simulation: Simulation, process: Waits<T>): { readonly value: T; readonly t: number } {
  let result: { value: T; t: number } | undefined;
  simulation.spawn(
    (function* () {
      result = { value: yield* process, t: simulation.now };
    })(),
  );
  simulation.run(simulation.now + 60 * second);
  if (result === undefined) throw new Error('the process did not end');
  return result;
}

test('nobody answers neighbour solicitations: host unreachable after 3 s', () => {
  const { simulation, host } = wire({ left: { addresses: ['2001:db8::1/64'] } });
  const options = { owner: 'test', trace: noTrace, deadline: 20 * second };
  const { value, t } = outcome(
    simulation,
    host('left').connect({ address: address('2001:db8::9'), port: 53 }, options),
  );
  expect(value).toMatchObject({ error: 'EHOSTUNREACH' });
  expect(t / second).toBeCloseTo(3.05, 1);
});

test('a SYN offers 1440 octets a segment: 60 go to the headers', () => {
  const { simulation, host } = wire({
    left: { addresses: ['2001:db8::1/64'] },
    right: { addresses: ['2001:db8::2/64'] },
  });
  const seen: Packet[] = [];
  const [right] = [host('right')];
  const receive = right.stack.receive.bind(right.stack);
  right.stack.receive = (device, packet, fragment) => {
    seen.push(packet);
    receive(device, packet, fragment);
  };
  const options = { owner: 'test', trace: noTrace, deadline: second };
  outcome(simulation, host('left').connect({ address: address('2001:db8::2'), port: 53 }, options));
  expect(seen[0]).toMatchObject({ protocol: 'tcp', syn: true, mss: 1440 });
});

test('what a host without IPv6 is told', () => {
  const { host } = wire({ left: { addresses: ['192.0.2.1/24'] } });
  const open = (to: string): SocketError | undefined => {
    const socket = host('left').udp({ owner: 'test' });
    return isSocketError(socket) ? socket : socket.connect({ address: address(to), port: 53 });
  };
  expect(open('2001:db8::1')).toMatchObject({ error: 'ENETUNREACH' });
  expect(open('::1')).toBeUndefined();
  const bound = host('left').udp({ owner: 'test', bind: { address: address('2001:db8::1'), port: 53 } });
  expect(bound).toMatchObject({ error: 'EADDRNOTAVAIL' });
});

test('a socket bound to :: hears both families, one bound to 0.0.0.0 IPv4 alone', () => {
  const { simulation, host } = wire({
    left: { addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    right: { addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  });
  const heard: string[] = [];
  for (const [any, port] of [
    [0n, 53],
    [0, 54],
  ] as const) {
    const socket = host('right').udp({ owner: 'test', bind: { address: any, port } });
    if (isSocketError(socket)) throw new Error(socket.error);
    simulation.spawn(
      (function* () {
        for (;;) {
          const got = yield* socket.receive(second);
          if (got === timedOut || isSocketError(got)) return;
          heard.push(`${formatAddress(got.from.address)} to ${formatEndpoint(got.to)}`);
        }
      })(),
    );
  }
  const sender = host('left').udp({ owner: 'test', bind: { address: 0n, port: 4000 } });
  if (isSocketError(sender)) throw new Error(sender.error);
  for (const port of [53, 54])
    for (const to of ['192.0.2.2', '2001:db8::2']) sender.send({ size: 1 }, noTrace, { address: address(to), port });
  simulation.run(2 * second);
  expect(heard).toEqual(['192.0.2.1 to 192.0.2.2:53', '2001:db8::1 to [2001:db8::2]:53', '192.0.2.1 to 192.0.2.2:54']);
});

test('a link-local address is no source for what goes further', () => {
  const { host } = wire({ left: { addresses: ['fe80::1/64', '2001:db8::1/128'], routes: ['::/0'] } });
  expect(host('left').stack.sourceFor(address('2001:db8:9::9'))).toBe(address('2001:db8::1'));
});

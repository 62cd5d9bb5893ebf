import { expect, test } from 'vitest';
import { replyTo } from '../dns/build.ts';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { millisecond, second } from '../engine/time.ts';
import { createHost } from '../kernel/host.ts';
import { parseAddress } from '../network/address.ts';
import { createNetwork } from '../network/network.ts';
import { cacheHit, queryMade } from '../resolver/records.ts';
import { startBackend } from '../servers/backend.ts';
import { encode } from '../transport/decode.ts';
import { type Answer, type Incoming, serveUdp } from '../transport/serve.ts';
import { serveTcp } from '../transport/serve-tcp.ts';
import type { WorkloadDescription } from './description.ts';
import { datagramSent, lookupEnded, lookupStarted, replySeen } from './records.ts';
import { startWorkload } from './start.ts';

/** A host that asks itself: 10.0.0.1 answers after 20 ms, 10.0.0.2 has no port open, 10.0.0.3 never answers. */
function run(description: WorkloadDescription, until = 20 * second) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const interfaces = [{ name: 'eth0', addresses: ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24'] }];
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'app-1',
    kernel: '6.1',
    forwarding: false,
    interfaces,
    routes: [],
    sysctls: {},
  });
  const serverAt = (address: string, owner: string) => {
    return { simulation, sockets: host, local: { address: parseAddress(address) ?? 0, port: 53 }, owner };
  };
  serveUdp(serverAt('10.0.0.1', 'server'), answer);
  serveTcp(serverAt('10.0.0.1', 'server'), answer);
  serveUdp(serverAt('10.0.0.3', 'silent'), silence);
  startWorkload(simulation, host, description);
  simulation.run(until);
  return store;
}

function* silence(): Process<Answer> {
  yield* sleep(0);
  return undefined;
}

function* answer({ message }: Incoming): Process<Answer> {
  const { name = '', type } = message.question[0] ?? {};
  yield* sleep(20 * millisecond);
  const data = { type: 'A', address: '192.0.2.1' } as const;
  const records = type === 'A' ? [{ name, ttl: 30, class: 'IN', data }] : [];
  return encode({ ...replyTo(message), flags: { ...message.flags, ra: true }, answer: records }, { compress: true });
}

const lookups = {
  kind: 'lookups',
  name: 'app',
  host: 'app-1',
  resolver: { kind: 'glibc', release: '2.36', resolvConf: { file: 'resolv.conf', text: 'nameserver 10.0.0.1\n' } },
  family: 'ipv4',
  calls: { kind: 'regular', lookup: 'db.example.com', startAt: second, every: 2 * second },
} as const;

const query = {
  kind: 'query',
  name: 'dig',
  host: 'app-1',
  at: second,
  from: '10.0.0.2',
  to: '10.0.0.1',
  port: 53,
  protocol: 'udp',
  question: { name: 'a.test', type: 'A', class: 'IN' },
  flags: { rd: true, ad: false, cd: false },
  timeout: 2 * second,
} as const;

test('lookups at their times, each a strand of its own', () => {
  const store = run({ ...lookups, calls: { ...lookups.calls, count: 3 } });
  const started = [...store.rows(lookupStarted)];
  const ended = [...store.rows(lookupEnded)];
  expect(started.map(({ t, number }) => [t / second, number])).toEqual([
    [1, 0],
    [3, 1],
    [5, 2],
  ]);
  expect(new Set(started.map(({ trace }) => trace)).size).toBe(3);
  expect(ended[0]).toMatchObject({
    at: 'app-1',
    name: 'db.example.com',
    latency: 20_000,
    result: 'OK',
    addresses: '192.0.2.1',
    printed: '',
  });
});

test('without a count, until the end of the run', () => {
  expect(run(lookups, 10 * second).count(lookupEnded)).toBe(5);
});

test('the next call waits for the last; what is overdue is made up for', () => {
  const text = 'nameserver 10.0.0.3\noptions timeout:1 attempts:2\n';
  const store = run({
    ...lookups,
    resolver: { ...lookups.resolver, resolvConf: { file: 'resolv.conf', text } },
    calls: { ...lookups.calls, every: second, count: 3 },
  });
  expect(
    [...store.rows(lookupEnded)].map(({ startedAt, t, result, printed }) => [
      startedAt / second,
      t / second,
      result,
      printed,
    ]),
  ).toEqual([
    [1, 3, 'EAI_AGAIN', 'Temporary failure in name resolution'],
    [3, 5, 'EAI_AGAIN', 'Temporary failure in name resolution'],
    [5, 7, 'EAI_AGAIN', 'Temporary failure in name resolution'],
  ]);
});

test('with two threads two calls are in progress at once, and a third waits', () => {
  const text = 'nameserver 10.0.0.3\noptions timeout:1 attempts:2\n';
  const store = run({
    ...lookups,
    resolver: { ...lookups.resolver, resolvConf: { file: 'resolv.conf', text } },
    calls: { ...lookups.calls, every: 500 * millisecond, count: 3 },
    threads: 2,
  });
  expect(
    [...store.rows(lookupEnded)].map(({ number, startedAt, t }) => [number, startedAt / second, t / second]),
  ).toEqual([
    [0, 1, 3],
    [1, 1.5, 3.5],
    [2, 3, 5],
  ]);
});

test('names at times of their own', () => {
  const store = run({
    ...lookups,
    calls: {
      kind: 'listed',
      list: [
        { at: 2 * second, lookup: 'a.test' },
        { at: 7 * second, lookup: 'b.test', family: 'any' },
      ],
    },
  });
  expect([...store.rows(lookupStarted)].map(({ t, name, family }) => [t / second, name, family])).toEqual([
    [2, 'a.test', 'ipv4'],
    [7, 'b.test', 'any'],
  ]);
});

test('a closed loop: each thread pauses between the result and its next call', () => {
  const pause = { kind: 'constant', value: second } as const;
  const calls = { kind: 'thinking', lookup: 'host%n.test', startAt: second, pause, count: 5 } as const;
  const rows = [...run({ ...lookups, threads: 2, calls }).rows(lookupStarted)];
  expect(rows.map(({ t, number, name }) => [t / second, number, name])).toEqual([
    [1, 0, 'host1.test'],
    [1, 1, 'host2.test'],
    [2.02, 2, 'host3.test'],
    [2.02, 3, 'host4.test'],
    [3.04, 4, 'host5.test'],
  ]);
});

test.each(['udp', 'tcp'] as const)('one message by %s: the reply as it came', (protocol) => {
  const [row] = run({ ...query, protocol, edns: { udpSize: 1232, do: false } }).rows(replySeen);
  expect(row).toMatchObject({
    t: 1_020_000,
    latency: 20_000,
    error: '',
    from: '10.0.0.1:53',
    rcode: 'NOERROR',
    flags: 'qr rd ra',
    answer: 'a.test. 30 IN A 192.0.2.1',
    authority: '',
    wire: 40,
    edns: Number.NaN,
  });
});

test.each([
  ['udp', '10.0.0.3', 'timeout', 2_000_000],
  ['udp', '10.0.0.2', 'ECONNREFUSED', 0],
  ['tcp', '10.0.0.2', 'ECONNREFUSED', 0],
] as const)('one message by %s to %s: %s', (protocol, to, error, latency) => {
  const [row] = run({ ...query, protocol, to }).rows(replySeen);
  expect(row).toMatchObject({ error, latency, rcode: '' });
});

test('datagrams from one port: each reply finds its question, silence is a time-out', () => {
  const fixed = {
    kind: 'fixed-port',
    name: 'app',
    host: 'app-1',
    sourcePort: 42_000,
    connected: false,
    to: '10.0.0.1',
    port: 53,
    times: [second, second + 5 * millisecond],
    send: { kind: 'question', name: 'host-%n.test', type: 'A', timeout: 10 * millisecond },
  } as const;
  const late = [...run(fixed).rows(replySeen)].map(({ number, name, error }) => [number, name, error]);
  expect(late).toEqual([
    [1, 'host-1.test', 'timeout'],
    [2, 'host-2.test', 'timeout'],
  ]);
  const store = run({ ...fixed, send: { ...fixed.send, timeout: second } });
  expect([...store.rows(replySeen)].map(({ name, answer: records }) => [name, records])).toEqual([
    ['host-1.test', 'host-1.test. 30 IN A 192.0.2.1'],
    ['host-2.test', 'host-2.test. 30 IN A 192.0.2.1'],
  ]);
});

test('a text that nobody answers', () => {
  const store = run({
    kind: 'fixed-port',
    name: 'syslog',
    host: 'app-1',
    sourcePort: 42_000,
    connected: false,
    to: '10.0.0.3',
    port: 514,
    times: [second],
    send: { kind: 'text', text: 'line %n' },
  });
  expect([...store.rows(datagramSent)]).toMatchObject([{ number: 1, text: 'line 1', error: '' }]);
  expect(store.count(replySeen)).toBe(0);
});

test('a connection is used until a request fails; only then the name is looked up again', () => {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const interfaces = [{ name: 'eth0', addresses: ['10.0.0.1/24'] }];
  const host = createHost(simulation, createNetwork(simulation, []), {
    ...{ name: 'app-1', kernel: '6.1', forwarding: false, interfaces, routes: [], sysctls: {} },
  });
  const address = parseAddress('10.0.0.1') ?? 0;
  const site = { simulation, sockets: host, local: { address, port: 53 }, owner: 'server' };
  serveUdp(site, function* ({ message }) {
    const data = { type: 'A', address: '10.0.0.1' } as const;
    const answer = [{ name: message.question[0]?.name ?? '', ttl: 30, class: 'IN', data }] as const;
    yield* sleep(0);
    return encode({ ...replyTo(message), answer }, { compress: true });
  });
  const backend = startBackend({ ...site, local: { address, port: 6379 }, owner: 'redis' }, 'tcp');
  simulation.at(4.5 * second, () => backend.set({ mode: 'refused' }));
  simulation.at(6.5 * second, () => backend.set({ mode: 'answer' }));
  startWorkload(simulation, host, {
    ...lookups,
    kind: 'connections',
    calls: { ...lookups.calls, every: second },
    ...{ protocol: 'tcp', port: 6379, timeout: 2 * second },
  });
  simulation.run(9 * second);
  expect([...store.rows(lookupEnded)].map(({ startedAt, result }) => [startedAt / second, result])).toEqual([
    [1, 'OK'],
    [2, 'OK'],
    [3, 'OK'],
    [4, 'OK'],
    [5, 'ECONNRESET'],
    [6, 'ECONNREFUSED'],
    [7, 'OK'],
    [8, 'OK'],
    [9, 'OK'],
  ]);
  expect([...store.rows(cacheHit)].map(({ t }) => Math.floor(t / second))).toEqual([2, 3, 4, 5, 8, 9]);
  expect([...store.rows(queryMade)].map(({ t }) => Math.floor(t / second))).toEqual([1, 6, 7]);
});

test('a lookup that fails is made again, after pauses that grow; the thread waits meanwhile', () => {
  const text = 'nameserver 10.0.0.2\noptions timeout:1 attempts:1\n';
  const pause = { kind: 'constant', value: 100 * millisecond } as const;
  const store = run({
    ...lookups,
    resolver: { ...lookups.resolver, resolvConf: { file: 'resolv.conf', text } },
    calls: { ...lookups.calls, every: 500 * millisecond, count: 2 },
    retries: { times: 2, pause, factor: 3 },
  });
  // Refused at once.
  expect([...store.rows(lookupStarted)].map(({ t, number }) => [t / second, number])).toEqual([
    [1, 0],
    [1.1, 0],
    [1.4, 0],
    [1.5, 1],
    [1.6, 1],
    [1.9, 1],
  ]);
  const well = run({ ...lookups, calls: { ...lookups.calls, count: 1 }, retries: { times: 2, pause, factor: 3 } });
  expect(well.count(lookupStarted)).toBe(1);
});

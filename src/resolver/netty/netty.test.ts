import { expect, test } from 'vitest';
import { replyTo } from '../../dns/build.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, sleep } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { createHost } from '../../kernel/host.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { encode } from '../../transport/decode.ts';
import { serveUdp } from '../../transport/serve.ts';
import type { NettyDescription } from '../description.ts';
import { queryMade } from '../records.ts';
import { Netty } from './netty.ts';

/** Lookups at times in milliseconds of a server that takes 100 ms; the queries, and the ports that they came from. */
function run(netty: NettyDescription, lookups: readonly (readonly [at: number, name: string])[]) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'app',
    kernel: '6.1',
    forwarding: false,
    interfaces: [{ name: 'eth0', addresses: ['10.0.0.1/24', '10.0.0.2/24'] }],
    routes: [],
    sysctls: {},
  });
  const local = { address: parseAddress('10.0.0.2') ?? 0, port: 53 };
  serveUdp({ simulation, sockets: host, local, owner: 'server' }, function* ({ message }) {
    yield* sleep(100 * millisecond);
    const [question] = message.question;
    const data = { type: 'A', address: '192.0.2.1' } as const;
    const answer = question === undefined ? [] : [{ name: question.name, class: 'IN' as const, ttl: 60, data }];
    return encode({ ...replyTo(message, 'NOERROR'), answer }, { compress: true });
  });
  const resolvConf = { file: 'resolv.conf', text: 'nameserver 10.0.0.2\n' };
  const resolver = new Netty(simulation, host, 'app', { kind: 'netty', release: '4.1.115', resolvConf, netty });
  const got: string[] = [];
  for (const [at, name] of lookups)
    simulation.spawn(
      (function* (): Process {
        yield* sleep(at * millisecond);
        const { addresses } = yield* resolver.lookup({ name, family: 'any' }, simulation.recorder.trace(0));
        got.push(`${simulation.now / millisecond} ${addresses.join(' ')}`);
      })(),
    );
  simulation.run(10 * second);
  const queries = [...store.rows(queryMade)];
  return { got, queries: queries.length, ports: new Set(queries.map(({ localPort }) => localPort)).size };
}

const together = [0, 50, 120].map((at) => [at, 'a.test'] as const);

test('lookups of one name at a time share one query, and the cache has the rest', () => {
  expect(run({}, together)).toMatchObject({ queries: 1, got: ['100 192.0.2.1', '100 192.0.2.1', '120 192.0.2.1'] });
});

test('a bare resolver asks for each that comes before the answer (netty-32-par-same)', () => {
  expect(run({ separately: true }, together).queries).toBe(2);
});

test('one source port for good, or one for each lookup (netty-33, netty-34)', () => {
  const names = ['a.test', 'b.test', 'c.test'].map((name, i) => [i * 200, name] as const);
  expect(run({}, names)).toMatchObject({ queries: 3, ports: 1 });
  expect(run({ channelPerResolution: true }, names)).toMatchObject({ queries: 3, ports: 3 });
});

import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { createHost } from '../kernel/host.ts';
import { isSocketError } from '../kernel/socket/socket.ts';
import { parseAddress } from '../network/address.ts';
import { createNetwork } from '../network/network.ts';
import { httpGet, serveHttp } from './http.ts';

function asked(prepare: (command: (text: string) => void, serve: () => { close(): void }) => void): unknown {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const network = createNetwork(simulation, [
    { name: 'wire', quality: { latency: 1000, jitter: 0, loss: 0 }, pairs: [] },
  ]);
  const [client, server] = ['10.0.0.1', '10.0.0.2'].map((address) =>
    createHost(simulation, network, {
      name: address,
      kernel: '5.15',
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: 'wire', addresses: [`${address}/24`] }],
      routes: [],
      sysctls: {},
    }),
  );
  if (client === undefined || server === undefined) throw new Error('no hosts');
  const to = { address: parseAddress('10.0.0.2') ?? 0, port: 8181 };
  const serve = () => {
    const site = { simulation, sockets: server, local: { ...to, address: 0 }, owner: 's' };
    const serving = serveHttp(site, (path) => ({ status: 200, body: path }));
    if (isSocketError(serving)) throw new Error(serving.error);
    return serving;
  };
  prepare((text) => server.command(text), serve);
  let got: unknown;
  simulation.spawn(
    (function* () {
      got = yield* httpGet(client, to, '/ready', { owner: 'kubelet', trace: 0, deadline: second });
    })(),
  );
  simulation.run(2 * second);
  return got;
}

test('a page', () => {
  expect(asked((_, serve) => serve())).toEqual({ status: 200, body: '/ready' });
});

test('nobody listens, or not any more: refused', () => {
  expect(asked(() => {})).toMatchObject({ error: 'ECONNREFUSED' });
  expect(asked((_, serve) => serve().close())).toMatchObject({ error: 'ECONNREFUSED' });
});

test('silence lasts until the deadline', () => {
  const got = asked((command, serve) => {
    serve();
    command('iptables -A INPUT -p tcp --dport 8181 -j DROP');
  });
  expect(typeof got).toBe('symbol');
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { timedOut } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { formatAddress, parseAddress } from '../network/address.ts';
import { createNetwork } from '../network/network.ts';
import { createHost, type Host } from './host.ts';
import { isSocketError } from './socket/socket.ts';

const text = readFileSync(new URL('../../test/recordings/kernel/sources/sources.txt', import.meta.url), 'utf8');
const recorded = text
  .trimEnd()
  .split('\n')
  .map((line) => line.split(' '));

/** A node and a pod of its own, as record.sh beside the recording makes them. */
function nodeWithPod(kind: string | undefined): { simulation: Simulation; node: Host; pod: Host } {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const quality = { latency: 100, jitter: 0, loss: 0 };
  const segments = ['fabric', 'link'].map((name) => ({ name, quality, pairs: [] }));
  const network = createNetwork(simulation, segments);
  const common = { kernel: '6.18', sysctls: {} };
  const gateway = '10.244.1.1';
  const node = createHost(simulation, network, {
    ...common,
    name: 'node',
    forwarding: true,
    interfaces: [
      { name: 'uplink', segment: 'fabric', addresses: ['192.168.1.200/24'] },
      {
        name: 'veth',
        segment: 'link',
        ...(kind === 'proxy' ? { addresses: [], proxied: [gateway] } : { addresses: [`${gateway}/32`] }),
      },
    ],
    routes: [
      { to: '10.244.1.10/32', kind: 'unicast', device: 'veth' },
      { to: 'default', kind: 'unicast', via: '192.168.1.1', device: 'uplink' },
    ],
    iptables: `*nat
-A OUTPUT -d 10.96.0.10 -p udp --dport 53 -j DNAT --to-destination 10.244.1.10:53
-A POSTROUTING -d 10.244.1.10 -p udp --dport 53 -j MASQUERADE
COMMIT
`,
  });
  const pod = createHost(simulation, network, {
    ...common,
    name: 'pod',
    forwarding: false,
    interfaces: [{ name: 'eth0', segment: 'link', addresses: ['10.244.1.10/32'] }],
    routes: [
      { to: `${gateway}/32`, kind: 'unicast', device: 'eth0' },
      { to: 'default', kind: 'unicast', via: gateway, device: 'eth0' },
    ],
  });
  return { simulation, node, pod };
}

it.each(recorded)('%s, %s: a pod sees its node as %s, and its answer comes back', (kind, way, source) => {
  const { simulation, node, pod } = nodeWithPod(kind);
  const [to = '', port = 0] = way === 'straight' ? ['10.244.1.10', 54] : ['10.96.0.10', 53];
  const destination = { address: parseAddress(to) ?? 0, port };
  const [client, server] = [node.udp({ owner: 'client' }), pod.udp({ owner: 'server', bind: { address: 0, port } })];
  if (isSocketError(client) || isSocketError(server)) throw new Error('no socket');
  const seen: string[] = [];
  simulation.spawn(
    (function* () {
      const datagram = yield* server.receive(second);
      if (datagram === timedOut || isSocketError(datagram)) return;
      seen.push(formatAddress(datagram.from.address));
      server.send(datagram.payload, datagram.trace, datagram.from);
    })(),
  );
  simulation.spawn(
    (function* () {
      client.send({ size: 40 }, 0, destination);
      const reply = yield* client.receive(second);
      if (reply !== timedOut && !isSocketError(reply)) seen.push('answered');
    })(),
  );
  simulation.run(second);
  expect(seen).toEqual([source, 'answered']);
});

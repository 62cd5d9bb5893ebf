import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import type { Endpoint } from '../../network/packet.ts';
import { createHost, type Host } from '../host.ts';
import { isSocketError, type UdpSocket } from '../socket/socket.ts';

interface Stimulus {
  readonly title: string;
  /** Who sends, from which port, to whom. */
  readonly packets: readonly (readonly [host: 'client' | 'node', port: number, to: string, toPort: number])[];
  /** What iptables-save -c then prints on the node. */
  readonly lines: readonly string[];
}

/** The lines of a recording: the rules first. */
function recorded(name: string): { rules: readonly string[]; stimuli: readonly string[] } {
  const text = readFileSync(new URL(`../../../test/recordings/iptables/${name}`, import.meta.url), 'utf8');
  const [head = '', ...stimuli] = text.trimEnd().split('\n');
  return { rules: JSON.parse(head).rules, stimuli };
}

const payload = { size: 40 };
const at = (address: string, port: number): Endpoint => ({ address: parseAddress(address) ?? 0, port });

function open(host: Host, bind: Endpoint): UdpSocket {
  const socket = host.udp({ owner: 'test', bind });
  if (isSocketError(socket)) throw new Error(socket.error);
  return socket;
}

function* echo(socket: UdpSocket): Process {
  for (;;) {
    const datagram = yield* socket.receive(Number.POSITIVE_INFINITY);
    if (datagram !== timedOut && !isSocketError(datagram)) socket.send(payload, 0, datagram.from, datagram.to);
  }
}

/** A client, a node that forwards, and a server: as `record_counters.py` makes them. */
function topology(rules: readonly string[]) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const quality = { latency: 100, jitter: 0, loss: 0 };
  const wires = ['left', 'right'].map((name) => ({ name, quality, pairs: [] }));
  const network = createNetwork(simulation, wires);
  const host = (name: string, devices: readonly (readonly [string, string, string])[], gateway: string) =>
    createHost(simulation, network, {
      name,
      kernel: '6.18',
      forwarding: name === 'node',
      interfaces: devices.map(([device, segment, address]) => ({ name: device, segment, addresses: [address] })),
      routes: [{ to: 'default', kind: 'unicast', via: gateway }],
      sysctls: {},
    });
  const client = host('client', [['eth0', 'left', '10.1.0.2/24']], '10.1.0.1');
  const server = host('server', [['eth0', 'right', '10.2.0.2/24']], '10.2.0.1');
  const devices = [
    ['c0', 'left', '10.1.0.1/24'],
    ['s0', 'right', '10.2.0.1/24'],
  ] as const;
  const node = host('node', devices, '10.2.0.2');
  node.restore({ file: 'rules', text: rules.join('\n') });
  simulation.spawn(echo(open(server, at('10.2.0.2', 5353))));
  for (const address of ['10.1.0.1', '127.0.0.1']) simulation.spawn(echo(open(node, at(address, 7000))));
  return { simulation, hosts: { client, node }, node };
}

/** Lines by table: iptables-save prints the tables in the order in which they came. */
function byTable(lines: readonly string[]): Record<string, string[]> {
  const starts = [...lines.entries()].filter(([, line]) => line.startsWith('*'));
  return Object.fromEntries(starts.map(([i, name]) => [name, lines.slice(i, lines.indexOf('COMMIT', i))]));
}

test('rules and policies count what those of a real node count, on every way of a packet', () => {
  const { rules, stimuli } = recorded('counters.txt');
  const { simulation, hosts, node } = topology(rules);
  for (const { title, packets, lines } of stimuli.map((line): Stimulus => JSON.parse(line))) {
    for (const table of ['raw', 'mangle', 'nat', 'filter', 'security']) node.command(`iptables -t ${table} -Z`);
    for (const [name, port, to, toPort] of packets) {
      const socket = open(hosts[name], at('0.0.0.0', port));
      socket.connect(at(to, toPort));
      socket.send(payload, 0);
      simulation.run(simulation.now + second);
      socket.close();
    }
    expect({ title, ...byTable(node.netfilter.print(undefined, 'ipv4', true)) }).toEqual({ title, ...byTable(lines) });
  }
});

test('matches hold for the packets for which they hold on a real node', () => {
  const { rules, stimuli } = recorded('matches.txt');
  const { simulation, hosts, node } = topology(rules);
  const socket = open(hosts.client, at('0.0.0.0', 4000));
  socket.connect(at('10.2.0.2', 5353));
  for (let n = 0; n < 12; n++) {
    socket.send(payload, 0);
    simulation.run(simulation.now + 350 * millisecond);
  }
  const { lines }: { lines: readonly string[] } = JSON.parse(stimuli[0] ?? '');
  expect(node.netfilter.print('filter', 'ipv4', true)).toEqual(lines);
});

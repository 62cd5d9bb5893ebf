import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import { createHost } from '../host.ts';
import { packetDelivered, packetDropped } from '../records.ts';
import { isSocketError, type UdpSocket } from './socket.ts';

const at = (text: string, port: number) => ({ address: parseAddress(text) ?? 0, port });

function lab() {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'host',
    kernel: '6.18',
    forwarding: false,
    interfaces: [{ name: 'lo', addresses: ['192.0.2.1/32', '192.0.2.2/32'] }],
    routes: [],
    sysctls: {},
  });
  const open = (address: string, port: number, reuseAddress = false): UdpSocket => {
    const socket = host.udp({ owner: `${address}:${port}`, bind: at(address, port), reuseAddress });
    if (isSocketError(socket)) throw new Error(socket.error);
    return socket;
  };
  return { store, simulation, host, open };
}

describe('datagrams that nobody reads', () => {
  // Measured on Linux 6.18 with net.core.rmem_default as it is.
  it.each([
    [33, 256],
    [193, 256],
    [200, 166],
    [641, 166],
    [650, 92],
    [1472, 92],
    [2000, 59],
    [4000, 30],
  ])('of %i octets, %i wait and the others are lost', (size, waits) => {
    const { store, simulation, open } = lab();
    open('192.0.2.2', 53);
    const client = open('192.0.2.1', 5000);
    for (let n = 0; n < 300; n++) client.send({ size }, 0, at('192.0.2.2', 53));
    simulation.run(second);
    expect([...store.rows(packetDelivered)].length).toBe(waits);
    const lost = [...store.rows(packetDropped)].map(({ where, cause }) => `${where} ${cause}`);
    expect(lost).toEqual(Array.from({ length: 300 - waits }, () => 'socket receive-buffer-full'));
  });
});

describe('SO_REUSEADDR', () => {
  it('lets a second socket have the port, and gives it all that comes (recording i)', () => {
    const { store, simulation, host, open } = lab();
    const old = open('192.0.2.2', 53, true);
    expect(host.udp({ owner: 'other', bind: at('192.0.2.2', 53) })).toMatchObject({ error: 'EADDRINUSE' });
    open('192.0.2.2', 53, true);
    open('192.0.2.1', 5000).send({ size: 33 }, 0, at('192.0.2.2', 53));
    old.close();
    open('192.0.2.1', 5001).send({ size: 33 }, 0, at('192.0.2.2', 53));
    simulation.run(second);
    expect([...store.rows(packetDelivered)].map(({ owner }) => owner)).toEqual(['192.0.2.2:53', '192.0.2.2:53']);
    expect([...store.rows(packetDropped)].map(({ cause }) => cause)).toEqual([]);
  });
});

it('closes the sockets of a program that has ended, and of no other', () => {
  const { store, simulation, host, open } = lab();
  for (const port of [53, 54]) host.udp({ owner: port === 53 ? 'web' : 'other', bind: at('192.0.2.2', port) });
  host.listen(at('192.0.2.2', 53), 'web');
  host.closeSockets('web');
  const client = open('192.0.2.1', 5000);
  for (const port of [53, 54]) client.send({ size: 33 }, 0, at('192.0.2.2', port));
  simulation.run(second);
  expect(
    [...store.rows(packetDelivered)].filter(({ protocol }) => protocol === 'udp').map(({ owner }) => owner),
  ).toEqual(['other']);
  expect(isSocketError(host.listen(at('192.0.2.2', 53), 'next'))).toBe(false);
});

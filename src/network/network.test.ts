import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { createNetwork } from './network.ts';
import type { Packet } from './packet.ts';
import { packetLost } from './records.ts';
import type { Segment, Station } from './segment.ts';

function packet(size: number): Packet {
  const payload = { size };
  return { protocol: 'udp', source: 1, sourcePort: 1, destination: 2, destinationPort: 53, ttl: 64, trace: 0, payload };
}

describe('a segment', () => {
  /** Two stations on a segment; when what `left` sends reaches `right`. */
  function wire(quality: { latency: number; jitter: number; loss: number }) {
    const store = new ColumnStore();
    const simulation = new Simulation('1', new Recorder(store));
    const arrivals: { t: number; size: number }[] = [];
    const network = createNetwork(simulation, [{ name: 'wire', quality, pairs: [] }]);
    const segment: Segment | undefined = network.segments.get('wire');
    const left: Station = {
      host: 'left',
      name: 'eth0',
      isUp: () => true,
      answersFor: (a) => a === 1,
      arrive: () => {},
    };
    const right: Station = {
      host: 'right',
      name: 'eth0',
      isUp: () => true,
      answersFor: (a) => a === 2,
      arrive: (p) => arrivals.push({ t: simulation.now, size: p.protocol === 'udp' ? p.payload.size : 0 }),
    };
    if (segment === undefined) throw new Error('no wire');
    const ports = { left: segment.attach(left), right: segment.attach(right) };
    const send = (size: number) => segment.carry(ports.left, ports.right, packet(size));
    return { store, simulation, segment, ...ports, arrivals, send };
  }

  it('delays, and never lets a packet overtake another', () => {
    const { simulation, arrivals, send } = wire({ latency: 1000, jitter: 500, loss: 0 });
    for (let size = 1; size <= 50; size++) send(size);
    simulation.run(10_000);
    expect(arrivals.map(({ size }) => size)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    for (const { t } of arrivals) expect(t >= 1000 && t <= 1500).toBe(true);
  });

  it('loses its share and says so', () => {
    const { store, simulation, arrivals, send } = wire({ latency: 10, jitter: 0, loss: 0.2 });
    for (let size = 1; size <= 1000; size++) send(size);
    simulation.run(1000);
    const lost = store.count(packetLost);
    expect(arrivals.length + lost).toBe(1000);
    expect(lost).toBeGreaterThan(150);
    expect(lost).toBeLessThan(250);
  });

  it('does not reach a station that was unplugged on the way', () => {
    const { simulation, segment, left, right, arrivals, send } = wire({ latency: 10, jitter: 0, loss: 0 });
    expect(segment?.find(2, left)).toBe(right);
    send(1);
    segment?.detach(right);
    simulation.run(100);
    expect(arrivals).toEqual([]);
    expect(segment?.find(2, left)).toBeUndefined();
  });
});

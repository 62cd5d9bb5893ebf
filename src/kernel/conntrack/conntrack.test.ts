import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { createNetwork } from '../../network/network.ts';
import type { Address, Packet } from '../../network/packet.ts';
import { createHost, type Host } from '../host.ts';
import { conntrackEvent } from '../records.ts';
import { entryFields, eventLine, listLine } from './entry.ts';

const address = (text: string): Address => parseAddress(text) ?? 0;
const vip = address('10.96.0.10');

const rules = `*nat
-A PREROUTING -d 10.96.0.10/32 -p udp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.1.20:53
-A PREROUTING -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.21:53
-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
COMMIT
`;

/** A node between pods and the world; what it sends goes into `sent`. */
function node(kernel = '6.18') {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const quality = { latency: 0, jitter: 0, loss: 0 };
  const segments = ['pods', 'uplink'].map((name) => ({ name, quality, pairs: [] }));
  const network = createNetwork(simulation, segments);
  const host = createHost(simulation, network, {
    name: 'node',
    kernel,
    forwarding: true,
    interfaces: [
      { name: 'pods', segment: 'pods', addresses: ['10.244.1.1/24'] },
      { name: 'uplink', segment: 'uplink', addresses: ['192.168.100.2/24'] },
    ],
    routes: [{ to: 'default', kind: 'unicast', via: '192.168.100.1' }],
    iptables: rules,
    sysctls: {},
  });
  const sent: Packet[] = [];
  for (const segment of network.segments.values())
    segment.attach({
      host: 'others',
      device: segment.name,
      answersFor: () => true,
      arrive: (packet) => sent.push(packet),
    });
  return { store, simulation, host, sent };
}

function udp(source: string, sourcePort: number, destination: Address, destinationPort: number): Packet {
  const payload = { size: 33 };
  return {
    protocol: 'udp',
    source: address(source),
    sourcePort,
    destination,
    destinationPort,
    ttl: 64,
    trace: 0,
    payload,
  };
}

function receive(host: Host, device: string, packet: Packet): void {
  const from = host.stack.devices.get(device);
  if (from !== undefined) host.stack.receive(from, packet);
}

const answer = (packet: Packet): Packet =>
  packet.protocol !== 'udp'
    ? packet
    : {
        ...packet,
        source: packet.destination,
        sourcePort: packet.destinationPort,
        destination: packet.source,
        destinationPort: packet.sourcePort,
      };

/** A query at each time (ms), each answered at once; gives the time-outs that `conntrack -L` shows right after. */
function timeouts(kernel: string, at: readonly number[]): string[] {
  const { simulation, host, sent } = node(kernel);
  return at.map((t) => {
    simulation.run(t * millisecond);
    receive(host, 'pods', udp('10.244.1.10', 41_000, vip, 53));
    const query = sent.pop();
    if (query !== undefined) receive(host, 'pods', answer(query));
    const [entry] = host.conntrack.list();
    const fields = entry && entryFields(entry, simulation.now);
    return `${fields?.timeout}${fields?.assured ? ' ASSURED' : ''}`;
  });
}

describe('UDP timers', () => {
  // Recording b, port 41000 and 41001; nf_conntrack_proto_udp.c's history for the older rows.
  it.each([
    ['6.18', [0, 1000, 2000, 3000], ['30', '30', '30', '120 ASSURED']],
    ['6.18', [0, 1900, 1990, 2050], ['30', '30', '30', '120 ASSURED']],
    ['5.15', [0, 1000, 3000], ['30', '30 ASSURED', '120 ASSURED']],
    ['4.19', [0, 1000], ['30', '180 ASSURED']],
  ])('%s: queries at %j ms', (kernel, at, expected) => {
    expect(timeouts(kernel, at)).toEqual(expected);
  });

  it('forgets an unanswered entry after 30 s and takes a new decision for its port', () => {
    const { store, simulation, host, sent } = node();
    receive(host, 'pods', udp('10.244.1.10', 42_000, vip, 53));
    simulation.run(30 * second);
    receive(host, 'pods', udp('10.244.1.10', 42_000, vip, 53));
    expect(sent.map((p) => p.destination)).toEqual([address('10.244.1.20'), address('10.244.1.21')]);
    const events = [...store.rows(conntrackEvent)].map((row) => [row.type, row.cause, row.t / second]);
    expect(events).toEqual([
      ['NEW', '', 0],
      ['DESTROY', 'expired', 30],
      ['NEW', '', 30],
    ]);
  });
});

describe('the event of an entry that a user deletes', () => {
  it.each([
    ['5.10', Number.NaN],
    ['5.11', 20],
    ['6.18', 20],
  ])('%s: tells %d s left', (kernel, left) => {
    const { store, simulation, host } = node(kernel);
    receive(host, 'pods', udp('10.244.1.10', 42_000, vip, 53));
    simulation.run(10 * second);
    host.command('conntrack -D -p udp');
    expect([...store.rows(conntrackEvent)].map((row) => [row.type, row.timeout])).toEqual([
      ['NEW', 30],
      ['DESTROY', left],
    ]);
  });
});

describe('translation', () => {
  it('gives one source port to two pods only towards different servers', () => {
    const { host, sent } = node();
    receive(host, 'pods', udp('10.244.1.10', 5555, address('192.168.100.1'), 53));
    receive(host, 'pods', udp('10.244.1.11', 5555, address('192.168.100.1'), 53));
    receive(host, 'pods', udp('10.244.1.11', 5555, address('192.168.100.9'), 53));
    const [first, second, third] = sent.map((p) => (p.protocol === 'udp' ? p.sourcePort : 0));
    expect(first).toBe(5555);
    expect(second).not.toBe(5555);
    // Recording g: the mapping that this source has is used again, though 5555 was free there.
    expect(third).toBe(second);
  });

  it('keeps a replacement in the class of the port: 600 to 1023', () => {
    const { host, sent } = node();
    for (const pod of ['10.244.1.10', '10.244.1.11'])
      receive(host, 'pods', udp(pod, 600, address('192.168.100.1'), 53));
    const port = sent[1]?.protocol === 'udp' ? sent[1].sourcePort : 0;
    expect(port).toBeGreaterThan(600);
    expect(port).toBeLessThan(1024);
  });

  it('translates the ICMP error about a translated packet back, and its source to the address asked', () => {
    const { host, sent } = node();
    receive(host, 'pods', udp('10.244.1.10', 47_001, vip, 53));
    const about = sent.pop();
    const source = address('10.244.1.20');
    const destination = address('10.244.1.10');
    const code = 'port-unreachable';
    receive(host, 'pods', {
      protocol: 'icmp',
      source,
      destination,
      ttl: 64,
      trace: 0,
      type: 'destination-unreachable',
      code,
      about,
    });
    expect(sent.pop()).toMatchObject({ source: vip, destination, about: { destination: vip, destinationPort: 53 } });
    expect(host.conntrack.list().map((c) => c.seenReply)).toEqual([false]);
  });

  it('leaves no entry where the first packet dies', () => {
    const { host } = node();
    host.command('iptables -A FORWARD -d 10.244.1.20 -j REJECT; ip route add blackhole 10.244.1.21/32');
    for (const port of [1, 2]) receive(host, 'pods', udp('10.244.1.10', 48_000 + port, vip, 53));
    expect(host.conntrack.list()).toEqual([]);
  });
});

describe('lines', () => {
  it('reads as conntrack prints them (recording a)', () => {
    const { simulation, host } = node();
    receive(host, 'pods', udp('10.244.1.10', 40_001, vip, 53));
    const [entry] = host.conntrack.list();
    if (entry === undefined) throw new Error('no entry');
    const fields = entryFields(entry, simulation.now);
    const tuples =
      'src=10.244.1.10 dst=10.96.0.10 sport=40001 dport=53 [UNREPLIED] src=10.244.1.20 dst=10.244.1.10 sport=53 dport=40001';
    expect(listLine(fields)).toBe(`udp      17 30 ${tuples} mark=0 use=1`);
    expect(eventLine('NEW', fields)).toBe(`    [NEW] udp      17 30 ${tuples}`);
  });
});

/** Each tuple leads to its own entry, so none is there twice; what has expired is not met. */
function checkTable({ conntrack }: Host, now: number): void {
  for (const slot of conntrack.table.slots()) {
    const { original, reply, expires } = conntrack.table.load(slot);
    expect(conntrack.table.find(original)).toEqual({ slot, reply: false });
    expect(conntrack.table.find(reply)).toEqual({ slot, reply: true });
    if (expires <= now) expect(conntrack.taken(original)).toBe(false);
  }
}

describe('the table', () => {
  const step = fc.record({
    pod: fc.integer({ min: 10, max: 12 }),
    port: fc.constantFrom(600, 5555, 5556, 41_000),
    to: fc.constantFrom(vip, address('192.168.100.1'), address('192.168.100.9')),
    answered: fc.boolean(),
    wait: fc.constantFrom(0, 1, 20, 31, 130),
    deletes: fc.boolean(),
  });

  it('never has a tuple twice, finds an entry by both of its tuples, and never finds an expired one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { simulation, host, sent } = node();
        for (const { pod, port, to, answered, wait, deletes } of steps) {
          receive(host, 'pods', udp(`10.244.1.${pod}`, port, to, 53));
          const query = sent.pop();
          if (answered && query !== undefined) receive(host, to === vip ? 'pods' : 'uplink', answer(query));
          sent.length = 0;
          simulation.run(simulation.now + wait * second);
          if (deletes) host.command(`conntrack -D -p udp --orig-dst 10.96.0.10 --sport ${port}`);
          checkTable(host, simulation.now);
        }
      }),
      { numRuns: 60 },
    );
  });

  // Recording h: of 200 new flows on a full table 0, 53, 151 and 200 were answered.
  it.each([
    { share: 0, from: 0, to: 0 },
    { share: 0.02, from: 0.15, to: 0.4 },
    { share: 0.1, from: 0.65, to: 0.95 },
    { share: 1, from: 1, to: 1 },
  ])('full, with $share not ASSURED, still takes a share of $from to $to of new flows', ({ share, from, to }) => {
    const { host, sent } = node();
    const size = 4000;
    host.command(`sysctl -w net.netfilter.nf_conntrack_max=${size} net.netfilter.nf_conntrack_buckets=${size}`);
    for (let i = 0; i < size; i++) receive(host, 'pods', udp('10.244.1.10', 1024 + i, address('192.168.100.1'), 53));
    const { table } = host.conntrack;
    for (const slot of table.slots()) table.store({ ...table.load(slot), assured: slot % 1000 >= share * 1000 });
    sent.length = 0;
    for (let i = 0; i < 200; i++) receive(host, 'pods', udp('10.244.1.11', 50_000 + i, vip, 53));
    expect(sent.length / 200).toBeGreaterThanOrEqual(from);
    expect(sent.length / 200).toBeLessThanOrEqual(to);
    expect(table.size).toBe(size);
    expect(host.conntrack.counters.drop).toBe(200 - sent.length);
  });
});

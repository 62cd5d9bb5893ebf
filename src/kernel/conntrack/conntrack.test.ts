import { describe, expect, it } from 'vitest';
import {
  address,
  answer,
  type NodeLab,
  nodeLab,
  receive,
  udp,
  serviceIp as vip,
} from '../../../test/support/conntrack-lab.ts';
import { millisecond, second } from '../../engine/time.ts';
import type { Address, Packet } from '../../network/packet.ts';
import { conntrackEvent } from '../records.ts';
import { entryFields, eventLine, listLine } from './entry.ts';

/** A query at each time (ms), each answered at once; gives the time-outs that `conntrack -L` shows right after. */
function timeouts(kernel: string, at: readonly number[]): string[] {
  const lab = nodeLab({ kernel });
  const { simulation, host, sent } = lab;
  return at.map((t) => {
    simulation.run(t * millisecond);
    receive(lab, 'pods', udp('10.244.1.10', 41_000, vip, 53));
    const query = sent.pop();
    if (query !== undefined) receive(lab, 'pods', answer(query));
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

  // Recording path-loss-to-upstream.
  it("a dropped packet's event is told at the end of the flow's next packet", () => {
    const lab = nodeLab();
    const { simulation, host, store } = lab;
    const told = () => [...store.rows(conntrackEvent)].map(({ t, type }) => `${t / second} ${type}`);
    const [first] = receive(lab, 'pods', udp('10.244.1.10', 41_000, vip, 53));
    if (first === undefined) throw new Error('the query was not forwarded');
    receive(lab, 'pods', answer(first));
    host.restore({ file: 'rules', text: '*filter\n-A FORWARD -s 10.244.1.10 -j DROP\nCOMMIT\n' });
    simulation.run(3 * second);
    expect(receive(lab, 'pods', udp('10.244.1.10', 41_000, vip, 53))).toEqual([]);
    expect(told()).toEqual(['0 NEW', '0 UPDATE']);
    simulation.run(4 * second);
    receive(lab, 'pods', answer(first));
    expect(told()).toEqual(['0 NEW', '0 UPDATE', '4 UPDATE']);
  });

  // Recordings c1 (unanswered) and d (ASSURED).
  it('every packet renews an entry, answered or not, in either direction', () => {
    const lab = nodeLab();
    const { simulation, host } = lab;
    const left = () => host.conntrack.list().map((entry) => entryFields(entry, simulation.now).timeout);
    const query = () => receive(lab, 'pods', udp('10.244.1.10', 42_000, vip, 53));
    for (const t of [0, 20, 40]) {
      simulation.run(t * second);
      query();
      expect(left()).toEqual([30]);
    }
    const [last] = query();
    for (const reply of [false, true, false, true]) {
      simulation.run(simulation.now + 10 * second);
      if (reply && last !== undefined) receive(lab, 'pods', answer(last));
      else query();
    }
    expect(left()).toEqual([120]);
    simulation.run(simulation.now + 100 * second);
    query();
    expect(left()).toEqual([120]);
  });

  it('forgets an unanswered entry after 30 s and takes a new decision for its port', () => {
    const lab = nodeLab();
    const { store, simulation, sent } = lab;
    receive(lab, 'pods', udp('10.244.1.10', 42_000, vip, 53));
    simulation.run(30 * second);
    receive(lab, 'pods', udp('10.244.1.10', 42_000, vip, 53));
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
    const lab = nodeLab({ kernel });
    const { store, simulation, host } = lab;
    receive(lab, 'pods', udp('10.244.1.10', 42_000, vip, 53));
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
    const lab = nodeLab();
    const { sent } = lab;
    receive(lab, 'pods', udp('10.244.1.10', 5555, address('192.168.100.1'), 53));
    receive(lab, 'pods', udp('10.244.1.11', 5555, address('192.168.100.1'), 53));
    receive(lab, 'pods', udp('10.244.1.11', 5555, address('192.168.100.9'), 53));
    const [first, second, third] = sent.map((p) => (p.protocol === 'udp' ? p.sourcePort : 0));
    expect(first).toBe(5555);
    expect(second).not.toBe(5555);
    // Recording g: the mapping that this source has is used again, though 5555 was free there.
    expect(third).toBe(second);
  });

  it('keeps a replacement in the class of the port: 600 to 1023', () => {
    const lab = nodeLab();
    const { sent } = lab;
    for (const pod of ['10.244.1.10', '10.244.1.11']) receive(lab, 'pods', udp(pod, 600, address('192.168.100.1'), 53));
    const port = sent[1]?.protocol === 'udp' ? sent[1].sourcePort : 0;
    expect(port).toBeGreaterThan(600);
    expect(port).toBeLessThan(1024);
  });

  it.each(['4.19', '6.18'])('%s: gives no port twice, also where most of a class are taken', (kernel) => {
    const lab = nodeLab({ kernel });
    for (let i = 0; i < 400; i++)
      receive(lab, 'pods', udp(`10.244.${2 + (i >> 8)}.${i & 255}`, 500, address('192.168.100.1'), 53));
    const ports = lab.sent.map((packet) => (packet.protocol === 'udp' ? packet.sourcePort : 0));
    expect(new Set(ports).size).toBe(400);
    expect(ports.filter((port) => port < 1 || port > 511)).toEqual([]);
    expect(lab.host.conntrack.counters.insert_failed).toBe(0);
  });

  it('drops what finds no port any more, when it is to be entered', () => {
    const lab = nodeLab();
    for (let i = 0; i < 600; i++)
      receive(lab, 'pods', udp(`10.244.${2 + (i >> 8)}.${i & 255}`, 500, address('192.168.100.1'), 53));
    const { insert_failed, drop } = lab.host.conntrack.counters;
    expect(insert_failed).toBeGreaterThanOrEqual(600 - 511);
    expect([insert_failed, drop, lab.host.conntrack.table.size]).toEqual([
      drop,
      600 - lab.sent.length,
      lab.sent.length,
    ]);
  });

  it('translates the ICMP error about a translated packet back, and its source to the address asked', () => {
    const lab = nodeLab();
    const { host, sent } = lab;
    receive(lab, 'pods', udp('10.244.1.10', 47_001, vip, 53));
    const about = sent.pop();
    const source = address('10.244.1.20');
    const destination = address('10.244.1.10');
    const code = 'port-unreachable';
    receive(lab, 'pods', {
      protocol: 'icmp',
      source,
      destination,
      ttl: 64,
      trace: 0,
      type: 'destination-unreachable',
      id: undefined,
      code,
      about,
      mtu: undefined,
    });
    expect(sent.pop()).toMatchObject({ source: vip, destination, about: { destination: vip, destinationPort: 53 } });
    expect(host.conntrack.list().map((c) => c.seenReply)).toEqual([false]);
  });

  it('leaves no entry where the first packet dies', () => {
    const lab = nodeLab();
    const { host } = lab;
    host.command('iptables -A FORWARD -d 10.244.1.20 -j REJECT; ip route add blackhole 10.244.1.21/32');
    for (const port of [1, 2]) receive(lab, 'pods', udp('10.244.1.10', 48_000 + port, vip, 53));
    expect(host.conntrack.list()).toEqual([]);
  });
});

describe('ICMP', () => {
  const outside = address('192.168.100.9');
  const echo = (pod: string, id: number): Packet => ({
    protocol: 'icmp',
    source: address(pod),
    destination: outside,
    ttl: 64,
    trace: 0,
    type: 'echo-request',
    code: 'none',
    id,
    about: undefined,
    mtu: undefined,
  });
  const listed = (lab: NodeLab) =>
    lab.host.conntrack.list().map((entry) => listLine(entryFields(entry, lab.simulation.now)));

  // Columns as conntrack 1.4.7 prints those of an echo.
  it('an echo has an entry of 30 s, never ASSURED, and its reply is translated back', () => {
    const lab = nodeLab();
    const [request] = receive(lab, 'pods', echo('10.244.1.10', 7));
    expect(request).toMatchObject({ source: address('192.168.100.2'), id: 7 });
    const line = (flag: string) =>
      `icmp     1 30 src=10.244.1.10 dst=192.168.100.9 type=8 code=0 id=7 ${flag}src=192.168.100.9 dst=192.168.100.2 type=0 code=0 id=7 mark=0 use=1`;
    expect(listed(lab)).toEqual([line('[UNREPLIED] ')]);
    lab.simulation.run(10 * second);
    const [reply] = request === undefined ? [] : receive(lab, 'uplink', answer(request));
    expect(reply).toMatchObject({ source: outside, destination: address('10.244.1.10'), id: 7 });
    expect(listed(lab)).toEqual([line('')]);
    lab.simulation.run(40 * second);
    expect(listed(lab)).toEqual([]);
  });

  it('two pods with one identifier get two, each its own reply', () => {
    const lab = nodeLab();
    const requests = ['10.244.1.10', '10.244.1.11'].flatMap((pod) => receive(lab, 'pods', echo(pod, 7)));
    expect(new Set(requests.map((packet) => (packet.protocol === 'icmp' ? packet.id : 0))).size).toBe(2);
    const replies = requests.flatMap((request) => receive(lab, 'uplink', answer(request)));
    expect(replies).toMatchObject(['10.244.1.10', '10.244.1.11'].map((pod) => ({ destination: address(pod), id: 7 })));
  });

  it('a reply that nobody asked for is INVALID', () => {
    const lab = nodeLab();
    receive(lab, 'uplink', answer(echo('10.244.1.10', 7)));
    expect(listed(lab)).toEqual([]);
    expect(lab.host.conntrack.counters.invalid).toBe(1);
  });

  it('an error of the server about an answer, and one about a query, go back as RELATED; neither renews the entry', () => {
    const lab = nodeLab();
    const error = (about: Packet | undefined, source: Address, destination: Address): Packet => ({
      ...{ protocol: 'icmp', source, destination, ttl: 64, trace: 0, type: 'destination-unreachable' },
      ...{ id: undefined, code: 'port-unreachable', about, mtu: undefined },
    });
    const [query] = receive(lab, 'pods', udp('10.244.1.10', 47_001, outside, 53));
    lab.simulation.run(10 * second);
    const node = address('192.168.100.2');
    const [toClient] = receive(lab, 'uplink', error(query, outside, node));
    expect(toClient).toMatchObject({
      source: outside,
      destination: address('10.244.1.10'),
      about: { source: address('10.244.1.10'), sourcePort: 47_001, destination: outside },
    });
    if (query === undefined) throw new Error('no query');
    const line = (left: number, flag: string) =>
      `udp      17 ${left} src=10.244.1.10 dst=192.168.100.9 sport=47001 dport=53 ${flag}src=192.168.100.9 dst=192.168.100.2 sport=53 dport=47001 mark=0 use=1`;
    expect(listed(lab)).toEqual([line(20, '[UNREPLIED] ')]);
    const [back] = receive(lab, 'uplink', answer(query));
    lab.simulation.run(25 * second);
    const [toServer] = receive(lab, 'pods', error(back, address('10.244.1.10'), outside));
    expect(toServer).toMatchObject({ source: node, destination: outside, about: { destination: node } });
    expect(listed(lab)).toEqual([line(15, '')]);
  });
});

describe('lines', () => {
  it('reads as conntrack prints them (recording a)', () => {
    const lab = nodeLab();
    const { simulation, host } = lab;
    receive(lab, 'pods', udp('10.244.1.10', 40_001, vip, 53));
    const [entry] = host.conntrack.list();
    if (entry === undefined) throw new Error('no entry');
    const fields = entryFields(entry, simulation.now);
    const tuples =
      'src=10.244.1.10 dst=10.96.0.10 sport=40001 dport=53 [UNREPLIED] src=10.244.1.20 dst=10.244.1.10 sport=53 dport=40001';
    expect(listLine(fields)).toBe(`udp      17 30 ${tuples} mark=0 use=1`);
    expect(eventLine('NEW', fields)).toBe(`    [NEW] udp      17 30 ${tuples}`);
  });
});

describe('the table', () => {
  // Recording h: of 200 new flows on a full table 0, 53, 151 and 200 were answered.
  it.each([
    { share: 0, from: 0, to: 0 },
    { share: 0.02, from: 0.15, to: 0.4 },
    { share: 0.1, from: 0.65, to: 0.95 },
    { share: 1, from: 1, to: 1 },
  ])('full, with $share not ASSURED, still takes a share of $from to $to of new flows', ({ share, from, to }) => {
    const lab = nodeLab();
    const { host, sent } = lab;
    const size = 4000;
    host.command(`sysctl -w net.netfilter.nf_conntrack_max=${size} net.netfilter.nf_conntrack_buckets=${size}`);
    for (let i = 0; i < size; i++) receive(lab, 'pods', udp('10.244.1.10', 1024 + i, address('192.168.100.1'), 53));
    const { table } = host.conntrack;
    for (const slot of table.slots()) table.store({ ...table.load(slot), assured: slot % 1000 >= share * 1000 });
    sent.length = 0;
    for (let i = 0; i < 200; i++) receive(lab, 'pods', udp('10.244.1.11', 50_000 + i, vip, 53));
    expect(sent.length / 200).toBeGreaterThanOrEqual(from);
    expect(sent.length / 200).toBeLessThanOrEqual(to);
    expect(table.size).toBe(size);
    expect(host.conntrack.counters.drop).toBe(200 - sent.length);
  });
});

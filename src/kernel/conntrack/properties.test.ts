import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  address,
  answer,
  type NodeLab,
  nodeLab,
  receive,
  serviceIp,
  tcp,
  udp,
} from '../../../test/support/conntrack-lab.ts';
import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import { conntrackEvent, conntrackRefresh, packetDropped } from '../records.ts';
import { type Tuple, tupleOf } from './connection.ts';

const kernels = ['4.4', '4.14', '4.19', '5.4', '5.10', '5.15', '6.18'];
const most = 12;

const step = fc.record({
  pod: fc.integer({ min: 10, max: 13 }),
  port: fc.constantFrom(600, 5555, 5556, 41_000),
  to: fc.constantFrom(serviceIp, address('192.168.100.1'), address('192.168.100.9')),
  /** Two at once race where the node has several CPUs. */
  count: fc.constantFrom(1, 1, 2),
  /** How many of those not answered yet are answered now, the oldest first. */
  answers: fc.integer({ min: 0, max: 3 }),
  wait: fc.constantFrom(0, 0, 1, 3, 20, 31, 130),
  command: fc.constantFrom(
    'true',
    'true',
    'true',
    'conntrack -F',
    'conntrack -D -p udp --sport 5555',
    'iptables -t nat -F PREROUTING',
  ),
});
const scene = fc.record({
  kernel: fc.constantFrom(...kernels),
  overlap: fc.constantFrom(0, 0.5, 1),
  buckets: fc.constantFrom(4, 16, 64),
  steps: fc.array(step, { maxLength: 40 }),
});

interface Asked {
  readonly query: Packet;
  readonly forwarded: Packet;
}

const key = ({ protocol, source, sourcePort, destination, destinationPort }: Tuple) =>
  [protocol, source, sourcePort, destination, destinationPort].join(' ');
const ends = (packet: Packet): string => {
  const tuple = tupleOf(packet);
  return tuple === undefined ? '' : key(tuple);
};

/** Each tuple stands for one entry, and leads to it; what has expired is not met; the limit holds. */
function checkTable({ host: { conntrack }, simulation }: NodeLab): void {
  const seen = new Set<string>();
  expect(conntrack.table.size).toBeLessThanOrEqual(most);
  for (const { slot, original, reply, replyOnly } of conntrack.alive()) {
    for (const tuple of replyOnly ? [reply] : [original, reply]) {
      expect(seen).not.toContain(key(tuple));
      seen.add(key(tuple));
    }
    if (!replyOnly) expect(conntrack.table.find(original)).toEqual({ slot, reply: false });
    expect(conntrack.table.find(reply)).toEqual({ slot, reply: true });
  }
  for (const slot of [...conntrack.table.slots()].filter((one) => conntrack.table.expires(one) <= simulation.now))
    expect(conntrack.taken(conntrack.table.load(slot).reply)).toBe(false);
}

/** No packet met an entry after its time, by what the records tell of it. */
function checkUse({ store }: NodeLab): void {
  const until = new Map<number, number>();
  const uses = [...store.rows(conntrackEvent), ...store.rows(conntrackRefresh)].sort((a, b) => a.seq - b.seq);
  for (const row of uses) {
    const { t, id, timeout } = row;
    if (Number.isNaN(timeout)) continue;
    // Whole seconds are told.
    expect(t).toBeLessThanOrEqual((until.get(id) ?? t) + second);
    until.set(id, t + timeout * second);
  }
}

/** Sends a query, or several at once: each goes on, or is dropped for a reason. */
function ask(lab: NodeLab, query: Packet, count: number): Asked[] {
  const before = lab.sent.length;
  const had = [...lab.store.rows(packetDropped)].length;
  for (let n = 0; n < count; n++) receive(lab, 'pods', query);
  lab.simulation.run(lab.simulation.now);
  const forwarded = lab.sent.slice(before).filter(({ protocol }) => protocol === 'udp');
  const lost = [...lab.store.rows(packetDropped)].slice(had);
  expect(forwarded.length + lost.length).toBe(count);
  for (const { cause } of lost) expect(cause).not.toBe('');
  return forwarded.map((packet) => ({ query, forwarded: packet }));
}

/** A server answers: with its entry still there, the client gets what it expects. */
function reply(lab: NodeLab, { query, forwarded }: Asked): void {
  const { conntrack } = lab.host;
  const back = answer(forwarded);
  const tuple = tupleOf(back);
  const found = tuple && conntrack.taken(tuple) ? conntrack.table.find(tuple) : undefined;
  const itsOwn = found?.reply === true && key(conntrack.table.load(found.slot).original) === ends(query);
  const had = [...lab.store.rows(packetDropped)].length;
  const before = lab.sent.length;
  receive(lab, query.destination === serviceIp ? 'pods' : 'uplink', back);
  lab.simulation.run(lab.simulation.now);
  const arrived = lab.sent[before];
  if (itsOwn) expect(arrived && ends(arrived)).toBe(ends(answer(query)));
  // Its entry is gone: it goes on untranslated, which its client does not take, or ends here for a reason.
  else if (arrived === undefined)
    expect([...lab.store.rows(packetDropped)].slice(had).map(({ cause }) => cause !== '')).toEqual([true]);
}

describe('whatever pods send, servers answer and people type', () => {
  it('an answer comes back as the client expects it, or is lost with a reason; tuples are unique; the limit holds', () => {
    fc.assert(
      fc.property(scene, ({ kernel, overlap, buckets, steps }) => {
        const sysctls = { 'net.netfilter.nf_conntrack_max': most, 'net.netfilter.nf_conntrack_buckets': buckets };
        const lab = nodeLab({ kernel, overlap, sysctls });
        const waiting: Asked[] = [];
        for (const { pod, port, to, count, answers, wait, command } of steps) {
          waiting.push(...ask(lab, udp(`10.244.1.${pod}`, port, to), count));
          checkTable(lab);
          for (const asked of waiting.splice(0, answers)) reply(lab, asked);
          checkTable(lab);
          lab.simulation.run(lab.simulation.now + wait * second);
          lab.host.command(command);
          checkTable(lab);
        }
        checkUse(lab);
      }),
      { numRuns: 70 },
    );
  });

  it('segments in any order leave states that there are, and timers of theirs', () => {
    const segment = fc.record({
      syn: fc.boolean(),
      ack: fc.boolean(),
      fin: fc.boolean(),
      rst: fc.boolean(),
      length: fc.constantFrom(0, 100),
      sequence: fc.constantFrom(0, 1000, 1001, 1101),
      acknowledgement: fc.constantFrom(0, 5000, 5001),
      reply: fc.boolean(),
      wait: fc.constantFrom(0, 1, 11, 61, 121),
    });
    const longest = {
      SYN_SENT: 120,
      SYN_SENT2: 120,
      SYN_RECV: 60,
      ESTABLISHED: 432_000,
      FIN_WAIT: 120,
      CLOSE_WAIT: 60,
    };
    const timers: Readonly<Record<string, number>> = { ...longest, LAST_ACK: 30, TIME_WAIT: 120, CLOSE: 10 };
    fc.assert(
      fc.property(fc.constantFrom(...kernels), fc.array(segment, { maxLength: 20 }), (kernel, segments) => {
        const lab = nodeLab({ kernel });
        for (const { reply, wait, ...flags } of segments) {
          const [through] = reply ? [] : receive(lab, 'pods', tcp('10.244.1.10', 45_000, flags));
          if (reply) {
            const client = { destination: address('10.244.1.10'), destinationPort: 45_000 };
            receive(lab, 'pods', tcp('10.244.1.20', 53, { ...flags, ...client }));
          }
          expect(through === undefined || through.protocol === 'tcp').toBe(true);
          for (const { state, expires } of lab.host.conntrack.list())
            expect((expires - lab.simulation.now) / second).toBeLessThanOrEqual(timers[state] ?? 0);
          lab.simulation.run(lab.simulation.now + wait * second);
        }
      }),
      { numRuns: 70 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import type { TraceId } from '../engine/recorder.ts';
import { packetDelivered, packetDropped, packetSent } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { queryMade } from '../resolver/records.ts';
import { analyse } from './analysis.ts';
import type { Journey } from './journey.ts';

const plain = (name: string, address: string) => {
  const interfaces = [{ name: 'eth0', addresses: [address] }];
  return { name, kernel: '5.15', forwarding: false, interfaces, routes: [], sysctls: {} };
};
const world = {
  ...smallWorld,
  hosts: [
    plain('app', '10.244.1.10/32'),
    plain('node-1', '192.168.1.200/24'),
    plain('router', '192.168.1.1/24'),
    plain('coredns-1', '10.244.2.20/32'),
    plain('corp-dns', '192.0.2.1/24'),
  ],
};

interface Ends {
  readonly from: readonly [string, number];
  readonly to: readonly [string, number];
}

class Wire extends SmallTrace {
  packet({ from, to }: Ends) {
    const [source, sourcePort] = from;
    const [destination, destinationPort] = to;
    return { protocol: 'udp', source, sourcePort, destination, destinationPort, size: 40, detail: '' };
  }

  sent(trace: TraceId, at: string, next: string, ends: Ends): void {
    this.recorder.write(packetSent, at, trace, '', {
      device: 'eth0',
      to: next,
      toDevice: 'eth0',
      ...this.packet(ends),
    });
  }

  delivered(trace: TraceId, at: string, ends: Ends): void {
    this.recorder.write(packetDelivered, at, trace, '', { owner: at, ...this.packet(ends) });
  }

  query(root: TraceId): TraceId {
    const trace = this.recorder.trace(root);
    const question = { name: 'db.example.com.', type: 'A', id: 1, socket: 1, localPort: 4000, edns: Number.NaN };
    const fields = { resolver: 'app', server: '10.96.0.10', protocol: 'udp', retransmission: false, ...question };
    this.recorder.write(queryMade, 'app', trace, '', fields);
    return trace;
  }
}

const pod = ['10.244.1.10', 4000] as const;
const service = ['10.96.0.10', 53] as const;
const replica = ['10.244.2.20', 53] as const;

/** Steps of the last section, a line each. */
function lines({ lanes, sections }: Journey): string[] {
  return (sections.at(-1)?.steps ?? []).map((step) =>
    step.kind === 'note'
      ? `${lanes[step.lane]}: ${step.label}`
      : `${lanes[step.from]} ${step.tone === 'lost' ? '-x' : '->'} ${lanes[step.to]}: ${step.label}`,
  );
}

function journeyOfFirst(trace: Wire): Journey {
  const { workloads, journey } = analyse(trace.store, world);
  const [lookup] = workloads[0]?.lookups ?? [];
  if (lookup === undefined) throw new Error('no lookup');
  return journey(lookup);
}

describe('the journey of a lookup', () => {
  it('shows DNAT, passes over hosts that only hand on, and undoes nothing on the way back', () => {
    const trace = new Wire();
    trace.lookup('app', 1, 'OK', '10.0.0.1', (root) => {
      const query = trace.query(root);
      trace.sent(query, 'app', 'node-1', { from: pod, to: service });
      trace.sent(query, 'node-1', 'router', { from: pod, to: replica });
      trace.sent(query, 'router', 'coredns-1', { from: pod, to: replica });
      trace.delivered(query, 'coredns-1', { from: pod, to: replica });
      trace.coreDnsCache('coredns-1', query, 'hit', 0);
      trace.sent(query, 'coredns-1', 'router', { from: replica, to: pod });
      trace.sent(query, 'router', 'node-1', { from: replica, to: pod });
      trace.sent(query, 'node-1', 'app', { from: service, to: pod });
      trace.delivered(query, 'app', { from: service, to: pod });
      return 0.001;
    });
    expect(lines(journeyOfFirst(trace))).toEqual([
      'app -> node-1 kernel, conntrack: A? db.example.com',
      'node-1 kernel, conntrack: DNAT 10.96.0.10 to coredns-1, 10.244.2.20',
      'node-1 kernel, conntrack -> CoreDNS coredns-1: A? db.example.com',
      'CoreDNS coredns-1: cache hit: 12 s left of 30 s',
      'CoreDNS coredns-1 -> app: 10.0.0.1, TTL 12 s',
    ]);
  });

  it('shows where a packet was lost or dropped', () => {
    const trace = new Wire();
    trace.lookup('app', 1, 'EAI_AGAIN', '', (root) => {
      const first = trace.query(root);
      trace.sent(first, 'app', 'node-1', { from: pod, to: service });
      const { size: _, detail: __, ...ends } = trace.packet({ from: pod, to: service });
      trace.recorder.write(packetLost, 'app', first, 'link-loss', { segment: 'pods', ...ends });
      trace.now += 1;
      const second = trace.query(root);
      trace.sent(second, 'app', 'node-1', { from: pod, to: service });
      const dropped = { where: 'FORWARD', rule: '', ...trace.packet({ from: pod, to: service }) };
      trace.recorder.write(packetDropped, 'node-1', second, 'policy', dropped);
      return 10;
    });
    expect(lines(journeyOfFirst(trace))).toEqual([
      'app -x node-1 kernel, conntrack: A? db.example.com',
      'app -> node-1 kernel, conntrack: A? db.example.com',
      'node-1 kernel, conntrack: dropped: policy',
    ]);
  });

  it('ends with the end of the lookup where more went on than there is room for', () => {
    const trace = new Wire();
    trace.lookup('app', 1, 'EAI_AGAIN', '', (root) => {
      const begin = trace.now;
      const query = trace.query(root);
      for (const at of [1, 2, ...Array.from({ length: 60 }, (_, i) => 10 + i)]) {
        trace.now = begin + at * 1_000_000;
        trace.recorder.write(packetDropped, `router`, query, `route-${at}`, {
          where: 'routing',
          rule: '',
          ...trace.packet({ from: pod, to: service }),
        });
      }
      trace.now = begin;
      return 5;
    });
    expect(lines(journeyOfFirst(trace))).toEqual(['router: dropped: route-1', 'router: dropped: route-2']);
  });

  it('says which source a query was given on its way', () => {
    const trace = new Wire();
    trace.lookup('app', 1, 'OK', '10.0.0.1', (root) => {
      const query = trace.query(root);
      const corp = ['192.0.2.1', 53] as const;
      trace.sent(query, 'app', 'node-1', { from: pod, to: corp });
      trace.sent(query, 'node-1', 'corp-dns', { from: ['192.168.1.200', 4000], to: corp });
      trace.delivered(query, 'corp-dns', { from: ['192.168.1.200', 4000], to: corp });
      trace.asked('corp-dns', query, 'answer');
      return 0.001;
    });
    expect(lines(journeyOfFirst(trace))).toEqual([
      'app -> authority corp-dns: A? as node-1',
      'authority corp-dns: zone example.com., serial 1',
    ]);
  });
});

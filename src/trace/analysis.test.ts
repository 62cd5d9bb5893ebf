import { describe, expect, it } from 'vitest';
import { failover, SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsReply } from '../coredns/records.ts';
import type { TraceId } from '../engine/recorder.ts';
import { second } from '../engine/time.ts';
import { packetDropped } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { candidateEnded, waitEnded } from '../resolver/records.ts';
import { analyse } from './analysis.ts';

describe('a stale answer', () => {
  it('is explained by the cache that held it, the directive and the line that decided how long', () => {
    const { workloads, why } = analyse(failover().store, smallWorld);
    const app = workloads[0]?.lookups.find((l) => l.verdict === 'stale');
    expect(app && why(app)).toMatchObject({
      cause: 'coredns-cache',
      short: "CoreDNS coredns-1's cache (30 s)",
      sentence:
        "CoreDNS coredns-1 answered from its cache: stored at 45.1 s for 30 s, because `cache 30` (Corefile:3) cut the record's 600 s; it runs out at 75.1 s.",
      holders: [{ layer: 'coredns', at: 'coredns-1' }],
    });
  });

  it('is followed through the JVM to the cache that filled it', () => {
    const { workloads, why } = analyse(failover().store, smallWorld);
    const last = workloads[1]?.lookups.findLast((l) => l.verdict === 'stale');
    expect(last && why(last)).toMatchObject({
      cause: 'jvm-cache',
      short: "the JVM's cache (30 s) on top of that of coredns-1 (30 s)",
      hops: [
        { kind: 'cache', layer: 'jvm', at: 'jvm' },
        { kind: 'cache', layer: 'coredns', at: 'coredns-1' },
        { kind: 'source', at: 'corp-dns' },
      ],
    });
  });

  it('is summed up from the change to the first right answer', () => {
    const figures = analyse(failover().store, smallWorld).workloads.map(({ summary }) => summary);
    expect(figures).toMatchObject([
      {
        workload: 'app',
        lookups: 3,
        failures: { count: 0 },
        stale: { count: 1, time: 16_004_000, last: 61 * second, afterChange: second },
      },
      {
        workload: 'jvm',
        lookups: 3,
        stale: { count: 2, time: 41_001_000, last: 99 * second, addresses: ['10.0.0.1'] },
      },
    ]);
  });

  it('ends by what ran out', () => {
    expect(analyse(failover().store, smallWorld).workloads.map(({ healed }) => healed)).toEqual([
      ["Right again at 76 s: CoreDNS coredns-1's entry had run out at 75.1 s, and corp-dns had the new address."],
      ["Right again at 101 s: the JVM's entry had run out at 100 s, and CoreDNS coredns-1 had the new address."],
    ]);
  });

  it('ends with the memory of the process that held it', () => {
    const restart = { at: 65 * second, label: 'coredns-1 restarts', kind: 'restart', process: 'coredns-1' } as const;
    const trace = new SmallTrace();
    let filled = 0;
    trace.lookup('app', 59, 'OK', '10.0.0.1', (root) => {
      filled = trace.fill('coredns-1', root);
      return 0.004;
    });
    trace.lookup('app', 61, 'OK', '10.0.0.1', (root) => {
      trace.hit('coredns-1', root, filled);
      return 0.001;
    });
    trace.lookup('app', 66, 'OK', '10.0.0.2', (root) => {
      trace.fill('coredns-1', root);
      return 0.004;
    });
    const world = { ...smallWorld, events: [...smallWorld.events, restart] };
    expect(analyse(trace.store, world).workloads[0]?.healed).toEqual([
      "Right again at 66 s. CoreDNS coredns-1's entry would have lasted to 89 s, but was lost at 65 s: coredns-1 restarts.",
    ]);
  });

  it('that was handed out after its time is put down to the line that allows it', () => {
    const trace = new SmallTrace();
    let filled = 0;
    trace.lookup('app', 45, 'OK', '10.0.0.1', (root) => {
      filled = trace.fill('coredns-1', root);
      return 0;
    });
    trace.lookup('app', 90, 'OK', '10.0.0.1', (root) => {
      trace.coreDnsCache('coredns-1', trace.recorder.trace(root), 'stale', filled);
      return 0;
    });
    const { workloads, why } = analyse(trace.store, smallWorld);
    const [, late] = workloads[0]?.lookups ?? [];
    expect(late && why(late).sentence).toMatch(
      /it ran out at 75 s and was handed out all the same, because of `success 5000` \(Corefile:4\)\.$/,
    );
  });

  it('is told from one that was still on its way when the record changed', () => {
    const trace = new SmallTrace();
    trace.lookup('app', 59.9, 'OK', '10.0.0.1', (root) => {
      trace.fill('coredns-1', root);
      return 0.3;
    });
    expect(analyse(trace.store, smallWorld).workloads[0]?.lookups[0]?.verdict).toBe('right');
  });
});

const packet = {
  protocol: 'udp',
  source: '10.244.1.10',
  sourcePort: 40000,
  destination: '10.96.0.10',
  destinationPort: 53,
};
const lost = (trace: SmallTrace, root: TraceId) =>
  trace.recorder.write(packetLost, 'app', trace.recorder.trace(root), 'link-loss', {
    segment: 'pods',
    ...packet,
  });
const ended = (trace: SmallTrace, root: TraceId, how: string, candidate: string) =>
  trace.recorder.write(candidateEnded, 'app', root, how, { resolver: 'app', candidate });
const waited = (trace: SmallTrace, root: TraceId) =>
  trace.recorder.write(waitEnded, 'app', root, '', { resolver: 'app', server: '10.96.0.10', waited: 5 * second });

describe('a failed lookup', () => {
  const failures: readonly [string, string, (trace: SmallTrace, root: TraceId) => void, string, string][] = [
    [
      'a packet lost on a wire',
      'EAI_AGAIN',
      (trace, root) => {
        lost(trace, root);
        waited(trace, root);
      },
      'link-loss',
      'a packet from 10.244.1.10 to 10.96.0.10 was lost on the link behind app',
    ],
    [
      'a packet dropped in a kernel',
      'EAI_AGAIN',
      (trace, root) => {
        trace.recorder.write(packetDropped, 'node-1', trace.recorder.trace(root), 'no-neighbour', {
          where: 'routing',
          rule: '',
          size: 40,
          detail: '',
          ...packet,
        });
        waited(trace, root);
      },
      'no-neighbour',
      'node-1 dropped a packet from 10.244.1.10 to 10.96.0.10 port 53 (routing: no-neighbour)',
    ],
    [
      'a silent upstream behind CoreDNS',
      'EAI_AGAIN',
      (trace, root) => {
        const query = trace.recorder.trace(root);
        const upstream = trace.recorder.trace(query);
        trace.asked('corp-dns', upstream, 'drop');
        const attempt = {
          name: 'db.example.com.',
          type: 'A',
          to: '192.0.2.1:53',
          protocol: 'udp',
          room: 512,
          attempt: 1,
          upstream,
          seconds: 2,
          rcode: '',
        };
        trace.recorder.write(attemptRecord, 'coredns-1', query, '', {
          place: '',
          ...attempt,
          outcome: 'error',
          error: 'read udp: i/o timeout',
        });
        trace.recorder.write(coreDnsReply, 'coredns-1', query, '', {
          name: 'db.example.com.',
          type: 'A',
          rcode: 'SERVFAIL',
          size: 32,
          truncated: false,
        });
      },
      'server-silent',
      'corp-dns did not answer',
    ],
    [
      'a name that does not exist, whatever happened to others before',
      'EAI_NONAME',
      (trace, root) => {
        lost(trace, root);
        trace.asked('corp-dns', trace.recorder.trace(root), 'nxdomain');
        ended(trace, root, 'HOST_NOT_FOUND', 'db.example.com.');
      },
      'nxdomain',
      'corp-dns answered NXDOMAIN',
    ],
    [
      'the last name that was refused, whatever was lost for one before',
      'EAI_AGAIN',
      (trace, root) => {
        lost(trace, root);
        waited(trace, root);
        ended(trace, root, 'HOST_NOT_FOUND', 'db.svc.');
        trace.asked('corp-dns', trace.recorder.trace(trace.recorder.trace(root)), 'refused');
        waited(trace, root);
        ended(trace, root, 'TRY_AGAIN', 'db.');
      },
      'refused',
      'corp-dns answered REFUSED',
    ],
  ];
  it.each(failures)('%s', (_, result, happens, cause, short) => {
    const trace = new SmallTrace();
    trace.lookup('app', 10, result, '', (root) => {
      happens(trace, root);
      return 10;
    });
    const { workloads, why } = analyse(trace.store, smallWorld);
    const [failed] = workloads[0]?.lookups ?? [];
    expect(failed && why(failed)).toMatchObject({ cause, short });
  });

  it('of a name that is not there is explained by that name, not by those of the search list', () => {
    const trace = new SmallTrace();
    trace.lookup('app', 10, 'EAI_NONAME', '', (root) => {
      for (let n = 1; n <= 6; n++) ended(trace, root, 'none', `db.example.com.${n}.`);
      for (const _ of ['A', 'AAAA']) trace.asked('corp-dns', trace.recorder.trace(root), 'nxdomain');
      ended(trace, root, 'none', 'db.example.com.');
      return 0.01;
    });
    const { workloads, why } = analyse(trace.store, smallWorld);
    const failed = workloads[0]?.lookups[0];
    expect(failed && why(failed).sentence).toBe('It failed with EAI_NONAME after 10 ms: corp-dns answered NXDOMAIN.');
  });

  it('out of a cache is explained by the failure that is in it', () => {
    const trace = new SmallTrace();
    let filledBy = 0;
    trace.lookup('app', 10, 'EAI_AGAIN', '', (root) => {
      filledBy = trace.recorder.trace(root);
      trace.asked('corp-dns', trace.recorder.trace(filledBy), 'servfail');
      return 0.01;
    });
    trace.lookup('app', 12, 'EAI_AGAIN', '', (root) => {
      trace.coreDnsCache('coredns-1', trace.recorder.trace(root), 'hit', filledBy, 'SERVFAIL');
      return 0.001;
    });
    const { workloads, why } = analyse(trace.store, smallWorld);
    const failed = workloads[0]?.lookups[1];
    expect(failed && why(failed).sentence).toBe(
      'It failed with EAI_AGAIN after 1 ms: CoreDNS coredns-1 answered SERVFAIL from its cache, 12 s left of 30 s; kept because corp-dns answered SERVFAIL.',
    );
  });
});

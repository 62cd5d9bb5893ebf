import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../cluster/world.ts';
import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsReply } from '../coredns/records.ts';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder, type TraceId } from '../engine/recorder.ts';
import { second } from '../engine/time.ts';
import { packetDropped } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { cacheHit, candidateEnded, waitEnded } from '../resolver/records.ts';
import { authorityAnswer, serverQuery } from '../servers/records.ts';
import { lookupEnded } from '../workload/records.ts';
import { analyse } from './analysis.ts';

const zone = '@ 60 IN SOA ns host 1 7200 900 1209600 60\ndb 600 IN A 10.0.0.1\n';
const workload = (name: string) => {
  const resolver = { kind: 'glibc', release: '2.36', resolvConf: { file: 'resolv.conf', text: '' } } as const;
  return {
    kind: 'lookups',
    name,
    host: name,
    resolver,
    lookup: 'db.example.com',
    family: 'ipv4',
    startAt: 0,
    every: second,
  } as const;
};
const coredns = (name: string) => {
  const corefile = { file: 'Corefile', text: '.:53 {\n  errors\n  cache 30 {\n    success 5000\n  }\n}\n' };
  return { name, host: name, release: '1.11.1', corefile, files: {}, environment: {}, port: 53, startAt: 0 };
};
const world: World = {
  seed: '1',
  until: 180 * second,
  hosts: [],
  segments: [],
  podCidr: '10.244.0.0/16',
  kubeProxyOn: [],
  services: [],
  coredns: [coredns('coredns-1'), coredns('coredns-2')],
  servers: [
    {
      name: 'corp-dns',
      host: 'corp-dns',
      address: '192.0.2.1',
      port: 53,
      role: 'authoritative',
      zones: { 'example.com.': { file: 'zone', text: zone } },
    },
  ],
  workloads: [workload('app'), workload('jvm')],
  events: [
    {
      at: 60 * second,
      label: 'failover',
      kind: 'change-records',
      server: 'corp-dns',
      zone: 'example.com.',
      replace: ['db 600 IN A 10.0.0.2'],
    },
  ],
};

let store: ColumnStore;
let recorder: Recorder;
let now: number;
beforeEach(() => {
  store = new ColumnStore();
  recorder = new Recorder(store);
  now = 0;
  recorder.clock = () => now;
});

/** A lookup at a time in seconds; `happens` writes what its strands tell and gives how long it took. */
function lookup(
  who: string,
  at: number,
  result: string,
  addresses: string,
  happens: (trace: TraceId) => number,
): TraceId {
  now = at * second;
  const trace = recorder.trace(0);
  const latency = happens(trace) * second;
  now = at * second + latency;
  recorder.write(lookupEnded, who, trace, '', {
    workload: who,
    number: 0,
    name: 'db.example.com',
    family: 'ipv4',
    startedAt: at * second,
    latency,
    result,
    addresses,
    printed: '',
  });
  return trace;
}

function coreDnsCache(at: string, trace: TraceId, outcome: string, filledBy: TraceId, rcode = 'NOERROR'): void {
  recorder.write(cacheRecord, at, trace, outcome, {
    name: 'db.example.com.',
    type: 'A',
    outcome,
    rcode,
    age: 0,
    ttl: 12,
    originalTtl: 30,
    recordTtl: 600,
    clamp: 'success max 30',
    place: 'Corefile:3',
    filledBy,
  });
}

function asked(server: string, trace: TraceId, did: string): void {
  const fields = {
    protocol: 'udp',
    name: 'db.example.com.',
    type: 'A',
    edns: Number.NaN,
    do: false,
    rd: true,
    ad: false,
    cd: false,
    from: '',
    connection: 1,
    size: 60,
  };
  recorder.write(serverQuery, server, trace, did, { server, did, ...fields });
  if (did === 'drop') return;
  const rcode = did === 'answer' ? 'NOERROR' : did.toUpperCase();
  const answers = did === 'answer' ? 1 : 0;
  recorder.write(authorityAnswer, server, trace, 'zone', {
    zone: 'example.com.',
    serial: 1,
    name: 'db.example.com.',
    type: 'A',
    rcode,
    answers,
  });
}

/** A miss in a CoreDNS that the authority answers; the strand that fills the cache. */
function fill(at: string, trace: TraceId): TraceId {
  const query = recorder.trace(trace);
  coreDnsCache(at, query, 'miss', 0);
  asked('corp-dns', recorder.trace(query), 'answer');
  coreDnsCache(at, query, 'stored', query);
  return query;
}

function hit(at: string, trace: TraceId, filledBy: TraceId): void {
  coreDnsCache(at, recorder.trace(trace), 'hit', filledBy);
}

function jvmHit(trace: TraceId, storedAt: number, filledBy: TraceId): void {
  recorder.write(cacheHit, 'jvm', trace, 'fresh', {
    resolver: 'jvm',
    name: 'db.example.com',
    addresses: '10.0.0.1',
    storedAt: storedAt * second,
    runsOut: (storedAt + 30) * second,
    filledBy,
    expired: false,
    setting: 'networkaddress.cache.ttl=30 (default)',
  });
}

/** app fills coredns-1 at 45.1 s; jvm takes that at 70 s and keeps it; both have the new address at last. */
function failover(): void {
  let filled = 0;
  lookup('app', 45.1, 'OK', '10.0.0.1', (trace) => {
    filled = fill('coredns-1', trace);
    return 0.004;
  });
  lookup('app', 61, 'OK', '10.0.0.1', (trace) => {
    hit('coredns-1', trace, filled);
    return 0.001;
  });
  const first = lookup('jvm', 70, 'OK', '10.0.0.1', (trace) => {
    hit('coredns-1', trace, filled);
    return 0.001;
  });
  lookup('app', 76, 'OK', '10.0.0.2', (trace) => {
    filled = fill('coredns-1', trace);
    return 0.004;
  });
  lookup('jvm', 99, 'OK', '10.0.0.1', (trace) => {
    jvmHit(trace, 70.001, first);
    return 0;
  });
  lookup('jvm', 101, 'OK', '10.0.0.2', (trace) => {
    hit('coredns-1', trace, filled);
    return 0.001;
  });
}

describe('a stale answer', () => {
  it('is explained by the cache that held it, the directive and the line that decided how long', () => {
    failover();
    const { workloads, why } = analyse(store, world);
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
    failover();
    const { workloads, why } = analyse(store, world);
    const last = workloads[1]?.lookups.findLast((l) => l.verdict === 'stale');
    expect(last && why(last)).toMatchObject({
      cause: 'jvm-cache',
      short: "the JVM's cache (30 s) on top of CoreDNS coredns-1's cache (30 s)",
      hops: [
        { kind: 'cache', layer: 'jvm', at: 'jvm' },
        { kind: 'cache', layer: 'coredns', at: 'coredns-1' },
        { kind: 'source', at: 'corp-dns' },
      ],
    });
  });

  it('is summed up from the change to the first right answer', () => {
    failover();
    const figures = analyse(store, world).workloads.map(({ summary }) => summary);
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
    failover();
    expect(analyse(store, world).workloads.map(({ healed }) => healed)).toEqual([
      ['Healed at 76 s: the entry of CoreDNS coredns-1 had run out at 75.1 s, and corp-dns had the new one.'],
      ['Healed at 101 s: the entry of the JVM of jvm had run out at 100 s, and CoreDNS coredns-1 had the new one.'],
    ]);
  });

  it('is told from one that was still on its way when the record changed', () => {
    lookup('app', 59.9, 'OK', '10.0.0.1', (trace) => {
      fill('coredns-1', trace);
      return 0.3;
    });
    expect(analyse(store, world).workloads[0]?.lookups[0]?.verdict).toBe('right');
  });
});

const packet = {
  protocol: 'udp',
  source: '10.244.1.10',
  sourcePort: 40000,
  destination: '10.96.0.10',
  destinationPort: 53,
};
const waited = (trace: TraceId) =>
  recorder.write(waitEnded, 'app', trace, '', { resolver: 'app', server: '10.96.0.10', waited: 5 * second });

describe('a failed lookup', () => {
  const failures: readonly [string, string, (trace: TraceId) => void, string, string][] = [
    [
      'a packet lost on a wire',
      'EAI_AGAIN',
      (trace) => {
        recorder.write(packetLost, 'app', recorder.trace(trace), 'link-loss', { segment: 'pods', ...packet });
        waited(trace);
      },
      'link-loss',
      'a packet from 10.244.1.10 to 10.96.0.10 was lost on pods',
    ],
    [
      'a packet dropped in a kernel',
      'EAI_AGAIN',
      (trace) => {
        recorder.write(packetDropped, 'node-1', recorder.trace(trace), 'no-neighbour', {
          where: 'routing',
          rule: '',
          size: 40,
          detail: '',
          ...packet,
        });
        waited(trace);
      },
      'no-neighbour',
      'node-1 dropped a packet from 10.244.1.10 to 10.96.0.10 port 53 (routing: no-neighbour)',
    ],
    [
      'a silent upstream behind CoreDNS',
      'EAI_AGAIN',
      (trace) => {
        const query = recorder.trace(trace);
        const upstream = recorder.trace(query);
        asked('corp-dns', upstream, 'drop');
        const attempt = {
          name: 'db.example.com.',
          type: 'A',
          to: '192.0.2.1:53',
          protocol: 'udp',
          attempt: 1,
          upstream,
          seconds: 2,
          rcode: '',
        };
        recorder.write(attemptRecord, 'coredns-1', query, '', {
          ...attempt,
          outcome: 'error',
          error: 'read udp: i/o timeout',
        });
        recorder.write(coreDnsReply, 'coredns-1', query, '', {
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
      (trace) => {
        recorder.write(packetLost, 'app', recorder.trace(trace), 'link-loss', { segment: 'pods', ...packet });
        asked('corp-dns', recorder.trace(trace), 'nxdomain');
        recorder.write(candidateEnded, 'app', trace, 'nxdomain', {
          resolver: 'app',
          candidate: 'db.example.com.',
        });
      },
      'nxdomain',
      'corp-dns answered NXDOMAIN',
    ],
  ];
  it.each(failures)('%s', (_, result, happens, cause, short) => {
    lookup('app', 10, result, '', (trace) => {
      happens(trace);
      return 10;
    });
    const { workloads, why } = analyse(store, world);
    const [failed] = workloads[0]?.lookups ?? [];
    expect(failed && why(failed)).toMatchObject({ cause, short });
  });

  it('out of a cache is explained by the failure that is in it', () => {
    let filledBy = 0;
    lookup('app', 10, 'EAI_AGAIN', '', (trace) => {
      filledBy = recorder.trace(trace);
      asked('corp-dns', recorder.trace(filledBy), 'servfail');
      return 0.01;
    });
    lookup('app', 12, 'EAI_AGAIN', '', (trace) => {
      coreDnsCache('coredns-1', recorder.trace(trace), 'hit', filledBy, 'SERVFAIL');
      return 0.001;
    });
    const { workloads, why } = analyse(store, world);
    const failed = workloads[0]?.lookups[1];
    expect(failed && why(failed).sentence).toBe(
      'It failed with EAI_AGAIN after 0.001 s: CoreDNS coredns-1 answered SERVFAIL from its cache, 12 s left of 30 s. That had been kept because corp-dns answered SERVFAIL.',
    );
  });
});

import type { World } from '../../src/cluster/world.ts';
import { cacheRecord } from '../../src/coredns/plugins/cache/records.ts';
import { ColumnStore } from '../../src/engine/columns.ts';
import { Recorder, type TraceId } from '../../src/engine/recorder.ts';
import { second } from '../../src/engine/time.ts';
import { cacheHit } from '../../src/resolver/records.ts';
import { authorityAnswer, serverQuery } from '../../src/servers/records.ts';
import { lookupEnded } from '../../src/workload/records.ts';

const zone = '@ 60 IN SOA ns host 1 7200 900 1209600 60\ndb 600 IN A 10.0.0.1\n';
const workload = (name: string) => {
  const resolver = { kind: 'glibc', release: '2.36', resolvConf: { file: 'resolv.conf', text: '' } } as const;
  return {
    kind: 'lookups',
    name,
    host: name,
    resolver,
    family: 'ipv4',
    calls: { kind: 'regular', lookup: 'db.example.com', startAt: 0, every: second },
  } as const;
};
const coredns = (name: string) => {
  const corefile = { file: 'Corefile', text: '.:53 {\n  errors\n  cache 30 {\n    success 5000\n  }\n}\n' };
  return { name, host: name, release: '1.11.1', corefile, files: {}, environment: {}, port: 53, startAt: 0 };
};
/** A name that changes at 60 s, two CoreDNS replicas, one workload behind glibc and one behind a JVM. */
export const smallWorld: World = {
  seed: '1',
  until: 180 * second,
  hosts: [],
  segments: [],
  podCidr: '10.244.0.0/16',
  kubeProxyOn: ['node-1', 'node-2'],
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

/** Records of a run written by hand, as the rooms would write them. */
export class SmallTrace {
  readonly store = new ColumnStore();
  readonly recorder = new Recorder(this.store);
  now = 0;

  constructor() {
    this.recorder.clock = () => this.now;
  }

  /** A lookup at a time in seconds; `happens` writes what its strands tell and gives how long it took. */
  lookup(
    who: string,
    at: number,
    result: string,
    addresses: string,
    happens: (trace: TraceId) => number,
    name = 'db.example.com',
  ): TraceId {
    this.now = at * second;
    const trace = this.recorder.trace(0);
    const latency = happens(trace) * second;
    this.now = at * second + latency;
    this.recorder.write(lookupEnded, who, trace, '', {
      workload: who,
      number: 0,
      name,
      family: 'ipv4',
      startedAt: at * second,
      latency,
      result,
      addresses,
      printed: '',
    });
    return trace;
  }

  coreDnsCache(at: string, trace: TraceId, outcome: string, filledBy: TraceId, rcode = 'NOERROR'): void {
    this.recorder.write(cacheRecord, at, trace, outcome, {
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
      // Line 4 stands for a serve_stale.
      staleBy: outcome === 'stale' ? 'Corefile:4' : '',
      filledBy,
    });
  }

  asked(server: string, trace: TraceId, did: string): void {
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
    this.recorder.write(serverQuery, server, trace, did, { server, did, ...fields });
    if (did === 'drop') return;
    const rcode = did === 'answer' ? 'NOERROR' : did.toUpperCase();
    const answers = did === 'answer' ? 1 : 0;
    this.recorder.write(authorityAnswer, server, trace, 'zone', {
      zone: 'example.com.',
      serial: 1,
      name: 'db.example.com.',
      type: 'A',
      rcode,
      answers,
    });
  }

  /** A miss in a CoreDNS that the authority answers; the strand that fills the cache. */
  fill(at: string, trace: TraceId): TraceId {
    const query = this.recorder.trace(trace);
    this.coreDnsCache(at, query, 'miss', 0);
    this.asked('corp-dns', this.recorder.trace(query), 'answer');
    this.coreDnsCache(at, query, 'stored', query);
    return query;
  }

  hit(at: string, trace: TraceId, filledBy: TraceId): void {
    this.coreDnsCache(at, this.recorder.trace(trace), 'hit', filledBy);
  }

  jvmHit(trace: TraceId, storedAt: number, filledBy: TraceId): void {
    this.recorder.write(cacheHit, 'jvm', trace, 'fresh', {
      resolver: 'jvm',
      holder: 'the JVM',
      name: 'db.example.com',
      addresses: '10.0.0.1',
      storedAt: storedAt * second,
      runsOut: (storedAt + 30) * second,
      filledBy,
      recordTtl: Number.NaN,
      expired: false,
      setting: 'networkaddress.cache.ttl=30 (default)',
    });
  }
}

/** app fills coredns-1 at 45.1 s; jvm takes that at 70 s and keeps it; both have the new address at last. */
export function failover(): SmallTrace {
  const trace = new SmallTrace();
  let filled = 0;
  trace.lookup('app', 45.1, 'OK', '10.0.0.1', (root) => {
    filled = trace.fill('coredns-1', root);
    return 0.004;
  });
  trace.lookup('app', 61, 'OK', '10.0.0.1', (root) => {
    trace.hit('coredns-1', root, filled);
    return 0.001;
  });
  const first = trace.lookup('jvm', 70, 'OK', '10.0.0.1', (root) => {
    trace.hit('coredns-1', root, filled);
    return 0.001;
  });
  trace.lookup('app', 76, 'OK', '10.0.0.2', (root) => {
    filled = trace.fill('coredns-1', root);
    return 0.004;
  });
  trace.lookup('jvm', 99, 'OK', '10.0.0.1', (root) => {
    trace.jvmHit(root, 70.001, first);
    return 0;
  });
  trace.lookup('jvm', 101, 'OK', '10.0.0.2', (root) => {
    trace.hit('coredns-1', root, filled);
    return 0.001;
  });
  return trace;
}

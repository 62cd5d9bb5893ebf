import { describe, expect, it } from 'vitest';
import { failover, SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { waitEnded } from '../resolver/records.ts';
import { loadScenario } from '../scenario/load.ts';
import type { FinishedRun } from '../study/run.ts';
import { analyse } from '../trace/analysis.ts';
import { summaryOf } from './summary.ts';
import { verdictText } from './text.ts';
import { timeline } from './timeline.ts';

const scenario = `
title: When do they see the new address?
duration: 3m
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 2, corefile: ./Corefile, serviceIP: 10.96.0.10 }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: db.example.com, every: 1s } }
`;
const texts: Record<string, string> = { 'small/scenario.yaml': scenario, 'small/Corefile': '.:53 {\n  cache 30\n}\n' };
const files = { read: (path: string) => texts[path], isDirectory: (path: string) => path === 'small' };

function finished({ store }: SmallTrace): FinishedRun {
  return {
    version: '1.2.3',
    scenario: loadScenario('small', files),
    world: smallWorld,
    store,
    analysis: analyse(store, smallWorld),
    expectations: [
      { workload: 'app', expected: '0 failures', met: true, reason: '0 of 3 lookups failed', knownLimit: undefined },
      {
        workload: 'jvm',
        expected: '0 s to 30 s stale',
        met: false,
        reason: '41 s; the last at 99 s',
        knownLimit: undefined,
      },
      { workload: 'jvm', expected: 'never stale', met: false, reason: '2 lookups', knownLimit: 'a JVM is as it is' },
    ],
    assumptions: [{ what: 'latency of links', value: '200us', source: 'typical' }],
    conntrack: [],
    ipvs: [],
    rules: [],
    metrics: [],
    notModelled: ['`errors` in Corefile:2'],
  };
}

function outage(failing = [10]): SmallTrace {
  const trace = new SmallTrace();
  trace.lookup('app', 1, 'OK', '10.0.0.1', (root) => {
    trace.fill('coredns-1', root);
    return 0.002;
  });
  for (const at of failing)
    trace.lookup('app', at, 'EAI_AGAIN', '', (root) => {
      trace.asked('corp-dns', trace.recorder.trace(trace.recorder.trace(root)), 'drop');
      trace.recorder.write(waitEnded, 'app', root, '', { resolver: 'app', server: '10.96.0.10', waited: 5_000_000 });
      return 5;
    });
  trace.lookup('app', 20, 'OK', '10.0.0.1', (root) => {
    trace.fill('coredns-1', root);
    return 0.002;
  });
  return trace;
}

const options = { colour: false, directory: 'reports/small', files: ['lookups.svg', 'summary.json'] };

describe('the verdict on the terminal', () => {
  it('says what in the files has no effect, or another one', () => {
    const run = finished(failover());
    const remark = { file: 'small/resolv.conf', column: 9, hint: '' };
    const many = Array.from({ length: 9 }, (_, i) => {
      return { ...remark, code: 'ignored-option', line: i + 1, message: `glibc ignores the option "x${i}"` };
    });
    const scenario = {
      ...run.scenario,
      remarks: [{ ...remark, code: 'not-modelled', line: 1, message: 'm' }, ...many],
    };
    const [, block = ''] = verdictText({ ...run, scenario }, options).split('\nremarks\n');
    expect(block.split('\n').slice(0, 2)).toEqual([
      '  glibc ignores the option "x0" (resolv.conf:1)',
      '  glibc ignores the option "x1" (resolv.conf:2)',
    ]);
    expect(block).toContain('  1 more in summary.json\n');
  });

  it('says who was stale until when, which caches held it and why, what is expected and what it rests on', () => {
    expect(verdictText(finished(failover()), options)).toBe(`small
When do they see the new address?
6 lookups in 180 s, seed 1, dnspath 1.2.3

workload  lookups  failed  stale  stale for   p50   p99   max
app             3       0      1       16 s  4 ms  4 ms  4 ms
jvm             3       0      2       41 s  1 ms  1 ms  1 ms
p50, p99 and max: latency as one seed drew it.

app  got 10.0.0.1 until 61 s, 1 s after the change.
  held by  CoreDNS coredns-1: 45.1 s to 75.1 s, cut from 600 s by \`cache 30\`
           (Corefile:3)
  Right again at 76 s: CoreDNS coredns-1's entry had run out at 75.1 s, and
  corp-dns had the new address.

jvm  got 10.0.0.1 until 99 s, 39 s after the change.
  held by  the JVM of jvm: 70 s to 100 s, networkaddress.cache.ttl=30 (default)
    from   CoreDNS coredns-1: 45.1 s to 75.1 s, cut from 600 s by \`cache 30\`
           (Corefile:3)
  Right again at 101 s: the JVM's entry had run out at 100 s, and CoreDNS
  coredns-1 had the new address.

expectations
  met      app: 0 failures: 0 of 3 lookups failed.
  NOT MET  jvm: 0 s to 30 s stale: 41 s; the last at 99 s.
  limit    jvm: never stale: 2 lookups. Known limit: a JVM is as it is.

rests on defaults
  latency of links 200us.
  not modelled: \`errors\` in Corefile:2

look at  reports/small/
  lookups.svg (who got what, when)
`);
  });

  it('says how many failed, from when to when, and why', () => {
    const text = verdictText(finished(outage()), options);
    expect(text).toContain(`app  1 of 3 lookups failed, at 10 s; longest outage 10 s.
  because  1 server-silent
  that is  at 10 s: It failed with EAI_AGAIN after 5 s: corp-dns did not answer;
           no answer from 10.96.0.10 in 5 s.
  Answered again at 20 s, the next lookup went through.`);
  });

  it('says of one of several failures that it is an example', () => {
    expect(verdictText(finished(outage([8, 14])), options)).toContain(`  because  2 server-silent
  such as  at 8 s: It failed`);
  });

  it('stays within 80 columns, and is coloured only when told so', () => {
    const text = verdictText(finished(failover()), options);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toContain('\u001b');
    expect(verdictText(finished(failover()), { ...options, colour: true })).toContain('\u001b[32mmet    \u001b[39m');
  });
});

describe('timeline.csv', () => {
  it('has one row a lookup, by time', () => {
    const [header, ...rows] = timeline(finished(failover()).analysis).trimEnd().split('\n');
    expect(header).toBe('workload,number,t_seconds,name,result,addresses,verdict,held_by,cause,latency_ms,printed,why');
    expect(rows.map((row) => row.split(',').slice(0, 10).join(','))).toEqual([
      'app,0,45.1,db.example.com,OK,10.0.0.1,right,,,4',
      'app,1,61,db.example.com,OK,10.0.0.1,stale,CoreDNS coredns-1,coredns-cache,1',
      'jvm,0,70,db.example.com,OK,10.0.0.1,stale,CoreDNS coredns-1,coredns-cache,1',
      'app,2,76,db.example.com,OK,10.0.0.2,right,,,4',
      'jvm,1,99,db.example.com,OK,10.0.0.1,stale,the JVM of jvm < CoreDNS coredns-1,jvm-cache,0',
      'jvm,2,101,db.example.com,OK,10.0.0.2,right,,,1',
    ]);
  });
});

describe('summary.json', () => {
  it('carries the figures, the verdicts and what they rest on', () => {
    const summary = summaryOf(finished(failover()));
    expect(summary).toMatchObject({
      dnspath: '1.2.3',
      scenario: 'small',
      seed: '1',
      duration: 180,
      met: false,
      assumptions: [{ what: 'latency of links' }],
      notModelled: ['`errors` in Corefile:2'],
    });
    expect(summary.workloads).toMatchObject([
      {
        workload: 'app',
        lookups: 3,
        stale: { count: 1, seconds: 16.004, last: 61, afterChange: 1, heldBy: ['CoreDNS coredns-1'] },
      },
      { workload: 'jvm', stale: { seconds: 41.001, cause: 'jvm-cache' }, latencyMs: { p50: 1, p99: 1, max: 1 } },
    ]);
  });

  it('counts failures by cause', () => {
    const [app] = summaryOf(finished(outage())).workloads;
    expect(app?.failures).toMatchObject({
      count: 1,
      first: 10,
      last: 10,
      longestOutage: 10.002,
      causes: [{ cause: 'server-silent', count: 1 }],
    });
  });
});

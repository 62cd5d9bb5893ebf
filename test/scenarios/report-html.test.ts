import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { type Files, type FinishedRun, loadScenario, run } from '../../src/index.ts';
import { unpack, unpackSteps } from '../../src/report/html/packing.ts';
import { reportHtml } from '../../src/report/html/page.ts';
import { runData } from '../../src/report/html/run-data.ts';

const bundled = (name: string): FinishedRun =>
  run(loadScenario(new URL(`../../scenarios/${name}`, import.meta.url).pathname, disk));

describe('what report.html holds of a-record-failover', () => {
  const finished = bundled('a-record-failover');
  const data = runData(finished);
  const text = (number: number | undefined) => data.texts[number ?? -1] ?? '';

  test('every lookup with its start, latency, outcome and cause', () => {
    for (const [index, { lookups }] of finished.analysis.workloads.entries()) {
      const columns = data.workloads[index]?.lookups;
      expect(unpackSteps(columns?.start ?? '')).toEqual(lookups.map(({ start }) => start));
      expect(unpack(columns?.latency ?? '')).toEqual(lookups.map(({ start, end }) => end - start));
      const outcomes = unpack(columns?.outcome ?? '').map((number) => data.outcomes[number]?.verdict);
      expect(outcomes).toEqual(lookups.map(({ verdict }) => verdict));
      expect(new Set(unpack(columns?.name ?? '').map(text))).toEqual(new Set(['redis.example.com']));
    }
    const causes = new Set(unpack(data.workloads[2]?.lookups.cause ?? '').map(text));
    expect(causes).toContain('jvm-cache');
    expect(causes).toContain('cache of the JVM of orders');
  });

  test('a lookup that is not told itself is like one that is: the same outcome for the same cause', () => {
    for (const [index, workload] of data.workloads.entries()) {
      const outcome = unpack(workload.lookups.outcome);
      const cause = unpack(workload.lookups.cause);
      const stories = unpack(workload.lookups.story);
      expect(stories).not.toContain(-1);
      for (const [lookup, story] of stories.entries()) {
        const told = data.stories[story];
        expect(told?.workload).toBe(index);
        expect(outcome[told?.lookup ?? -1]).toBe(outcome[lookup]);
        expect(cause[told?.lookup ?? -1]).toBe(cause[lookup]);
      }
    }
  });

  test('the story of the lookup that tells most ends with why it was stale', () => {
    const [workload = -1, lookup = -1] = data.telling ?? [];
    expect(data.workloads[workload]?.name).toBe('orders-redis');
    const story = data.stories[unpack(data.workloads[workload]?.lookups.story ?? '')[lookup] ?? -1];
    expect(text(story?.conclusion)).toContain('The JVM of orders answered from its cache: stored at 90.2 s for 30 s');
    const places = new Set(story?.steps.map(({ at }) => text(at)));
    expect([...places]).toEqual(expect.arrayContaining(['orders', 'coredns-2', 'vpc-dns', 'corp-dns']));
  });

  test('the Corefile with what its lines did', () => {
    expect(data.corefiles.map(({ file, readBy }) => [file, readBy.map(({ process }) => process)])).toEqual([
      ['Corefile', ['coredns-1', 'coredns-2']],
    ]);
    const acted = data.corefiles[0]?.acted.map(({ line, what, total }) => `${line} ${what} ${total}`);
    expect(acted).toEqual(expect.arrayContaining(['1 queries 922', '13 answered 14']));
    expect(acted).toEqual(expect.arrayContaining(['14 hits 872', '14 misses 50', '14 stored 50', '14 set a TTL 12']));
  });

  test('the caches: what they held, from when, for how long, and what ended it', () => {
    const { caches } = data;
    const [key, holds, endedBy] = [caches.key, caches.holds, caches.endedBy].map((column) => unpack(column).map(text));
    const cache = unpack(caches.cache).map((number) => caches.caches[number]?.name);
    const [stored, lasts] = [unpackSteps(caches.stored), unpack(caches.lasts)];
    const entries = cache.map((name, n) => {
      const from = stored[n] ?? 0;
      const to = Math.round((from + (lasts[n] ?? 0)) / 1e5) / 10;
      return `${name} ${key?.[n]} ${holds?.[n]}: ${Math.round(from / 1e5) / 10} to ${to}, ${endedBy?.[n]}`;
    });
    expect(entries).toContain('vpc-dns redis.example.com A 10.0.0.1: 0.5 to 66, flushed');
    expect(entries).toContain('coredns-2 redis.example.com A 10.0.0.1: 63.5 to 93.5, ran out');
    expect(entries).toContain('orders redis.example.com 10.0.0.1: 90.2 to 120.2, ran out');
  });

  test('the texts of the scenario, and what it says in sum', () => {
    expect(data.outcome).toBe(
      '129 of 512 lookups got an address that was no longer true, from 60 s to 121.2 s; none failed.',
    );
    expect(data.workloads.map(({ howLong }) => howLong)).toEqual([
      'old answer for 34.5 s',
      'old answer for 34.6 s',
      'old answer for 61.2 s',
    ]);
    expect(data.lessons).toHaveLength(6);
    expect(data.remedies[0]).toContain('`a-record-failover-low-ttl`');
    expect(data.workloads[2]?.who).toBe(
      'pod orders on node-2, glibc 2.36 behind a JVM 17; asks for redis.example.com every 1 s',
    );
  });
});

test('the conntrack entries of a fixed port are there with every packet that renewed them', () => {
  const { conntrack, texts, outcome } = runData(bundled('pod-restart-fixed-port'));
  const astray = unpack(conntrack.astray).indexOf(1);
  const counts = unpack(conntrack.steps);
  const from = counts.slice(0, astray).reduce((sum, count) => sum + count, 0);
  const left = unpack(conntrack.stepLeft).slice(from, from + (counts[astray] ?? 0));
  expect(texts[unpack(conntrack.source)[astray] ?? -1]).toBe('10.42.0.33:52421');
  expect(texts[unpack(conntrack.replySource)[astray] ?? -1]).toBe('10.43.0.10:53');
  expect(left).toEqual(Array.from({ length: 23 }, () => 30_000_000));
  expect(unpack(conntrack.lasts)[astray]).toBe(-1);
  expect(outcome).toBe('24 of 125 lookups failed, from 61.2 s to the end of the run, 180 s.');
});

describe('the page', () => {
  const attack = '</script><script>alert(1)</script><!--';
  const files: Files = {
    isDirectory: (path) => path === 's',
    read: (path) =>
      ({
        's/scenario.yaml': `
title: ${JSON.stringify(attack)}
duration: 3s
cluster: { nodes: { node-1: { address: 192.168.1.200 } }, coredns: { release: 1.11.1, corefile: ./Corefile } }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: kubernetes.default, every: 1s } }
`,
        's/Corefile': '.:53 {\n  kubernetes cluster.local\n}\n',
      })[path],
  };
  const html = reportHtml(run(loadScenario('s', files)));

  test('ends its script where it ends, whatever a title says', () => {
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.match(/<!--/g)).toBeNull();
    const data: unknown = JSON.parse(/id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
    expect(data).toMatchObject({ runs: [{ title: attack }] });
  });

  test('names the hashes of its own script and style in its policy', () => {
    const hash = (content: string | undefined) =>
      `'sha256-${createHash('sha256')
        .update(content ?? '')
        .digest('base64')}'`;
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    const script = hash(/<script>(.*?)<\/script>/s.exec(html)?.[1]);
    const style = hash(/<style>(.*?)<\/style>/s.exec(html)?.[1]);
    expect(policy).toBe(
      `default-src 'none'; script-src ${script}; style-src ${style}; base-uri 'none'; form-action 'none'`,
    );
  });

  test('is the same in every run', () => {
    expect(reportHtml(run(loadScenario('s', files)))).toBe(html);
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { loadScenario } from '../../scenario/load.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type FinishedRun, run } from '../run.ts';
import { compare } from './compare.ts';
import { differencesOf } from './inputs.ts';
import type { Judgement } from './measures.ts';

/** The bundled failover, short, with changes. */
function failover(...lines: string[]): FinishedRun {
  const settings = {
    kind: 'settings' as const,
    file: '--set',
    lines: ['duration=100s', 'seed=5', 'expect=[]', 'lesson=[]', ...lines],
  };
  return run(loadScenario('scenarios/a-record-failover', disk, { changes: [settings] }));
}

const shortCache = 'cluster.coredns.corefile=scenarios/a-record-failover-cache-5/Corefile';

let plain: FinishedRun;
let short: FinishedRun;
beforeAll(() => {
  plain = failover();
  short = failover(shortCache);
});

describe('a run held against itself', () => {
  test.each(['the very run', 'another run of the same'])('%s: nothing is found', (which) => {
    const found = compare(plain, which === 'the very run' ? plain : failover());
    expect(found.inputs).toEqual([]);
    expect(found.misfits).toEqual([]);
    expect(found.workloads.map(({ workload, changes }) => [workload, changes])).toEqual([
      ['app-redis', []],
      ['batch-redis', []],
      ['orders-redis', []],
    ]);
    expect([found.parting, found.felt]).toEqual([undefined, undefined]);
    expect(found.verdict).toEqual({ word: 'the same', better: [], worse: [], mixed: [] });
  });
});

describe('`cache 5` beside `cache 30`', () => {
  test('is told by the line that differs', () => {
    expect(compare(plain, short).inputs).toEqual([
      {
        kind: 'lines',
        what: 'Corefile',
        a: { file: 'scenarios/a-record-failover/Corefile', line: 14, lines: ['cache 30'] },
        b: { file: 'scenarios/a-record-failover-cache-5/Corefile', line: 14, lines: ['cache 5'] },
      },
    ]);
  });

  test('is better for all: the old address for less long, at the price of more upstream queries', () => {
    const { verdict, workloads } = compare(plain, short);
    expect(verdict).toMatchObject({ word: 'better', better: ['app-redis', 'batch-redis', 'orders-redis'] });
    for (const { a, b } of workloads) {
      expect(b.stale).toBeLessThan(a.stale);
      expect(b.upstreamQueries).toBeGreaterThan(a.upstreamQueries);
      expect([a.failures, b.failures]).toEqual([0, 0]);
    }
  });

  test('parts where an answer is first kept, because of that line', () => {
    const { parting } = compare(plain, short);
    expect(parting?.lookup?.workload).toBe('app-redis');
    expect(parting?.a?.words).toMatch(/^coredns-1 kept the answer for .* A for 30 s/);
    expect(parting?.b?.words).toMatch(/ for 5 s, because of `cache 5` \(.*Corefile:14\)$/);
  });
});

test('swapping A and B mirrors everything', () => {
  const mirrored = (judgement: Judgement) => judgement && ({ better: 'worse', worse: 'better' } as const)[judgement];
  const [there, back] = [compare(plain, short), compare(short, plain)];
  expect(back.inputs).toEqual(there.inputs.map((input) => ({ ...input, a: input.b, b: input.a })));
  expect(back.workloads.map(({ workload, a, b, changes }) => ({ workload, a, b, changes }))).toEqual(
    there.workloads.map(({ workload, a, b, changes }) => ({
      workload,
      a: b,
      b: a,
      changes: changes.map((change) => ({
        ...change,
        a: change.b,
        b: change.a,
        judgement: mirrored(change.judgement),
      })),
    })),
  );
  expect(back.parting).toEqual(there.parting && { ...there.parting, a: there.parting.b, b: there.parting.a });
  expect(back.felt).toEqual(there.felt && { ...there.felt, a: there.felt.b, b: there.felt.a });
  expect(back.verdict).toMatchObject({ word: 'worse', worse: there.verdict.better, better: there.verdict.worse });
});

describe('runs that do not fit', () => {
  test('another length: what both have is compared', () => {
    const found = compare(plain, failover('duration=70s'));
    expect(found.until).toBe(70_000_000);
    expect(found.misfits.map(({ text }) => text)).toEqual(['A lasts 100 s and B 70 s: compared are the first 70 s.']);
    expect(found.verdict.word).toBe('the same');
    expect(found.parting).toBeUndefined();
  });

  test('other workloads are left out, and said to be', () => {
    const other =
      'workloads={ app-redis: { pod: app, lookup: redis.example.com, at: 0.5s, every: 2s }, other: { pod: app, lookup: x, every: 9s } }';
    const found = compare(plain, failover(other));
    expect(found.workloads.map(({ workload }) => workload)).toEqual(['app-redis']);
    expect(found.misfits.map(({ text }) => text)).toEqual([
      'Only A has batch-redis, orders-redis: left out.',
      'Only B has other: left out.',
      'app-redis: family ipv4 in A, not said in B.',
      'app-redis: every 1s in A, 2s in B.',
    ]);
  });

  test('a release that another stands in for', () => {
    const found = compare(plain, failover('duration=70s', 'cluster.nodes.node-1.kernel="7.2"'));
    expect(found.misfits.map(({ text }) => text)).toContain(
      'In B, Linux 7.2 is newer than any that is modelled: taken as 7.0.',
    );
  });

  test('nothing in common', () => {
    const found = compare(plain, failover('workloads={ other: { pod: app, lookup: x, every: 9s } }'));
    expect(found.workloads).toEqual([]);
    expect(found.verdict.word).toBe('the same');
  });
});

test('a pod that moves to the network of its node is still held against itself', () => {
  const found = compare(plain, failover('pods.app.hostNetwork=true', 'pods.app.dnsPolicy=ClusterFirstWithHostNet'));
  expect(found.parting?.a?.words).toBeDefined();
  expect(found.parting?.b?.words).toBeDefined();
});

test('a map without anything in it is a change, too', () => {
  const [plain, empty, filled] = [
    'cluster.kubernetes=1.33',
    'cluster.kubeProxy={}',
    'cluster.kubeProxy={ mode: ipvs }',
  ].map((line) =>
    loadScenario('scenarios/a-record-failover', disk, {
      changes: [{ kind: 'settings', file: '--set', lines: [line] }],
    }),
  );
  if (plain === undefined || empty === undefined || filled === undefined) throw new Error('three scenarios were read');
  const pathsOf = (a: Scenario, b: Scenario) =>
    differencesOf(a, b).map((input) => (input.kind === 'value' ? [input.path, input.a, input.b] : []));
  expect(pathsOf(plain, empty)).toContainEqual(['cluster.kubeProxy', '', '{}']);
  expect(pathsOf(empty, filled)).toEqual([['cluster.kubeProxy.mode', '', 'ipvs']]);
});

test('what the cluster does by itself stands beside the same thing at another time', () => {
  const restart = (at: string) => failover(`events=[{ at: ${at}, deletePod: { coredns: coredns-1 } }]`);
  const { parting } = compare(restart('20s'), restart('40s'));
  expect(parting?.lookup).toBeUndefined();
  expect(parting?.a?.words).toBe(parting?.b?.words);
  expect((parting?.b?.t ?? 0) - (parting?.a?.t ?? 0)).toBeGreaterThan(15_000_000);
});

test('a median that jumps, as other replicas were drawn, is no change for the worse', () => {
  const settings = (more: string) => ({
    kind: 'settings' as const,
    file: '--set',
    lines: ['duration=40s', 'expect=[]', 'lesson=[]', 'events=[]', 'links.default.latency=2ms', more],
  });
  const drawn = (seed: number) =>
    run(loadScenario('scenarios/a-record-failover', disk, { changes: [settings(`seed=${seed}`)] }));
  const medians = [1, 2, 3, 4].map(drawn);
  const words = medians.flatMap((one) =>
    medians.flatMap((other) =>
      compare(one, other).workloads.flatMap(({ changes }) => changes.filter(({ measure }) => measure === 'p50')),
    ),
  );
  expect(words.length).toBeGreaterThan(0);
  expect(words.filter(({ judgement }) => judgement !== undefined)).toEqual([]);
});

test('an unrelated pod makes no difference to the others', () => {
  const more = ['pods.another={ node: node-1 }', 'workloads.another={ pod: another, lookup: x.test., every: 7s }'];
  const { workloads, parting } = compare(plain, failover(...more));
  expect(workloads.flatMap(({ changes }) => changes)).toEqual([]);
  expect(parting).toBeUndefined();
});

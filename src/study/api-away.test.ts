import { expect, test } from 'vitest';
import { controlPlaneTurn, endpointsChanged, nodeLife, podLife, proxySync } from '../cluster/records.ts';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { type FinishedRun, run } from './run.ts';

const second = 1_000_000;

/** Two replicas, a client, a headless Service; on three nodes. */
function lived(events: string, { kubernetes = '1.29', duration = '3m', coredns = '' } = {}): FinishedRun {
  const texts: Record<string, string> = {
    's/scenario.yaml': `title: t
duration: ${duration}
cluster:
  kubernetes: "${kubernetes}"
  nodes: { node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2 }, node-3: { address: 192.168.1.3 } }
  coredns: { release: 1.11.1, corefile: ./Corefile${coredns} }
servers:
  dns: { role: authoritative, address: 192.168.1.10, zones: { example.com: ./zone } }
pods: { app: { node: node-3 } }
workloads:
  app: { pod: app, lookup: www.example.com., family: ipv4, at: 500ms, every: 1s, threads: 50 }
events: [${events}]
`,
    's/Corefile': '.:53 {\n  health {\n    lameduck 5s\n  }\n  ready\n  forward . 192.168.1.10\n  cache 30\n}\n',
    's/zone':
      '@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nns 600 IN A 192.168.1.10\nwww 600 IN A 10.0.0.1\n',
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  return run(loadScenario('s', files));
}

const away = (from: number, until: number, where = 'everywhere') =>
  `{ at: ${from}s, setApiServer: { reachable: false, from: ${where} } }, { at: ${until}s, setApiServer: { reachable: true } }`;
const times = ({ store }: FinishedRun, pod: string, cause: string) =>
  [...store.rows(podLife)].filter((row) => row.at === pod && row.cause === cause).map(({ t }) => t / second);
const first = (values: readonly number[]) => values[0] ?? Number.NaN;
const told = ({ world }: FinishedRun) => world.events.map(({ label }) => label);
const failures = ({ analysis }: FinishedRun) => analysis.workloads[0]?.summary.failures.count;

test('a rollout stands still while the API server is away, and goes on when its controllers lead again', () => {
  // The first pod is deleted at 20 s; the API server goes before its successor is ready.
  const finished = lived(`{ at: 20s, rolloutRestart: coredns }, ${away(20.5, 60)}`);
  expect(times(finished, 'coredns-1', 'deleted').length).toBe(1);
  const turns = [...finished.store.rows(controlPlaneTurn)].filter(({ at }) => at === 'kube-controller-manager');
  const [ended, leads] = turns.map(({ t }) => t / second);
  // 10 s after the last renewal that it began, which was 0 to 2 s before.
  expect(ended).toBeGreaterThanOrEqual(30.5);
  expect(ended).toBeLessThan(32.5);
  // 15 s after its successor saw the lease, which it looks at every 2 to 4.4 s.
  expect(leads).toBeGreaterThanOrEqual(75);
  expect(leads).toBeLessThan(83.8);
  expect(first(times(finished, 'coredns-3', 'ready'))).toBeGreaterThan(60);
  expect(first(times(finished, 'coredns-2', 'deleted'))).toBeGreaterThanOrEqual(leads ?? 0);
  expect(failures(finished)).toBe(0);
});

test('away for less than 10 s the controllers keep their lease', () => {
  const finished = lived(`${away(20, 25)}, { at: 26s, scale: { coredns: 3 } }`, { duration: '1m' });
  expect([...finished.store.rows(controlPlaneTurn)]).toEqual([]);
  const created = first(times(finished, 'coredns-3', 'created'));
  // The next try of its watch: pauses of 0.8, 1.6 and 3.2 s and up to as much again.
  expect(created).toBeGreaterThan(26);
  expect(created).toBeLessThan(31.3);
});

test('a container that ends meanwhile is started again; the status of its pod is sent afterwards', () => {
  const finished = lived(`${away(20, 60)}, { at: 30s, crash: { coredns: coredns-1 } }`);
  expect(first(times(finished, 'coredns-1', 'started'))).toBeLessThan(33);
  expect(times(finished, 'coredns-1', 'not-ready')).toEqual([]);
  expect([...finished.store.rows(endpointsChanged)]).toEqual([]);
});

test('kubectl does nothing without an API server', () => {
  const finished = lived(
    `${away(20, 60)}, { at: 30s, scale: { coredns: 4 } }, { at: 31s, deletePod: { coredns: coredns-1 } }`,
  );
  expect(told(finished)).toContain('CoreDNS scaled to 4: not done, kubectl cannot reach the API server');
  expect(times(finished, 'coredns-1', 'deleted')).toEqual([]);
  expect(times(finished, 'coredns-3', 'created')).toEqual([]);
});

test('a node that is lost meanwhile is NotReady the whole grace period after the controllers lead again', () => {
  const finished = lived(`${away(20, 80)}, { at: 30s, loseNode: { node: node-1 } }`, { duration: '4m' });
  const leads = [...finished.store.rows(controlPlaneTurn)].find(
    ({ cause, at }) => cause === 'leads' && at.endsWith('manager'),
  );
  const lost = [...finished.store.rows(nodeLife)].find(({ cause }) => cause === 'not-ready');
  const after = ((lost?.t ?? 0) - (leads?.t ?? 0)) / second;
  expect(after).toBeGreaterThanOrEqual(40);
  expect(after).toBeLessThan(46);
});

test.each([
  ['1.19', 0, 1.3],
  ['1.20', 0, 61.3],
])('Kubernetes %s: kube-proxy hears of it %d to %d s after the API server is back', (kubernetes, least, most) => {
  const finished = lived(`{ at: 50s, deletePod: { coredns: coredns-1, replacedAfter: never } }, ${away(50.05, 170)}`, {
    kubernetes,
    duration: '5m',
  });
  // The deletion is told by the controllers once they lead again; rules follow when the watch stands.
  const changed = [...finished.store.rows(endpointsChanged)][0]?.t ?? 0;
  const heard = [...finished.store.rows(proxySync)].find(({ at, t }) => at === 'node-3' && t >= changed);
  const waited = ((heard?.t ?? Number.NaN) - changed) / second;
  expect(waited).toBeGreaterThan(least);
  expect(waited).toBeLessThan(most + 1.1);
});

test('cut off from the API server, all nodes are NotReady and nobody is evicted; back again they report within 10 s', () => {
  const finished = lived(away(20, 420, 'nodes'), { duration: '9m' });
  const lost = [...finished.store.rows(nodeLife)]
    .filter(({ cause }) => cause === 'not-ready')
    .map(({ t }) => t / second);
  expect(lost.length).toBe(3);
  for (const at of lost) expect(at >= 50 && at < 66).toBe(true);
  expect(times(finished, 'coredns-1', 'not-ready').length).toBe(1);
  expect(times(finished, 'coredns-1', 'deleted')).toEqual([]);
  const ready = first(times(finished, 'coredns-1', 'ready'));
  expect(ready).toBeGreaterThan(420);
  expect(ready).toBeLessThan(430);
  // Nobody on the nodes heard that there were no end points, but those whose watch stood again before.
  expect(failures(finished)).toBe(0);
});

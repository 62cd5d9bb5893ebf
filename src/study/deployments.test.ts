import { expect, test } from 'vitest';
import { podLife } from '../cluster/records.ts';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { lookupEnded, lookupStarted } from '../workload/records.ts';
import { type FinishedRun, run } from './run.ts';

const second = 1_000_000;

interface Settings {
  /** Keys of the Deployment. */
  readonly deployment?: string;
  /** Keys of its pods. */
  readonly pods?: string;
  readonly workloads?: string;
  readonly nodes?: string;
  /** Keys of the cluster. */
  readonly cluster?: string;
  readonly duration?: string;
}

const threeNodes =
  '{ node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2, resolvConf: ./node-2 }, node-3: { address: 192.168.1.3 } }';
const everySecond = 'web: { pod: web, lookup: www.example.com., family: ipv4, at: 500ms, every: 1s, threads: 20 }';

/** Four pods of a Deployment that each look up once a second. */
function lived(events: string, settings: Settings = {}): FinishedRun {
  const {
    deployment = 'replicas: 4',
    pods = '',
    workloads = everySecond,
    nodes = threeNodes,
    cluster = '',
    duration = '1m',
  } = settings;
  const texts: Record<string, string> = {
    's/scenario.yaml': `title: t
duration: ${duration}
cluster:
  kubernetes: "1.29"
  nodes: ${nodes}
  coredns: { release: 1.11.1, corefile: "./Corefile", nodes: [node-1, node-1] }
${cluster}servers:
  dns: { role: authoritative, address: 192.168.1.10, zones: { example.com: ./zone } }
  silent: { role: authoritative, address: 192.168.1.11, zones: { example.com: ./zone } }
pods: { web: { deployment: { ${deployment} } ${pods} } }
workloads: { ${workloads} }
events: [{ at: 0s, setServer: { server: silent, answers: never } }, ${events}]
`,
    's/Corefile':
      '.:53 {\n  health {\n    lameduck 5s\n  }\n  ready\n  kubernetes cluster.local\n  forward . 192.168.1.10\n}\n',
    's/zone':
      '@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nns 600 IN A 192.168.1.10\nwww 600 IN A 10.0.0.1\n',
    's/node-2': 'nameserver 192.168.1.10\nsearch corp.example\n',
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  return run(loadScenario('s', files));
}

const steps = ({ store }: FinishedRun, pod: string, cause: string) =>
  [...store.rows(podLife)].filter((row) => row.at === pod && row.cause === cause);
const times = (finished: FinishedRun, pod: string, cause: string) =>
  steps(finished, pod, cause).map(({ t }) => t / second);
const calls = ({ store }: FinishedRun, pod: string, workload = 'web') =>
  [...store.rows(lookupStarted)]
    .filter((row) => row.at === pod && row.workload === workload)
    .map(({ t }) => t / second);
const addressOf = (finished: FinishedRun, pod: string) => steps(finished, pod, 'started')[0]?.address ?? '';
const first = (values: readonly number[]) => values[0] ?? Number.NaN;
const last = (values: readonly number[]) => values.at(-1) ?? Number.NaN;

test('a rollout: each pod that ends looks nothing up any more, each that starts begins', () => {
  const finished = lived('{ at: 20s, rolloutRestart: web }');
  // 25 % of 4: one beyond them, one missing.
  expect(times(finished, 'web-5', 'created')).toEqual(times(finished, 'web-1', 'deleted'));
  expect(first(times(finished, 'web-6', 'created'))).toBeGreaterThan(first(times(finished, 'web-1', 'deleted')));
  for (const old of ['web-1', 'web-2', 'web-3', 'web-4']) {
    const ended = first(times(finished, old, 'network-removed'));
    expect(ended).toBeLessThan(35);
    expect(last(calls(finished, old))).toBeGreaterThan(ended - 1.3);
    expect(last(calls(finished, old))).toBeLessThan(ended);
  }
  for (const next of ['web-5', 'web-6', 'web-7', 'web-8']) {
    const started = first(times(finished, next, 'started'));
    expect(first(calls(finished, next))).toBeCloseTo(started + 0.5, 6);
    expect(calls(finished, next).length).toBe(Math.floor(60 - started + 0.5));
  }
  expect(finished.analysis.workloads.map(({ summary }) => [summary.workload, summary.failures.count])).toEqual([
    ['web', 0],
  ]);
});

test('pods that have run for long do not look up at the same instant', () => {
  const finished = lived('', { duration: '10s' });
  const starts = ['web-1', 'web-2', 'web-3', 'web-4'].map((pod) => first(calls(finished, pod)));
  expect(new Set(starts).size).toBe(4);
  for (const start of starts) expect(start >= 0.5 && start < 1.5).toBe(true);
});

test('what a program does when it starts, those that run already have behind them', () => {
  const workloads =
    'boot: { pod: web, lookup: www.example.com., at: 0s, every: 1s, burst: 3, count: 3, onStart: true }';
  const finished = lived('{ at: 20s, scale: { web: 5 } }, { at: 40s, crash: { pod: web-1 } }', { workloads });
  expect(['web-1', 'web-2', 'web-5'].map((pod) => calls(finished, pod, 'boot').length)).toEqual([3, 0, 3]);
  expect(first(calls(finished, 'web-5', 'boot'))).toBe(first(times(finished, 'web-5', 'started')));
  expect(first(calls(finished, 'web-1', 'boot'))).toBe(first(times(finished, 'web-1', 'started')));
});

test('a pod ends in the middle of a lookup: it has no result, and the conntrack entry stays for its 30 s', () => {
  const workloads = 'web: { pod: web, lookup: www.example.com., family: ipv4, at: 9s, every: 1m }';
  const pods = ', dnsPolicy: None, dnsConfig: { nameservers: [192.168.1.11] }';
  const settings = { workloads, pods, deployment: 'replicas: 1, nodes: [node-2]', duration: '40s' };
  const finished = lived(
    '{ at: 5s, rolloutRestart: web }, { at: 30s, deletePod: { pod: web-2, replacedAfter: never } }',
    settings,
  );
  const started = first(times(finished, 'web-2', 'started'));
  expect(calls(finished, 'web-2')).toEqual([started + 9]);
  const early = lived(
    '{ at: 5s, rolloutRestart: web }, { at: 16s, deletePod: { pod: web-2, replacedAfter: never } }',
    settings,
  );
  const ended = first(times(early, 'web-2', 'network-removed'));
  expect(ended).toBeGreaterThan(16.1);
  expect([...early.store.rows(lookupEnded)].filter(({ at }) => at === 'web-2')).toEqual([]);
  expect([...finished.store.rows(lookupEnded)].filter(({ at }) => at === 'web-2').length).toBe(1);
  const own = early.conntrack.find(({ node }) => node === 'node-2')?.entries ?? [];
  expect(own.filter(({ originalSource }) => originalSource === addressOf(early, 'web-2')).length).toBe(1);
});

test('an address that a pod has given back is the next one to be given out where there are no others', () => {
  const nodes = '{ node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2, podCIDR: 10.9.0.0/29 } }';
  const deployment = 'replicas: 4, maxSurge: 1, maxUnavailable: 0, nodes: [node-2]';
  const finished = lived('{ at: 10s, rolloutRestart: web }', { nodes, deployment });
  // Five addresses: the four of the beginning, and one for the pod beyond them.
  const all = ['web-5', 'web-6', 'web-7', 'web-8'].map((pod) => addressOf(finished, pod));
  expect(new Set(all).size).toBe(4);
  for (const address of all) expect(address).toMatch(/^10\.9\.0\.[2-6]$/);
  expect(last(calls(finished, 'web-8'))).toBeGreaterThan(58);
  expect(finished.analysis.workloads[0]?.summary.failures.count).toBe(0);
});

test.each([
  [
    '',
    'node-2',
    'search default.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n',
  ],
  [
    '',
    'node-3',
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  ],
  [', dnsPolicy: Default', 'node-2', 'nameserver 192.168.1.10\nsearch corp.example\n'],
])('resolv.conf%s on %s', (pods, node, text) => {
  const { world } = lived('', { pods, deployment: `replicas: 1, nodes: [${node}]`, duration: '1s' });
  const own = world.workloads.find(({ host }) => host === 'web-1');
  const written = own?.kind === 'lookups' ? own.resolver.resolvConf.text : '';
  expect(written.split('\n').sort()).toEqual(text.split('\n').sort());
});

test('nodes takes the pods of some nodes only; with a required anti-affinity one of them waits', () => {
  const selected = lived('{ at: 5s, scale: { web: 6 } }', {
    deployment: 'replicas: 2, nodes: [node-2, node-3]',
    duration: '20s',
  });
  const on = [...selected.store.rows(podLife)].filter(({ cause }) => cause === 'scheduled').map(({ node }) => node);
  expect(on.sort()).toEqual(['node-2', 'node-2', 'node-3', 'node-3']);
  const apart = lived('{ at: 5s, scale: { web: 4 } }', {
    deployment: 'replicas: 2, antiAffinity: required',
    duration: '20s',
  });
  const waits = [...apart.store.rows(podLife)].filter(({ cause }) => cause === 'pending').map(({ text }) => text);
  expect(waits).toEqual(['no node takes it']);
});

test('a drain puts the pods of a node elsewhere, one after the other where a budget says so', () => {
  const deployment = 'replicas: 4, nodes: [node-2, node-3], podDisruptionBudget: 1';
  const finished = lived('{ at: 10s, drain: { node: node-2 } }', { deployment });
  expect(times(finished, 'web-1', 'deleted')).toEqual([10]);
  expect(times(finished, 'web-3', 'deleted')).toEqual([15]);
  expect(steps(finished, 'web-5', 'scheduled').map(({ node }) => node)).toEqual(['node-3']);
});

test('a lost node takes its pods along; they are made anew elsewhere 305 s after it is NotReady', () => {
  const settings = { deployment: 'replicas: 2, nodes: [node-2, node-3]', duration: '7m' };
  const finished = lived('{ at: 20s, loseNode: { node: node-2, sinceHeartbeat: 0s } }', settings);
  expect(last(calls(finished, 'web-1'))).toBeLessThan(20);
  const again = first(times(finished, 'web-3', 'started'));
  expect(again).toBeGreaterThan(365);
  expect(again).toBeLessThan(375);
  expect(first(calls(finished, 'web-3'))).toBeCloseTo(again + 0.5, 6);
});

test('a crash ends the program and its sockets; the kubelet starts it again in the same network', () => {
  const finished = lived('{ at: 20.2s, crash: { pod: web-1, startsAgainAfter: 5s } }', { deployment: 'replicas: 1' });
  const [, again] = [...steps(finished, 'web-1', 'container-ended'), ...steps(finished, 'web-1', 'started')];
  expect(again?.t).toBe(25.2 * second);
  expect(calls(finished, 'web-1').filter((at) => at > 20.2 && at < 25.7)).toEqual([]);
  expect(calls(finished, 'web-1')).toContain(25.7);
});

test('a Deployment more changes nothing for anybody else', () => {
  const rows = (pods: string) => {
    const workloads = `${everySecond}, idle: { pod: app, lookup: www.example.com., family: ipv4, every: 3s }`;
    const events = '{ at: 10s, rolloutRestart: coredns }, { at: 20s, rolloutRestart: web }';
    const { analysis } = lived(events, { pods, workloads, duration: '30s' });
    return analysis.workloads
      .filter(({ summary }) => summary.workload === 'web')
      .flatMap(({ lookups }) => lookups.map(({ host, start, end, result }) => `${host} ${start} ${end} ${result}`));
  };
  const before = rows(' }, app: { node: node-3');
  expect(before.length).toBeGreaterThan(100);
  expect(rows(' }, app: { deployment: { replicas: 3 }')).toEqual(before);
});

test('a program that ends when a lookup fails is started again after 10 s and 20 s', () => {
  const workloads =
    'web: { pod: web, lookup: www.example.com., family: ipv4, at: 0s, every: 1m, exitsOnFailure: true }';
  const silent =
    ', dnsPolicy: None, dnsConfig: { nameservers: [192.168.1.11], options: [{ name: timeout, value: "1" }] }';
  const finished = lived('', { workloads, pods: silent, deployment: 'replicas: 1', duration: '90s' });
  const starts = times(finished, 'web-1', 'started');
  const failed = [...finished.store.rows(lookupEnded)].map(({ t }) => t / second);
  // Two tries of a second; at once, then after 10 s and 20 s, and what it takes to start it.
  expect(failed.slice(1, 4)).toEqual(starts.slice(0, 3).map((at) => at + 2));
  const pauses = starts.slice(0, 4).map((at, i) => Math.floor(at - (failed[i] ?? 0)));
  expect(pauses[0]).toBeLessThanOrEqual(1);
  expect(pauses.slice(1, 3)).toEqual([10, 20]);
});

test('a headless Service has the addresses of the pods that are ready, as they come and go', () => {
  const cluster =
    '  services: [{ name: default/web, address: None, deployment: web, ports: [{ name: h, protocol: tcp, port: 80 }] }]\n';
  const workloads = 'web: { pod: web, lookup: web.default.svc.cluster.local., family: ipv4, at: 0s, every: 1s }';
  const finished = lived('{ at: 10s, rolloutRestart: web }, { at: 40s, scale: { web: 1 } }', { cluster, workloads });
  const answered = (from: number, until: number) => {
    const own = finished.analysis.workloads[0]?.lookups ?? [];
    return own
      .filter(({ start }) => start >= from * second && start < until * second)
      .map(({ addresses }) => addresses);
  };
  const made = ['web-5', 'web-6', 'web-7', 'web-8'].map((pod) => addressOf(finished, pod));
  for (const addresses of answered(0, 10)) expect(addresses.length).toBe(4);
  // One missing, or one beyond: never fewer than three, never more than five.
  for (const addresses of answered(10, 35)) expect(addresses.length >= 3 && addresses.length <= 5).toBe(true);
  for (const addresses of answered(35, 40)) expect(addresses.toSorted()).toEqual(made.toSorted());
  for (const addresses of answered(45, 60)) expect(addresses.length).toBe(1);
});

test('a pod that is deleted before its container has started never starts it', () => {
  const finished = lived('{ at: 5s, scale: { web: 6 } }, { at: 5.4s, scale: { web: 4 } }', { duration: '20s' });
  for (const pod of ['web-5', 'web-6']) {
    expect([times(finished, pod, 'started'), times(finished, pod, 'removed').length, calls(finished, pod)]).toEqual([
      [],
      1,
      [],
    ]);
  }
});

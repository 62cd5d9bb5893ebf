import { expect, test } from 'vitest';
import { endpointsChanged, nodeLife, podLife } from '../cluster/records.ts';
import { coreDnsExit, coreDnsLife } from '../coredns/records.ts';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { type FinishedRun, run } from './run.ts';

const second = 1_000_000;

interface Settings {
  readonly kubernetes?: string;
  readonly cluster?: string;
  readonly coredns?: string;
  readonly corefile?: string;
  readonly duration?: string;
}

const nodeLocal = '.:53 {\n  bind 169.254.20.10\n  forward . 192.168.1.10\n}\n';
const stock = '.:53 {\n  health {\n    lameduck 5s\n  }\n  ready\n  forward . 192.168.1.10\n  cache 30\n}\n';

/** Two replicas on two of three nodes, and a client on the third that looks up once a second. */
function lived(events: string, settings: Settings = {}): FinishedRun {
  const { kubernetes = '1.29', cluster = '', coredns = '', corefile = stock, duration = '1m' } = settings;
  const text = `title: t
duration: ${duration}
cluster:
  kubernetes: "${kubernetes}"
  nodes: { node-1: { address: 192.168.1.1 }, node-2: { address: 192.168.1.2 }, node-3: { address: 192.168.1.3 } }
  coredns: { release: 1.11.1, corefile: ./Corefile${coredns} }
  kubeProxy: { delay: 0s, commitGap: 0s }
${cluster}servers:
  dns: { role: authoritative, address: 192.168.1.10, zones: { example.com: ./zone } }
pods: { app: { node: node-3 } }
workloads:
  app: { pod: app, lookup: www.example.com., family: ipv4, at: 500ms, every: 1s, threads: 50 }
events: [${events}]
`;
  const zone =
    '@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nns 600 IN A 192.168.1.10\nwww 600 IN A 10.0.0.1\n';
  const texts: Record<string, string> = {
    's/scenario.yaml': text,
    's/Corefile': corefile,
    's/zone': zone,
    's/node-local.Corefile': nodeLocal,
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  return run(loadScenario('s', files));
}

const times = ({ store }: FinishedRun, pod: string, cause: string) =>
  [...store.rows(podLife)].filter((row) => row.at === pod && row.cause === cause).map(({ t }) => t / second);
const podsIn = ({ store }: FinishedRun) => [...new Set([...store.rows(podLife)].map(({ at }) => at))];
const first = (values: readonly number[]) => values[0] ?? Number.NaN;
const lookups = ({ analysis }: FinishedRun) => analysis.workloads[0]?.lookups ?? [];
const failed = (finished: FinishedRun) => lookups(finished).filter(({ verdict }) => verdict === 'failed');
const tookSeconds = (finished: FinishedRun) =>
  failed(finished).map(({ start, end }) => Math.round((end - start) / second));

test('a deleted pod ends in order, and the Deployment makes another elsewhere, with another address', () => {
  const finished = lived('{ at: 20s, deletePod: { coredns: coredns-1 } }');
  expect(first(times(finished, 'coredns-1', 'deleted'))).toBe(20);
  // SIGTERM 0.1 to 1 s later, then 5 s of lameduck; its network goes at once, its object 1 to 2 s later.
  const gone = first(times(finished, 'coredns-1', 'network-removed'));
  expect(gone).toBeGreaterThan(25.1);
  expect(gone).toBeLessThan(26.3);
  expect(first(times(finished, 'coredns-1', 'removed')) - gone).toBeGreaterThan(1);
  expect(first(times(finished, 'coredns-3', 'ready'))).toBeLessThan(25);
  const addresses = finished.world.hosts
    .filter(({ name }) => name.startsWith('coredns'))
    .map(({ interfaces }) => interfaces[0]?.addresses[0]);
  expect(new Set(addresses).size).toBe(3);
  expect(failed(finished)).toEqual([]);
});

test.each([
  ['routed', 10, 10],
  // Once it is missed (recording kernel/neighbours): three requests of a second each, and the node says that the host is
  // unreachable, which ends the try.
  ['bridge', 3, 8],
])('%s: nobody has the address of a pod that has vanished', (podNetwork, least, most) => {
  const settings = { coredns: ', readinessProbe: none', cluster: `  podNetwork: ${podNetwork}\n` };
  // Nobody tells the node of the client.
  const events = '{ at: 19s, stopKubeProxy: { node: node-3 } }, { at: 20s, deletePod: { coredns: coredns-1 } }';
  const finished = lived(events, { ...settings, corefile: '.:53 {\n  forward . 192.168.1.10\n}\n' });
  const after = failed(finished).filter(({ start }) => start > 22 * second);
  expect(after.length).toBeGreaterThan(2);
  expect(new Set(after.map((lookup) => finished.analysis.why(lookup)?.cause))).toEqual(new Set(['pod-gone']));
  const took = tookSeconds(finished);
  expect(took[0]).toBe(10);
  for (const one of took) expect(one >= least && one <= 10).toBe(true);
  expect(Math.min(...took)).toBeLessThanOrEqual(most);
});

test.each([
  ['1.21', ''],
  ['1.22', '1'],
])('Kubernetes %s: a pod that is being deleted is among the end points (%s)', (kubernetes, count) => {
  const finished = lived('{ at: 20s, deletePod: { coredns: coredns-1 } }', { kubernetes });
  const during = [...finished.store.rows(endpointsChanged)].filter(({ t }) => t > 20 * second && t < 24 * second);
  expect(during[0]?.terminating.split(' ').filter((address) => address !== '').length).toBe(Number(count));
});

test.each([
  ['1.20', 1.1, 30],
  ['1.21', 0, 1.1],
])('Kubernetes %s: a new pod is found ready from %d to %d s after its start', (kubernetes, from, to) => {
  const coredns = ', readinessProbe: { period: 30s }';
  const finished = lived('{ at: 20s, deletePod: { coredns: coredns-1 } }', { kubernetes, coredns });
  const waited = first(times(finished, 'coredns-3', 'ready')) - first(times(finished, 'coredns-3', 'started'));
  expect(waited).toBeGreaterThan(from);
  expect(waited).toBeLessThan(to);
});

test('a rollout replaces both replicas within seconds, and nobody notices', () => {
  const finished = lived('{ at: 20s, rolloutRestart: coredns }');
  // maxUnavailable 1: the first goes as the first new one comes.
  expect(first(times(finished, 'coredns-1', 'deleted'))).toBeLessThan(20.2);
  expect(first(times(finished, 'coredns-2', 'deleted'))).toBeGreaterThan(first(times(finished, 'coredns-3', 'ready')));
  expect(first(times(finished, 'coredns-4', 'ready'))).toBeLessThan(26);
  expect(podsIn(finished)).toEqual(['coredns-3', 'coredns-1', 'coredns-4', 'coredns-2']);
  expect(failed(finished)).toEqual([]);
});

test('maxSurge 0 and maxUnavailable 1: one goes before the next comes', () => {
  const finished = lived('{ at: 20s, rolloutRestart: coredns }', { coredns: ', maxSurge: 0' });
  expect(first(times(finished, 'coredns-2', 'deleted'))).toBeGreaterThan(first(times(finished, 'coredns-3', 'ready')));
  expect(first(times(finished, 'coredns-3', 'created'))).toBeGreaterThan(
    first(times(finished, 'coredns-1', 'deleted')),
  );
});

test('scaled up and down', () => {
  const finished = lived('{ at: 20s, scale: { coredns: 4 } }, { at: 40s, scale: { coredns: 1 } }');
  const changes = [...finished.store.rows(endpointsChanged)].map(
    ({ t, addresses }) => [t, addresses.split(' ').length] as const,
  );
  const at = (seconds: number) => changes.findLast(([t]) => t <= seconds * second)?.[1];
  expect([at(39), at(59)]).toEqual([4, 1]);
});

test('preStop comes before SIGTERM; the grace period ends in SIGKILL', () => {
  const corefile = stock.replace('lameduck 5s', 'lameduck 40s');
  const finished = lived('{ at: 20s, deletePod: { coredns: coredns-1 } }', { coredns: ', preStop: 10s', corefile });
  const term = [...finished.store.rows(coreDnsLife)].find((row) => row.cause === 'shutting-down');
  expect((term?.t ?? 0) / second).toBeGreaterThan(30);
  expect((term?.t ?? 0) / second).toBeLessThan(31);
  expect([...finished.store.rows(coreDnsExit)].map(({ t, cause }) => [t / second, cause])).toEqual([[50, 'sigkill']]);
});

test('a container that cannot live is started again after 10 s, 20 s, 40 s', () => {
  const finished = lived('', { corefile: '.:53 {\n  forward . 127.0.0.1\n  loop\n}\n', duration: '80s' });
  const ends = [...finished.store.rows(coreDnsExit)].filter(({ at }) => at === 'coredns-1').map(({ t }) => t / second);
  const starts = times(finished, 'coredns-1', 'started');
  const pauses = starts.map((start) => Math.floor(start - (ends.findLast((end) => end < start) ?? 0)));
  expect(pauses.map((pause) => Math.min(pause, 40))).toEqual([expect.any(Number), 10, 20, 40].slice(0, pauses.length));
  expect(pauses[0]).toBeLessThan(2);
  expect(pauses.length).toBeGreaterThanOrEqual(3);
});

test('a container whose health page is silent is killed after five probes of 5 s, and starts again', () => {
  const finished = lived('{ at: 1s, run: { on: coredns-1, command: iptables -A INPUT -p tcp --dport 8080 -j DROP } }', {
    duration: '70s',
  });
  const killed = first(times(finished, 'coredns-1', 'container-killed'));
  expect(killed).toBeGreaterThan(45);
  expect(killed).toBeLessThan(61);
  expect(first(times(finished, 'coredns-1', 'started'))).toBeGreaterThan(killed + 5);
});

test('a pod that is not ready any more leaves the end points after three probes', () => {
  const finished = lived('{ at: 20s, run: { on: coredns-1, command: iptables -A INPUT -p tcp --dport 8181 -j DROP } }');
  const notReady = first(times(finished, 'coredns-1', 'not-ready'));
  // 20 to 30 s, and a second for the last of them.
  expect(notReady).toBeGreaterThan(41);
  expect(notReady).toBeLessThan(51.1);
});

test.each([
  ['1.29', 40],
  ['1.32', 50],
])(
  'Kubernetes %s: a lost node is NotReady after %d s of leases not renewed, its pods are replaced 305 s later',
  (kubernetes, grace) => {
    const event = '{ at: 20s, loseNode: { node: node-1, sinceHeartbeat: 0s } }';
    const finished = lived(event, { kubernetes, duration: '7m' });
    const notReady = [...finished.store.rows(nodeLife)].find(({ cause }) => cause === 'not-ready');
    const after = (notReady?.t ?? 0) / second - 20;
    expect(after).toBeGreaterThanOrEqual(grace);
    expect(after).toBeLessThan(grace + 5);
    // It gets its taint at the next look, 5 s later (processTaintBaseEviction sees what was there before).
    expect(first(times(finished, 'coredns-1', 'deleted'))).toBeCloseTo(20 + after + 305, 6);
    expect(first(times(finished, 'coredns-3', 'ready'))).toBeLessThan(20 + after + 310);
    // Half of the new flows meanwhile; glibc keeps its port, and with it the dead pod: recording path-dead-pod-silent-glibc-defaults.
    expect(new Set(tookSeconds(finished))).toEqual(new Set([10]));
    expect(new Set(failed(finished).map((lookup) => finished.analysis.why(lookup)?.cause))).toEqual(
      new Set(['node-lost']),
    );
    expect(Math.max(...failed(finished).map(({ start }) => start / second))).toBeLessThan(20 + grace + 6);
  },
);

test('a node that returns starts its pods anew', () => {
  const events = '{ at: 20s, loseNode: { node: node-1 } }, { at: 40s, nodeReturns: { node: node-1 } }';
  const finished = lived(events);
  expect(first(times(finished, 'coredns-1', 'started'))).toBeGreaterThan(40);
  expect(first(times(finished, 'coredns-1', 'ready'))).toBeLessThan(44);
  expect(times(finished, 'coredns-1', 'deleted')).toEqual([]);
});

// What nobody made nobody makes again: pkg/controller/tainteviction deletes it like any other pod, and pod garbage
// collection leaves pods alone whose node is still an object of the API.
test('a pod of no Deployment goes on when its node returns in time', () => {
  const events = '{ at: 20s, loseNode: { node: node-3 } }, { at: 80s, nodeReturns: { node: node-3 } }';
  const finished = lived(events, { duration: '100s' });
  const started = first(times(finished, 'app', 'started'));
  expect(started).toBeGreaterThan(80);
  expect(started).toBeLessThan(84);
  const starts = lookups(finished).map(({ start }) => start / second);
  expect(starts.filter((at) => at >= 20 && at < started)).toEqual([]);
  expect(starts.filter((at) => at >= started)).toEqual(
    [...Array(100).keys()].map((n) => n + 0.5).filter((at) => at >= started),
  );
  expect(failed(finished)).toEqual([]);
});

test('a pod of no Deployment that was evicted is gone when its node returns', () => {
  const events =
    '{ at: 20s, loseNode: { node: node-3, sinceHeartbeat: 0s } }, { at: 400s, nodeReturns: { node: node-3 } }';
  const finished = lived(events, { duration: '7m' });
  expect(first(times(finished, 'app', 'not-ready'))).toBeLessThan(65.2);
  const notReady = [...finished.store.rows(nodeLife)].find(({ cause }) => cause === 'not-ready')?.t ?? 0;
  expect(first(times(finished, 'app', 'deleted'))).toBeCloseTo(notReady / second + 305, 6);
  expect(times(finished, 'app', 'started')).toEqual([]);
  expect(lookups(finished)).toHaveLength(20);
});

test('a drain evicts one after the other where a budget says so', () => {
  const event = '{ at: 20s, drain: { node: node-1 } }';
  const both = ', nodes: [node-1, node-1]';
  const deleted = (coredns: string) => {
    const finished = lived(event, { coredns: both + coredns });
    return ['coredns-1', 'coredns-2'].map((pod) => first(times(finished, pod, 'deleted')));
  };
  expect(deleted('')).toEqual([20, 20]);
  expect(deleted(', podDisruptionBudget: 1')).toEqual([20, 25]);
});

test('a rollout of NodeLocal DNSCache goes from node to node', () => {
  const cluster = '  nodeLocalDNS: { corefile: ./node-local.Corefile }\n';
  const finished = lived('{ at: 20s, rolloutRestart: node-local-dns }', { cluster });
  const ends = [...finished.store.rows(coreDnsExit)].map(({ at, t }) => [at, Math.floor(t / second)]);
  expect(ends).toEqual([
    ['node-local-dns-node-1', expect.any(Number)],
    ['node-local-dns-node-2', expect.any(Number)],
    ['node-local-dns-node-3', expect.any(Number)],
  ]);
  expect(ends.map(([, t]) => Math.floor((Number(t) - 20) / 5))).toEqual([0, 1, 2]);
});

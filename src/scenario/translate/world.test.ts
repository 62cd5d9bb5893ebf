import { expect, test } from 'vitest';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';
import { toWorld } from './world.ts';

const base = `title: A change
duration: 2m
cluster:
  nodes: { node-1: { address: 192.168.1.200 }, node-2: { address: 192.168.1.201 } }
  coredns: { release: 1.11.1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
pods:
  app: { node: node-1, namespace: shop }
workloads:
  app-redis: { pod: app, lookup: redis.example.com, every: 1s }
`;
const texts: Record<string, string> = {
  's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
  's/zone': '@ 600 IN SOA ns host 1 7200 900 1209600 60\n@ 600 IN NS ns\nns 600 IN A 192.168.1.100\n',
};

function worldOf(text: string, seed = '1') {
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? text : texts[path]),
    isDirectory: (path) => path === 's',
  };
  return toWorld(loadScenario('s', files), seed);
}

test('resolv.conf of a pod with dnsPolicy ClusterFirst', () => {
  const [workload] = worldOf(base).workloads;
  expect(workload?.kind === 'lookups' && workload.resolver.resolvConf.text).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  );
});

test('CoreDNS pods are spread over the nodes, behind the kube-dns Service', () => {
  const world = worldOf(base);
  expect(world.coredns.map(({ name }) => name)).toEqual(['coredns-1', 'coredns-2']);
  const devices = (node: string) => world.hosts.find(({ name }) => name === node)?.interfaces.map(({ name }) => name);
  expect(devices('node-1')).toEqual(['uplink', 'v-coredns-1', 'v-app']);
  expect(devices('node-2')).toEqual(['uplink', 'v-coredns-2']);
  const [, dns] = world.services;
  expect(dns).toMatchObject({ name: 'kube-system/kube-dns', address: '10.96.0.10' });
  expect(dns?.endpoints).toHaveLength(2);
});

test("a node's MTU and how often its CPUs overlap", () => {
  const own = base.replace(
    'node-1: { address: 192.168.1.200 }',
    'node-1: { address: 192.168.1.200, mtu: 1400, overlap: 0.5 }',
  );
  const [node, other] = ['node-1', 'node-2'].map((name) => worldOf(own).hosts.find((host) => host.name === name));
  expect([node?.overlap, node?.interfaces[0]?.mtu]).toEqual([0.5, 1400]);
  expect([other?.overlap, other?.interfaces[0]?.mtu]).toEqual([undefined, undefined]);
});

test('another pod changes no address and no workload of the others', () => {
  const [before, after] = [base, base.replace('pods:\n', 'pods:\n  another: { node: node-1 }\n')].map((text) =>
    worldOf(text),
  );
  const pod = (world: typeof before, name: string) => world?.hosts.find((host) => host.name === name);
  for (const name of ['app', 'coredns-1', 'coredns-2']) expect(pod(after, name)).toEqual(pod(before, name));
  expect(after?.workloads).toEqual(before?.workloads);
});

test('links: a default, one between two machines, one of a pod', () => {
  const links =
    'links: { default: { latency: 1ms }, node-1..corp-dns: { loss: 0.1 }, app..node-1: { jitter: 10us } }\n';
  const { segments } = worldOf(base + links);
  expect(segments.find(({ name }) => name === 'fabric')).toEqual({
    name: 'fabric',
    quality: { latency: 1000, jitter: 0, loss: 0 },
    pairs: [{ between: ['node-1', 'corp-dns'], quality: { latency: 1000, jitter: 0, loss: 0.1 } }],
  });
  expect(segments.find(({ name }) => name === 'app')?.quality).toEqual({ latency: 25, jitter: 10, loss: 0 });
});

test.each([
  ['crash: { coredns: coredns-1 }', { kind: 'crash', process: 'coredns-1' }],
  ['restart: { coredns: coredns-1 }', { kind: 'restart-container', process: 'coredns-1' }],
  ['deletePod: { coredns: coredns-1 }', { kind: 'delete-pod', pod: 'coredns-1', replaced: 'usual' }],
  ['deletePod: { coredns: coredns-1, replacedAfter: never }', { kind: 'delete-pod', replaced: 'none' }],
  [
    'deletePod: { coredns: coredns-1, leavesAfter: 500ms, replacedAfter: 6s }',
    { leavesAfter: 500_000, replaced: { startsAfter: 5_000_000, readyAfter: 6_000_000 } },
  ],
  ['rolloutRestart: coredns', { kind: 'rollout-restart', of: 'coredns' }],
  ['scale: { coredns: 3 }', { kind: 'scale', replicas: 3 }],
  ['drain: { node: node-1 }', { kind: 'drain', node: 'node-1' }],
  ['loseNode: { node: node-1, sinceHeartbeat: 4s }', { kind: 'lose-node', node: 'node-1', sinceRenewal: 4_000_000 }],
  ['editCorefile: { corefile: ./Corefile, arrivesAfter: 3s }', { kind: 'edit-corefile', arrivesAfter: 3_000_000 }],
])('%s', (entry, event) => {
  const { events } = worldOf(`${base}events: [{ at: 10s, ${entry} }]\n`);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ at: 10_000_000, ...event });
});

test("each node's pods have addresses of its own range", () => {
  const { hosts, life } = worldOf(base);
  expect(life?.nodes.map(({ podCidr }) => podCidr)).toEqual(['10.244.0.0/24', '10.244.1.0/24']);
  const address = (name: string) => hosts.find((host) => host.name === name)?.interfaces[0]?.addresses[0];
  expect(address('coredns-1')).toMatch(/^10\.244\.0\.\d+$/);
  expect(address('coredns-2')).toMatch(/^10\.244\.1\.\d+$/);
});

test('probes are those of kubeadm where the Corefile has their pages', () => {
  const { life } = worldOf(base);
  expect([life?.deployments[0]?.template.readinessProbe, life?.deployments[0]?.template.livenessProbe]).toEqual([
    undefined,
    undefined,
  ]);
  const own = worldOf(base.replace('./Corefile', '".:53 {\\n  ready\\n}\\n", readinessProbe: { period: 3s }')).life;
  expect(own?.deployments[0]?.template.readinessProbe).toEqual({
    path: '/ready',
    port: 8181,
    initialDelay: 0,
    period: 3_000_000,
    timeout: 1_000_000,
    failureThreshold: 3,
  });
});

test('CoreDNS on its own nodes has no host of its own', () => {
  const { hosts, coredns } = worldOf(base.replace('corefile:', 'hostNetwork: true, corefile:'));
  expect(coredns.map(({ name, host }) => [name, host])).toEqual([
    ['coredns-1', 'node-1'],
    ['coredns-2', 'node-2'],
  ]);
  expect(hosts.some(({ name }) => name.startsWith('coredns'))).toBe(false);
});

test('a workload with a port asks the first nameserver from it, but for its pauses', () => {
  const fixed = 'family: ipv4, port: 52421, at: 1s, every: 5s, pauses: [{ from: 6s, until: 16s }], count: 5';
  const [workload] = worldOf(base.replace(/every: [^ }]+/, fixed)).workloads;
  expect(workload).toMatchObject({
    kind: 'fixed-port',
    sourcePort: 52421,
    connected: false,
    to: '10.96.0.10',
    port: 53,
  });
  expect(workload).toMatchObject({
    times: [1_000_000, 16_000_000, 21_000_000],
    send: { type: 'A', timeout: 5_000_000 },
  });
});

test.each([
  ['answers: never', 'corp-dns answers never'],
  ['answers: normally', 'corp-dns answers normally'],
  ['delay: 3s', 'corp-dns answers after 3s'],
  ['answers: refused, delay: 3s', 'corp-dns answers refused'],
])('what a server is set to is said of it: %s', (what, label) => {
  const { events } = worldOf(`${base}events:\n  - { at: 5s, setServer: { server: corp-dns, ${what} } }\n`);
  expect(events.map((event) => event.label)).toEqual([label]);
});

test.each([
  ['loss: 1', ['node-1..corp-dns is cut']],
  ['loss: 0.2, for: 30s', ['node-1..corp-dns loses 20 %', 'node-1..corp-dns is as before']],
  ['latency: 1s', ['node-1..corp-dns changes']],
])('what becomes of a link is said of it: %s', (what, labels) => {
  const event = `{ at: 5s, setLink: { link: node-1..corp-dns, ${what} } }`;
  const { events } = worldOf(`${base}events:\n  - ${event}\n`);
  expect(events.map(({ label }) => label)).toEqual(labels);
});

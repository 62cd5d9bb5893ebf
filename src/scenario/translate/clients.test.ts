import { expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';
import { toWorld } from './world.ts';

const texts: Readonly<Record<string, string>> = {
  's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
  's/node': 'nameserver 192.168.1.100\nsearch corp.example.\noptions timeout:2\n',
  's/nsswitch': 'hosts: dns files\n',
};

/** The world of one pod, written in YAML; on a node with its own resolv.conf. */
function worldOf(pod: string) {
  const scenario = `title: A pod
duration: 2m
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.200, systemdResolved: true, resolvConf: ./node } }
  coredns: { release: 1.11.1, corefile: ./Corefile }
pods:
  app: { node: node-1, ${pod} }
workloads:
  app: { pod: app, lookup: redis.example.com, every: 1s }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? scenario : texts[path]),
    isDirectory: (path) => path === 's',
  };
  return toWorld(loadScenario('s', files), '1');
}

function clientOf(pod: string) {
  const { workloads, hosts } = worldOf(pod);
  const [workload] = workloads;
  if (workload?.kind !== 'lookups') throw new Error('no lookups');
  return { ...workload, ownNetwork: hosts.some(({ name }) => name === 'app') };
}

const ofNode = 'search corp.example\nnameserver 192.168.1.100\noptions timeout:2\n';

// Facts, cluster 6: what the kubelet writes.
test.each([
  ['dnsPolicy: Default', ofNode, 'app'],
  ['hostNetwork: true', ofNode, 'node-1'],
  [
    'hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet',
    'search default.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n',
    'node-1',
  ],
  ['dnsPolicy: None, dnsConfig: { nameservers: [10.0.0.53] }', 'nameserver 10.0.0.53\n', 'app'],
])('a pod with %s', (pod, text, host) => {
  const client = clientOf(pod);
  expect(client.resolver.resolvConf.text).toBe(text);
  expect(client.host).toBe(host);
  expect(client.ownNetwork).toBe(host === 'app');
});

test('what a program brings along is part of its resolver', () => {
  const { resolver } = clientOf(
    'resolver: netty 4.1.115, netty: { tcp: after-time-out }, held: { by: redisson, every: 2 }, nsswitch: ./nsswitch, hostAliases: [{ ip: 10.1.1.1, hostnames: [a.test, b.test] }]',
  );
  expect(resolver).toMatchObject({
    kind: 'netty',
    release: '4.1.115',
    netty: { tcp: 'after-time-out' },
    held: { by: 'redisson', every: 2 },
    nsswitch: 'hosts: dns files\n',
    hosts: '10.1.1.1\ta.test\tb.test\n',
  });
  expect(clientOf('program: php').resolver.program).toBe('php');
  expect(clientOf('resolver: go 1.22, cgo: musl 1.2.5').resolver.cgo).toEqual({ kind: 'musl', release: '1.2.5' });
  expect(clientOf('nodejs: {}').resolver.pool).toEqual({ kind: 'libuv', threads: 4 });
  expect(clientOf('jvm: { release: "21", staleTtl: 60 }').resolver.cache).toMatchObject({ staleTtl: 60 });
});

test("systemd-resolved on a node asks the servers of the node's file", () => {
  expect(worldOf('client: hostProgram').servers).toEqual([
    {
      name: 'resolved-node-1',
      host: 'node-1',
      address: '127.0.0.53',
      port: 53,
      role: 'recursor',
      software: 'systemd-resolved',
      upstreams: { '.': ['192.168.1.100'] },
      stubs: {},
      options: {},
    },
  ]);
});

test.each([
  ['resolver: c-ares 1.34, nodejs: {}'],
  ['resolver: go 1.22, program: python'],
  ['netty: { tcp: never }'],
  ['cgo: glibc 2.36'],
  ['resolver: go 1.22, cgo: netty 4.1.115'],
])('%s is a contradiction', (pod) => {
  expect(() => worldOf(pod)).toThrow(ProblemsFound);
});

import { expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import { loadScenario } from '../load.ts';

const base = `title: A Service
duration: 1m
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, corefile: ./Corefile }
  services:
    - { name: default/a, address: 10.96.5.5, ports: [{ name: dns, protocol: udp, port: 53 }] }
pods:
  app: { node: node-1 }
workloads:
  app: { pod: app, lookup: a.default.svc.cluster.local, every: 1s }
events:
  - { at: 20s, stopKubeProxy: { node: node-1 } }
`;

/** Of every problem its code, and the word that it points to. */
function problemsOf(text: string): string[] {
  const texts: Record<string, string> = { 's/scenario.yaml': text, 's/Corefile': '.:53 {\n    whoami\n}\n' };
  const files = {
    read: (path: string) => texts[path],
    isDirectory: (path: string) => Object.keys(texts).some((file) => file.startsWith(`${path}/`)),
  };
  try {
    loadScenario('s', files);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    const lines = text.split('\n');
    return error.problems.map(({ code, line, column }) => {
      const word = /^[\w./:-]+/.exec(lines[line - 1]?.slice(column - 1) ?? '');
      return `${code} ${word?.[0]}`;
    });
  }
}

const node = 'address: 10.96.5.5,';

test.each([
  ['affinity', node, `${node} sessionAffinity: ClientIP, sessionAffinityTimeout: 1m,`],
  ['conditions', node, `${node} endpoints: [10.0.0.1, { address: 10.0.0.2, node: node-1, terminating: true }],`],
  ['a node port', 'port: 53 }', 'port: 53, nodePort: 30053 }], externalTrafficPolicy: Local, externalIPs: [10.9.9.9'],
  ['policies of kube-dns', 'corefile: ', 'service: { internalTrafficPolicy: Local }, corefile: '],
  ['a stop that ends', 'node: node-1 } }', 'node: node-1, for: 10s, hung: true } }'],
  ['failing restores', 'stopKubeProxy: {', 'failKubeProxyRestores: { for: 5s,'],
  [
    'delays',
    'cluster:\n',
    'cluster:\n  kubeProxy: { delay: { median: 10ms, p99: 1s }, minSyncPeriod: 10s, commitGap: 9ms }\n',
  ],
])('%s can be said', (_what, from, to) => {
  expect(base).toContain(from);
  expect(problemsOf(base.replace(from, to))).toEqual([]);
});

test.each([
  ['an affinity that is none', node, `${node} sessionAffinity: Cookie,`, 'wrong-value Cookie'],
  ['a time-out without affinity', node, `${node} sessionAffinityTimeout: 1m,`, 'conflict 1m'],
  ['a policy that is none', node, `${node} internalTrafficPolicy: Here,`, 'wrong-value Here'],
  ['a policy for nobody', node, `${node} externalTrafficPolicy: Local,`, 'conflict Local'],
  ['a port on no node', 'port: 53 }', 'port: 53, nodePort: 70000 }', 'out-of-range 70000'],
  ['affinity of a headless Service', node, 'address: None, sessionAffinity: ClientIP,', 'conflict ClientIP'],
  ['an end point on no node', node, `${node} endpoints: [{ address: 10.0.0.1, node: node-2 }],`, 'unknown-node node-2'],
  [
    'an end point that is ready and terminates',
    node,
    `${node} endpoints: [{ address: 10.0.0.1, ready: true, terminating: true }],`,
    'conflict true',
  ],
  ['kube-proxy on no node', 'node: node-1 } }', 'node: node-3 } }', 'unknown-node node-3'],
  [
    'one node port for two',
    'port: 53 }] }',
    'port: 53, nodePort: 30053 }] }\n    - { name: default/b, address: 10.96.5.6, ports: [{ name: d, protocol: udp, port: 53, nodePort: 30053 }] }',
    'conflict 30053',
  ],
])('%s', (_what, from, to, problem) => {
  expect(base).toContain(from);
  expect(problemsOf(base.replace(from, to))).toEqual([problem]);
});

import { expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';
import { toWorld } from '../translate/world.ts';

function load(kubeProxy: string, { kubernetes = '1.35', kernel = '6.1' } = {}) {
  const text = `title: Modes
duration: 10s
cluster:
  kubernetes: "${kubernetes}"
  nodes: { node-1: { address: 192.168.1.200, kernel: "${kernel}" } }
  kubeProxy: { ${kubeProxy} }
  coredns: { corefile: ./Corefile }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: example.com, every: 1s } }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? text : path === 's/Corefile' ? '.:53 {\n}\n' : undefined),
    isDirectory: (path) => path === 's',
  };
  return loadScenario('s', files);
}

function messages(kubeProxy: string, cluster?: { kubernetes?: string; kernel?: string }): string[] {
  try {
    load(kubeProxy, cluster);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test.each([
  ['mode: iptables', undefined, []],
  ['mode: ipvs, scheduler: wrr, udpTimeout: 10s, tcpTimeout: 5m, tcpFinTimeout: 30s', undefined, []],
  ['mode: nftables', undefined, []],
  ['mode: ipvs, release: 1.14.3', { kubernetes: '1.18' }, []],
  ['mode: ipvs, release: 1.7.9', undefined, ['6:37 kube-proxy 1.7.9 is not known']],
  ['mode: ipvs, release: 1.38.0', undefined, ['6:37 kube-proxy 1.38.0 is not known']],
  ['scheduler: rr', undefined, ['6:27 the mode iptables has no scheduler']],
  ['mode: nftables, udpTimeout: 5m', undefined, ['6:44 the mode nftables has no udpTimeout']],
  ['mode: ipvs, commitGap: 8ms', undefined, ['6:39 the mode ipvs commits all at once: it has no commitGap']],
  ['mode: nftables', { kubernetes: '1.28' }, ['6:22 kube-proxy 1.28 has no mode nftables']],
  [
    'mode: nftables',
    { kernel: '5.12' },
    ['5:54 kube-proxy would exit on node-1: "kube-proxy in nftables mode requires kernel 5.13 or later"'],
  ],
] as const)('kubeProxy: { %s } on %s: %s', (kubeProxy, cluster, expected) => {
  expect(messages(kubeProxy, cluster)).toEqual(expected);
});

test('what the mode ipvs is told reaches the world', () => {
  const scenario = load('mode: ipvs, scheduler: sed, udpTimeout: 10s, tcpTimeout: 5m');
  expect(toWorld(scenario, '1').kubeProxy?.ipvs).toEqual({
    scheduler: 'sed',
    timeouts: { tcp: 300, tcpFin: 0, udp: 10 },
  });
  expect(toWorld(load('mode: nftables'), '1').kubeProxy?.ipvs).toBeUndefined();
});

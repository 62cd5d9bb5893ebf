import { describe, expect, it } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import { loadScenario } from '../load.ts';
import { nodesWithKubeProxy } from '../names.ts';

/** A scenario whose node brings these rules; `more`: other keys of the node. */
function load(rules: string, more = '', events = '[]') {
  const scenario = `
title: Rules as found
duration: 10s
cluster:
  nodes: { node-1: { address: 192.168.1.200, iptables: ./node-1.rules${more} } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: example.com, every: 1s } }
events: ${events}
`;
  const texts: Record<string, string> = {
    'own/scenario.yaml': scenario,
    'own/Corefile': '.:53 {\n  errors\n}\n',
    'own/node-1.rules': rules,
  };
  return loadScenario('own', { read: (path) => texts[path], isDirectory: (path) => path === 'own' });
}

function mistakes(...given: Parameters<typeof load>): string[] {
  try {
    load(...given);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
  }
}

const sound = '*nat\n:KUBE-SERVICES - [0:0]\n[7:420] -A PREROUTING -j KUBE-SERVICES\nCOMMIT\n';

describe("a node's own rules", () => {
  it('are those of the node, and kube-proxy runs there only if told to', () => {
    const { artefacts, definition } = load(sound);
    expect(artefacts.rules['node-1']?.iptables?.text).toBe(sound);
    expect(nodesWithKubeProxy(definition.cluster)).toEqual([]);
    expect(nodesWithKubeProxy(load(sound, ', kubeProxy: true').definition.cluster)).toEqual(['node-1']);
  });

  it('are refused where iptables-restore would refuse them, or where they are not known', () => {
    const rules = `${sound}*filter\n-A FORWARD -m geoip --source-country XX -j DROP\n-A FORWARD -j KUBE-X\nCOMMIT\n`;
    expect(mistakes(rules)).toEqual(['own/node-1.rules:6:15 unknown-match']);
    expect(mistakes(rules.replace('-m geoip --source-country XX ', ''))).toEqual([
      'own/node-1.rules:7:15 unknown-target',
    ]);
  });

  it('may name devices and sets that are not there, which is remarked', () => {
    const rules =
      '*filter\n-A FORWARD -i cni0 -j ACCEPT\n-A FORWARD -i cni0 -o eth0 -j ACCEPT\n-A FORWARD -i v-+ -m set --match-set x src -j ACCEPT\nCOMMIT\n';
    expect(load(rules, ', device: eth0').remarks.map(({ message, line }) => `${line} ${message}`)).toEqual([
      '2 node-1 has no device cni0: no packet comes or goes by it',
      '4 `-m set --match-set x src` asks a set that nobody fills here: it is empty',
    ]);
  });

  it('leave no kube-proxy to stop', () => {
    const stop = '[{ at: 1s, stopKubeProxy: { node: node-1 } }]';
    expect(mistakes(sound, '', stop)).toEqual(['own/scenario.yaml:9:43 no-kube-proxy']);
    expect(mistakes(sound, ', kubeProxy: true', stop)).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { type Files, loadScenario, run } from '../../src/index.ts';

const texts: Readonly<Record<string, string>> = {
  'links/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
  'links/example.com.zone':
    '$ORIGIN example.com.\n$TTL 60\n@ SOA ns admin 1 7200 3600 1209600 5\n@ NS ns\nns A 192.168.1.100\nwww A 192.0.2.1\n',
  'links/queries.csv': 'time,name\n0s,www.example.com.\n4s,www.example.com.\n12s,www.example.com.\n',
  'links/ping.csv': 'latency\n2ms\n2ms\n2ms\n',
};

/** When each lookup began, its milliseconds, and how it ended. */
function lookups(
  more: string,
  workload = 'lookup: www.example.com., at: 1s, every: 5s',
): (readonly [number, number, string])[] {
  const scenario = `
title: A link
duration: 30s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { replicas: 1, corefile: ./Corefile }
servers:
  upstream: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./example.com.zone } }
pods:
  app: { node: node-1, dnsConfig: { options: [{ name: timeout, value: "1" }, { name: attempts, value: "1" }] } }
workloads:
  app: { pod: app, family: ipv4, ${workload} }
${more}
`;
  const files: Files = {
    read: (path) => (path === 'links/scenario.yaml' ? scenario : texts[path]),
    isDirectory: (path) => path === 'links',
  };
  const [app] = run(loadScenario('links', files)).analysis.workloads;
  return (app?.lookups ?? []).map(({ start, end, result }) => [start / 1e6, Math.floor((end - start) / 1e3), result]);
}

test('a link that is cut for a while, in both directions or in one', () => {
  for (const link of ['node-1..upstream', 'node-1->upstream', 'upstream->node-1'])
    expect(lookups(`events:\n  - { at: 5s, setLink: { link: "${link}", loss: 1, for: 10s } }`), link).toEqual([
      [1, 1, 'OK'],
      [6, 1000, 'EAI_AGAIN'],
      [11, 1000, 'EAI_AGAIN'],
      [16, 1, 'OK'],
      [21, 1, 'OK'],
      [26, 1, 'OK'],
    ]);
});

test('a link that is slower from an instant on, and what is said of one direction alone', () => {
  const events = 'events:\n  - { at: 10s, setLink: { link: node-1..upstream, latency: 50ms } }';
  expect(lookups(events).map(([, took]) => took)).toEqual([1, 1, 101, 101, 101, 101]);
  expect(lookups('links: { node-1->upstream: { latency: 30ms } }').map(([, took]) => took)).toEqual(Array(6).fill(31));
});

test('latencies as they were measured', () => {
  expect(lookups('links: { node-1..upstream: { latencies: ./ping.csv } }').map(([, took]) => took)).toEqual(
    Array(6).fill(5),
  );
});

test('lookups replayed from a CSV file', () => {
  expect(lookups('', 'at: 2s, replay: { csv: ./queries.csv }').map(([start]) => start)).toEqual([2, 6, 14]);
});

test('a closed loop: the next lookup comes a pause after the last result', () => {
  const [first, second] = lookups('', 'lookup: www.example.com., think: 1s');
  expect(first?.[0]).toBe(0);
  expect(second?.[0]).toBeCloseTo(1.0015, 3);
});

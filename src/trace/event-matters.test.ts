import { expect, test } from 'vitest';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from '../study/run.ts';

const zone = (address: string) =>
  `@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A ${address}\napi 1 IN A 10.0.0.1\n`;

/** A pod that asks dns-1 alone, which is silent from 5 s to 20 s; what is told of its failure, and of its end. */
function toldWith(events: string): readonly string[] {
  const text = `title: Events
duration: 30s
cluster:
  nodes:
    node-1: { address: 192.168.1.200 }
    node-2: { address: 192.168.1.201 }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile, nodes: [node-2] }
  services: [{ name: default/shop, address: 10.96.0.77, ports: [{ name: http, port: 80, protocol: tcp }], endpoints: [10.9.0.1] }]
servers:
  dns-1: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./one.zone } }
  dns-2: { role: authoritative, address: 192.168.1.101, zones: { example.com: ./two.zone } }
pods:
  app: { node: node-1, resolver: go 1.22, resolvConf: "nameserver 192.168.1.100\\noptions timeout:1 attempts:1\\n" }
workloads:
  app: { pod: app, lookup: api.example.com., family: ipv4, at: 2s, every: 5s }
events:
  - { at: 5s, label: dns-1 is silent, setServer: { server: dns-1, answers: never } }
  - { at: 20s, label: dns-1 is back, setServer: { server: dns-1, answers: normally } }
${events}`;
  const texts: Readonly<Record<string, string>> = {
    's/scenario.yaml': text,
    's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
    's/one.zone': zone('192.168.1.100'),
    's/two.zone': zone('192.168.1.101'),
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  const { workloads, account } = run(loadScenario('s', files)).analysis;
  const [app] = workloads;
  const failed = app?.lookups.findLast(({ verdict }) => verdict === 'failed');
  return [...(app?.healed ?? []), failed === undefined ? '' : account(failed).conclusion];
}

test.each([
  ['another server', 'setServer: { server: dns-2, delay: 1s }'],
  [
    'another name of its server',
    'changeRecords: { server: dns-1, zone: example.com, replace: "web 60 IN A 10.0.0.9" }',
  ],
  [
    'its name at another server',
    'changeRecords: { server: dns-2, zone: example.com, replace: "api 60 IN A 10.0.0.9" }',
  ],
  ['a node that its packets do not pass', 'run: { on: node-2, command: conntrack -F }'],
  ['a Service that it does not use', 'changeEndpoints: { service: default/shop, endpoints: [] }'],
  ['a link that its packets do not take', 'setLink: { link: node-1..dns-2, latency: 5ms }'],
])('an event that only %s felt is told of no lookup', (_, event) => {
  const [healed, why] = toldWith(`  - { at: 17.5s, label: the other thing, ${event} }\n`);
  expect(healed).toBe('Answered again at 22 s, after this: dns-1 is back (20 s).');
  expect(why).toMatch(/Before that: dns-1 is silent \(5 s\)\.$/);
});

test.each([
  ['its own node', 'run: { on: node-1, command: conntrack -F }'],
  ['its own name', 'changeRecords: { server: dns-1, zone: example.com, replace: "api 60 IN A 10.0.0.9" }'],
  ['its own link', 'setLink: { link: node-1..dns-1, latency: 5ms }'],
])('an event that %s may have felt is told', (_, event) => {
  const [healed, why] = toldWith(`  - { at: 17.5s, label: the other thing, ${event} }\n`);
  expect(healed).toBe('Answered again at 22 s, after this: the other thing (17.5 s) and dns-1 is back (20 s).');
  expect(why).toMatch(/Before that: dns-1 is silent \(5 s\) and the other thing \(17\.5 s\)\.$/);
});

test('end points of the Service that it asks by its address are told', () => {
  const text = `title: End points
duration: 30s
cluster:
  kubernetes: "1.29"
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  dns-1: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./one.zone } }
pods:
  app: { node: node-1, resolver: go 1.22 }
workloads:
  app: { pod: app, lookup: api.example.com., family: ipv4, at: 1s, every: 2s }
events:
  - { at: 10s, deletePod: { coredns: coredns-1, leavesAfter: 100ms, replacedAfter: 6s } }
`;
  const texts: Readonly<Record<string, string>> = {
    's/scenario.yaml': text,
    's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
    's/one.zone': zone('192.168.1.100'),
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  const { workloads } = run(loadScenario('s', files)).analysis;
  expect(workloads[0]?.healed[0]).toContain('after this: coredns-2 ready, in the end points (16 s)');
});

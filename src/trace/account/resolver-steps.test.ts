import { expect, test } from 'vitest';
import type { Files } from '../../scenario/files.ts';
import { loadScenario } from '../../scenario/load.ts';
import { run } from '../../study/run.ts';

// glibc sends the same message with the same id to its servers in turn (recording glibc-09-dead-2servers).
test('a server is asked once more only after it was asked', () => {
  const text = `title: Two servers
duration: 30s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  dns-1: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
  dns-2: { role: authoritative, address: 192.168.1.101, zones: { example.com: ./zone } }
pods:
  app: { node: node-1, resolver: glibc 2.36, resolvConf: "nameserver 192.168.1.100\\nnameserver 192.168.1.101\\n" }
workloads:
  app: { pod: app, lookup: api.example.com., family: ipv4, at: 2s, every: 60s }
events:
  - { at: 1s, setServer: { server: dns-1, answers: never } }
  - { at: 1s, setServer: { server: dns-2, answers: never } }
`;
  const texts: Readonly<Record<string, string>> = {
    's/scenario.yaml': text,
    's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
    's/zone':
      '@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A 192.168.1.100\napi 60 IN A 10.0.0.1\n',
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  const { workloads, account } = run(loadScenario('s', files)).analysis;
  const [first] = workloads[0]?.lookups ?? [];
  const asks = (first === undefined ? [] : account(first).steps).flatMap((step) => {
    return / asks (dns-\d) \(\S+\)( once more)? for /.exec(step.text)?.slice(1, 3).join('') ?? [];
  });
  expect(asks).toEqual(['dns-1', 'dns-2', 'dns-1 once more', 'dns-2 once more']);
});

import { expect, test } from 'vitest';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from '../study/run.ts';

const soa = '@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A 192.168.1.100\n';

/** What is told of a right answer to a pod whose search list leads to apps.corp, with those records in that zone. */
function toldOf(lookup: string, records: string): string {
  const text = `title: A search list
duration: 5s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, replicas: 1, corefile: ./Corefile }
servers:
  dns-1: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./one.zone, apps.corp: ./apps.zone } }
pods:
  app: { node: node-1, resolver: glibc 2.36, resolvConf: "nameserver 192.168.1.100\\nsearch apps.corp\\noptions ndots:5\\n" }
workloads:
  app: { pod: app, lookup: ${lookup}, family: ipv4, at: 2s, every: 5s }
`;
  const texts: Readonly<Record<string, string>> = {
    's/scenario.yaml': text,
    's/Corefile': '.:53 {\n    forward . 192.168.1.100\n}\n',
    's/one.zone': `${soa}www 60 IN A 10.0.0.1\n`,
    's/apps.zone': `${soa}${records}`,
  };
  const files: Files = { read: (path) => texts[path], isDirectory: (path) => path === 's' };
  const { workloads, why } = run(loadScenario('s', files)).analysis;
  const [first] = workloads[0]?.lookups ?? [];
  return first === undefined ? '' : why(first).sentence;
}

const told =
  'That is what the wildcard *.apps.corp has for www.example.com.apps.corp, a name of the search list: www.example.com itself has 10.0.0.1.';

test.each([
  ['www.example.com', '* 60 IN A 10.0.0.9\n', true],
  ['www.example.com.', '* 60 IN A 10.0.0.9\n', false],
  // The same address either way.
  ['www.example.com', '* 60 IN A 10.0.0.1\n', false],
  // The name was made for that search list.
  ['www.example.com', 'www.example.com 60 IN A 10.0.0.9\n', false],
  // There is no such name but by the wildcard.
  ['shop', '* 60 IN A 10.0.0.9\n', false],
])('%s, with %j below its search list, is an answer of the wildcard: %s', (lookup, records, isTold) => {
  expect(toldOf(lookup, records).includes(told)).toBe(isTold);
});

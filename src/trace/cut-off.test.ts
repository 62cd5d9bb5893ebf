import { expect, test } from 'vitest';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from '../study/run.ts';

const addresses = Array.from({ length: 300 }, (_, i) => `big 60 IN A 10.0.${i >> 8}.${i & 255}`).join('\n');
const texts: Readonly<Record<string, string>> = {
  's/Corefile': '.:53 {\n    errors\n    forward . 192.168.1.100\n}\n',
  's/zone': `@ 60 IN SOA ns host 1 7200 900 1209600 60\n@ 60 IN NS ns\nns 60 IN A 192.168.1.100\n${addresses}\n`,
};

/** The first lookup of a name with 300 addresses. */
function lookupBy(client: string) {
  const scenario = `title: A large name
duration: 10s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.3, replicas: 1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./zone } }
pods:
  app: { node: node-1, ${client} }
workloads:
  app: { pod: app, lookup: big.example.com., family: ipv4, at: 1s, every: 1s, count: 1 }
`;
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? scenario : texts[path]),
    isDirectory: (path) => path === 's',
  };
  const { analysis } = run(loadScenario('s', files));
  const lookup = analysis.workloads[0]?.lookups[0];
  if (lookup === undefined) throw new Error('no lookup');
  const steps = analysis.account(lookup).steps.map(({ text }) => text);
  return { cause: analysis.why(lookup).cause, told: steps.find((text) => text.includes('with TC: ')) };
}

// DnsNameResolverBuilder.socketChannelType: without one, what came by UDP is all that Netty gets.
test('a reply with TC leads to TCP only where the resolver asks so', () => {
  expect(lookupBy('resolver: netty 4.1')).toEqual({
    cause: 'no-tcp',
    told: expect.stringMatching(/with TC: there is more than fits\.$/),
  });
  expect(lookupBy('resolver: netty 4.1, netty: { tcp: after-truncation }')).toEqual({
    cause: 'answered',
    told: expect.stringMatching(/with TC: there is more than fits, so the query goes out again by TCP\.$/),
  });
});

import { expect, test } from 'vitest';
import { disk } from '../cli/disk.ts';
import { ProblemsFound } from '../problem/problem.ts';
import { loadScenario } from './load.ts';

function hintsOf(...lines: string[]): string[] {
  try {
    loadScenario('scenarios/a-record-failover', disk, { changes: [{ kind: 'settings', file: '--set', lines }] });
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ hint }) => hint);
  }
}

test.each([
  ['a share in per cent', 'links.default.loss=5%', 'write a share of 1: 0.05'],
  ['a rate without a unit', 'links.default.rate=100', 'Bits per second, such as 100Mbit; no limit unless said.'],
  ['a share beyond 1', 'links.default.loss=5', 'Share of packets lost, 0 to 1, in each direction; 1: cut.'],
  ['options as a map', 'pods.app.dnsConfig.options.ndots=1', 'write a list: [ { name: ndots, value: "1" } ]'],
  ['a word for true', 'cluster.coredns.hostNetwork=yes', 'did you mean true?'],
  ['a link to a host that is misspelt', 'links={ node-1..vpc-dsn: { latency: 1ms } }', 'did you mean vpc-dns?'],
  [
    'a record that names its zone twice',
    'events=[{ at: 60s, changeRecords: { server: corp-dns, zone: example.com, replace: redis.example.com 5 IN A 10.0.0.2 } }]',
    'write redis.example.com. with a final dot',
  ],
  [
    'a delay of nothing',
    'events=[{ at: 60s, setServer: { server: vpc-dns, answers: never, delay: 2s } }]',
    'leave delay out, or let it answer: an answer that nobody waits for any more is a long delay',
  ],
  [
    'an end to a pod that nobody replaces',
    'events=[{ at: 60s, deletePod: { pod: app } }]',
    'give pods.app a deployment, and name one of its pods, such as app-1',
  ],
  [
    'what an event sets',
    'servers.corp-dns.answers=servfail',
    'known keys here: role, address, software, zones, outdated, faults, tls, upstreams, stubs, options, port, protocol; ' +
      'an event sets it: { at: 0s, setServer: { server: corp-dns, answers: … } }',
  ],
  ['a seed that YAML reads as another number', 'seed=1.50', 'put it in quotes: "1.50"'],
  ['a seed of nothing', 'seed=""', 'A whole number or a text. Same seed, same run.'],
  ['a list that is empty', 'pods.app.dnsConfig.searches={}', 'write a list: [ …, … ]'],
  [
    'a key that is missing',
    'cluster.coredns={ replicas: 2 }',
    'The Corefile, or a ConfigMap manifest that holds it: a path, or a block.',
  ],
])('%s has a remedy', (_what, line, hint) => {
  expect(hintsOf(line)).toContain(hint);
});

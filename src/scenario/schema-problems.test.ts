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
  ['a share beyond 1', 'links.default.loss=5', 'Share of packets lost, 0 to 1, in each direction; 1: cut.'],
  ['options as a map', 'pods.app.dnsConfig.options.ndots=1', 'write a list: [ { name: ndots, value: "1" } ]'],
  ['a list that is empty', 'pods.app.dnsConfig.searches={}', 'write a list: [ …, … ]'],
  [
    'a key that is missing',
    'cluster.coredns={ replicas: 2 }',
    'The Corefile, or a ConfigMap manifest that holds it: a path, or a block.',
  ],
])('%s has a remedy', (_what, line, hint) => {
  expect(hintsOf(line)).toContain(hint);
});

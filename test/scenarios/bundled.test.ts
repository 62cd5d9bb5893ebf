import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { type Files, loadScenario, run } from '../../src/index.ts';
import { timeline } from '../../src/report/timeline.ts';
import { judge } from '../support/judge.ts';
import { pages, scenariosIn } from '../support/shown-in-docs.ts';

const root = new URL('../../scenarios/', import.meta.url).pathname;

/** They are run there, and judged there. */
const inDocs = new Set(pages.flatMap(scenariosIn));

describe('every bundled scenario that no page of docs/ runs', () => {
  const names = readdirSync(root).filter((name) => !inDocs.has(name));
  test.each([...names, '../starter'])(
    '%s meets its expectations, explains what failed, and fits in 80 columns',
    (name) => {
      const judgement = judge(run(loadScenario(root + name, disk)));
      expect(judgement).toMatchObject({ unmet: [], unexplained: [], tooLong: [] });
      expect(judgement.expectations).toBeGreaterThan(0);
    },
  );
});

describe('a-record-failover', () => {
  const directory = `${root}a-record-failover`;
  const rowsOf = (files: Files, seed?: number) =>
    timeline(run(loadScenario(directory, files), seed === undefined ? {} : { seed }).analysis).split('\n');

  const rows = rowsOf(disk);

  test('two runs are the same, and another seed is not', () => {
    expect(rowsOf(disk)).toEqual(rows);
    expect(rowsOf(disk, 2)).not.toEqual(rows);
  });

  test('an unrelated pod changes no row of the others', () => {
    const another = (text: string | undefined) =>
      text
        ?.replace('pods:\n', 'pods:\n  another: { node: node-1 }\n')
        .replace('workloads:\n', 'workloads:\n  another: { pod: another, lookup: kubernetes.default, every: 700ms }\n');
    const files = {
      ...disk,
      read: (path: string) => (path.endsWith('.yaml') ? another(disk.read(path)) : disk.read(path)),
    };
    const all = rowsOf(files);
    const added = all.filter((row) => row.startsWith('another,'));
    expect(added).toHaveLength(258);
    expect(all.filter((row) => !added.includes(row))).toEqual(rows);
  });
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Files, type FinishedRun, loadScenario, run } from '../../src/index.ts';
import { timeline } from '../../src/report/timeline.ts';

const disk: Files = {
  read: (path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, 'utf8') : undefined,
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
};
const root = new URL('../../scenarios/', import.meta.url).pathname;

/** Causes that say what came of it, not why. */
const noCauses = ['', 'unknown', 'no-query', 'timeout', 'try-again'];

/** At most 40, evenly over the run. */
const some = <T>(all: readonly T[]): T[] => all.filter((_, index) => index % Math.ceil(all.length / 40) === 0);

/** Lookups whose account does not end in a cause, among some that failed and some others. */
function unexplained({ analysis }: FinishedRun): string[] {
  return analysis.workloads.flatMap(({ summary, lookups }) => {
    const failed = lookups.filter(({ verdict }) => verdict === 'failed');
    const others = lookups.filter(({ verdict }) => verdict !== 'failed');
    return [...some(failed), ...some(others)].flatMap((lookup) => {
      const { cause, conclusion, steps } = analysis.account(lookup);
      const isTold = conclusion.endsWith('.') && steps.at(-1)?.layer === 'application';
      const hasReason =
        lookup.verdict !== 'failed' || steps.some(({ tone, layer }) => tone === 'bad' && layer !== 'application');
      return isTold && hasReason && !noCauses.includes(cause)
        ? []
        : [`${summary.workload} at ${lookup.start}: ${cause}: ${conclusion}`];
    });
  });
}

describe('every bundled scenario', () => {
  test.each([...readdirSync(root), '../starter'])('%s meets its expectations', (name) => {
    const finished = run(loadScenario(root + name, disk));
    const { expectations } = finished;
    expect(expectations.length).toBeGreaterThan(0);
    expect(expectations.filter(({ met }) => !met)).toEqual([]);
    expect(unexplained(finished)).toEqual([]);
  });
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

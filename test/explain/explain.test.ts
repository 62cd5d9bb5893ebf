import { describe, expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { explain, type FinishedRun, loadScenario, run, type Selection } from '../../src/index.ts';
import { explainText } from '../../src/report/explain-text.ts';
import { noOptions } from '../support/selection.ts';

/** A scenario of each kind, and what is asked of it. */
const asked: readonly (readonly [scenario: string, options: string, selection: Partial<Selection>])[] = [
  ['a-record-failover', '', {}],
  ['a-record-failover', '--lookup app-redis/83', { lookups: ['app-redis/83'] }],
  ['a-record-failover-low-ttl', '--slowest 2', { slowest: 2 }],
  ['pod-restart-fixed-port', '--failures', { failures: true }],
  ['pod-restart-fixed-port-tcp', '--workload orders-redis --failures', { workload: 'orders-redis', failures: true }],
  ['udp-truncation', '--lookup vivo/0', { lookups: ['vivo/0'] }],
  ['udp-truncation-tcp-closed', '--failures', { failures: true }],
  ['dead-upstream-single', '--failures', { failures: true }],
  ['overflow-1.11.0', '', {}],
  ['stub-zone-dead', '--workload page --at 1s', { workload: 'page', at: '1s' }],
];

let [last, finished]: [string?, FinishedRun?] = [];

/** One that was asked for just before is not run again. */
function runOf(name: string): FinishedRun {
  if (finished === undefined || last !== name) [last, finished] = [name, run(loadScenario(`scenarios/${name}`, disk))];
  return finished;
}

describe('explain', () => {
  test.each(asked)('%s %s', async (name, options, selection) => {
    const finished = runOf(name);
    const { stories, mistakes } = explain(finished, { ...noOptions, ...selection });
    expect(mistakes).toEqual([]);
    const text = explainText(finished, stories, { colour: false });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const file = `${name} ${options}`.trim().replaceAll(' --', '-').replaceAll(/[ /]/g, '-');
    await expect(text).toMatchFileSnapshot(`golden/${file}.txt`);
  });

  test('what began at one instant is told at that instant', () => {
    const finished = runOf('dead-upstream-single');
    const [story] = explain(finished, { ...noOptions, failures: true }).stories;
    if (story === undefined) throw new Error('nothing failed');
    const twice = { ...story, lookups: [story.told, story.told] };
    expect(explainText(finished, [twice], { colour: false })).toMatch(
      /^2 lookups failed \([a-z-]+\) at [\d.]+ s: app$/m,
    );
  });
});

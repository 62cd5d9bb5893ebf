import { beforeAll, describe, expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { loadScenario } from '../../scenario/load.ts';
import { run } from '../run.ts';
import { type Comparison, compare } from './compare.ts';
import { compareDrawn, type Draw, heldAgainst, measuresDrawn } from './draws.ts';
import type { Measures } from './measures.ts';

const failover = (cache: string) => {
  const lines = ['duration=100s', 'expect=[]', 'lesson=[]', `cluster.coredns.corefile=scenarios/${cache}/Corefile`];
  const changes = [{ kind: 'settings' as const, file: '--set', lines }];
  return run(loadScenario('scenarios/a-record-failover', disk, { changes }));
};

/** `cache 5` beside `cache 30`: better for all three, as old answers end sooner. */
let found: Comparison;
beforeAll(() => {
  found = compare(failover('a-record-failover'), failover('a-record-failover-cache-5'));
});

/** Another seed with which one workload comes out otherwise. */
function drawn(seed: string, other: string, b: (own: Measures) => Measures): Draw {
  return {
    seed,
    a: new Map(found.workloads.map(({ workload, a }) => [workload, a])),
    b: new Map(found.workloads.map(({ workload, a, b: own }) => [workload, workload === other ? b(a) : own])),
  };
}

const staleOf = ({ workloads }: Comparison, name: string) =>
  workloads.find(({ workload }) => workload === name)?.changes.find(({ measure }) => measure === 'stale');

test('a draw comes to what a whole run of that seed does', () => {
  const whole = new Map(found.workloads.map(({ workload, a }) => [workload, a]));
  expect(measuresDrawn(found.a.scenario, '1', found.until)).toEqual(whole);
});

describe('a judgement by one seed', () => {
  test('holds where another one comes to the same', () => {
    const held = heldAgainst(
      found,
      drawn('2', '', (own) => own),
    );
    expect(held.verdict).toEqual(found.verdict);
    expect(held.seeds).toEqual(['1', '2']);
  });

  test.each([
    ['the other way round', (own: Measures) => ({ ...own, stale: own.stale * 2 })],
    ['nothing', (own: Measures) => own],
  ])('is chance where another one has it %s', (_, b) => {
    const held = heldAgainst(found, drawn('2', 'batch-redis', b));
    expect(held.verdict).toMatchObject({ better: ['app-redis', 'orders-redis'], worse: [], mixed: [] });
    expect(staleOf(held, 'batch-redis')).toMatchObject({ judgement: undefined, isChance: true });
    expect(staleOf(held, 'app-redis')).toMatchObject({ judgement: 'better', isChance: false });
    const again = heldAgainst(
      held,
      drawn('3', '', (own) => own),
    );
    expect(staleOf(again, 'batch-redis')).toMatchObject({ judgement: undefined, isChance: true });
    expect(again.seeds).toEqual(['1', '2', '3']);
  });
});

describe('where one seed finds nothing', () => {
  const scenario = loadScenario('scenarios/a-record-failover', disk, {
    changes: [{ kind: 'settings', file: '--set', lines: ['duration=100s', 'expect=[]', 'lesson=[]'] }],
  });
  const measures = () => new Map<string, Measures>();

  test('the same twice is looked at once', () => {
    const run = () => found.a;
    expect(compareDrawn(scenario, scenario, { seed: 1 }, { run, measures })).toMatchObject({ seeds: ['1'] });
  });

  test('another one may find something, and that is told', () => {
    // With seed 1 the second run differs in what nobody feels; with seed 2 it is that of `cache 5`.
    const quiet = { ...found.a, store: found.b.store };
    const sides = [found.a, quiet, found.a, found.b];
    const drawn = compareDrawn(scenario, scenario, { seed: 1 }, { run: () => sides.shift() ?? found.a, measures });
    expect(drawn.verdict.word).toBe('the same');
    expect(drawn.otherwise).toMatchObject({ seed: '2', verdict: { word: 'better' } });
    expect(drawn.seeds).toEqual(['1', '2']);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { millisecond, second } from '../../engine/time.ts';
import { judge, type Measure, type Measures } from './measures.ts';

const none: Measures = {
  lookups: 100,
  failures: 0,
  longestOutage: 0,
  stale: 0,
  p50: 0,
  p99: 0,
  max: 0,
  waits: 0,
  upstreamQueries: 0,
  corednsQueries: 0,
  cacheHits: 0,
};

test.each<[string, Measure, Partial<Measures>, Partial<Measures>, 'better' | 'worse' | undefined]>([
  ['a failure more', 'failures', {}, { failures: 1 }, 'worse'],
  ['as many failures of fewer lookups', 'failures', { failures: 2 }, { failures: 2, lookups: 50 }, 'worse'],
  ['old answers for a second of five less', 'stale', { stale: 5 * second }, { stale: 4 * second }, 'better'],
  ['for a second of ten', 'stale', { stale: 10 * second }, { stale: 9 * second }, undefined],
  ['for five seconds of sixty', 'stale', { stale: 60 * second }, { stale: 55 * second }, 'better'],
  ['for 50 ms of 100', 'stale', { stale: 100 * millisecond }, { stale: 50 * millisecond }, undefined],
  ['half a millisecond', 'p50', { p50: 500 }, { p50: millisecond }, undefined],
  ['two milliseconds in three', 'p50', { p50: millisecond }, { p50: 3 * millisecond }, 'worse'],
  ['two milliseconds in a hundred', 'p50', { p50: 100 * millisecond }, { p50: 102 * millisecond }, undefined],
  ['a percentile of a hundred lookups', 'p99', {}, { p99: second }, undefined],
  ['a percentile of a thousand', 'p99', { lookups: 1000 }, { lookups: 1000, p99: second }, 'worse'],
  ['the longest of all', 'max', {}, { max: 5 * second }, undefined],
  ['two waits of a hundred lookups', 'waits', {}, { waits: 2 }, undefined],
  ['three', 'waits', {}, { waits: 3 }, 'worse'],
  ['one of one', 'waits', { lookups: 1, waits: 1 }, { lookups: 1 }, 'better'],
  ['more upstream queries', 'upstreamQueries', { upstreamQueries: 20 }, { upstreamQueries: 110 }, undefined],
  ['a storm of them', 'upstreamQueries', { upstreamQueries: 2 }, { upstreamQueries: 2150 }, 'worse'],
  ['fewer cache hits', 'cacheHits', { cacheHits: 90 }, {}, undefined],
])('%s', (_, measure, a, b, expected) => {
  expect(judge(measure, { ...none, ...a }, { ...none, ...b })).toBe(expected);
});

const amount = fc.nat({ max: 10 * second });
const arbitrary: { readonly [M in Measure]: fc.Arbitrary<number> } = {
  lookups: fc.nat({ max: 2000 }),
  failures: fc.nat({ max: 50 }),
  longestOutage: amount,
  stale: amount,
  p50: amount,
  p99: amount,
  max: amount,
  waits: fc.nat({ max: 10 }),
  upstreamQueries: fc.nat({ max: 3000 }),
  corednsQueries: fc.nat(),
  cacheHits: fc.nat({ max: 3000 }),
};
const measures = fc.record(arbitrary);
const mirrored = { better: 'worse', worse: 'better' } as const;

test('swapped, better is worse; held against itself, nothing is either', () => {
  fc.assert(
    fc.property(measures, measures, (a, b) => {
      let measure: Measure;
      for (measure in none) {
        const there = judge(measure, a, b);
        expect(judge(measure, b, a)).toBe(there && mirrored[there]);
        expect(judge(measure, a, a)).toBeUndefined();
      }
    }),
  );
});

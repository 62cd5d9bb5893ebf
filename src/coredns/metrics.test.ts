import { expect, test } from 'vitest';
import { Metrics } from './metrics.ts';

test('each combination of label values is a series of its own, be they few or many', () => {
  const metrics = new Metrics();
  const names = Array.from({ length: 40 }, (_, i) => `10.0.0.${i}:53`);
  for (const times of [1, 2])
    for (const to of names) metrics.counter('requests_total', ['rcode', 'to']).add(['NOERROR', to], times);
  const { series } = metrics.counter('requests_total', ['rcode', 'to']);
  expect(series.map(({ values }) => values[1])).toEqual(names);
  expect(series.every(({ value }) => value === 3)).toBe(true);
});

test('an observation counts in every bucket that it fits', () => {
  const metrics = new Metrics();
  const sizes = metrics.histogram('size_bytes', ['proto'], [0, 100, 200, 400]);
  for (const size of [90, 150, 500]) sizes.observe(['udp'], size);
  const [series] = sizes.series;
  expect(series).toMatchObject({ values: ['udp'], value: 740, count: 3 });
  expect(series?.upToBounds()).toEqual([0, 1, 2, 2]);
});

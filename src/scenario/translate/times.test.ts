import { expect, test } from 'vitest';
import { randomStream } from '../../engine/random.ts';
import { second } from '../../engine/time.ts';
import { scenarioSchema } from '../schema/scenario.ts';
import { scheduleOf, timesUntil } from './times.ts';

function times(more: object, end = 10 * second): number[] {
  const file = scenarioSchema.shape.workloads.parse({ app: { pod: 'app', lookup: 'a.test', every: '1s', ...more } });
  const { app } = file;
  if (app === undefined) throw new Error('there is a workload');
  return timesUntil(end, scheduleOf('app', app, {}), randomStream('1', 'app/arrivals')).map((at) => at / second);
}

test('regular, in bursts, with pauses, up to a count', () => {
  expect(times({ every: '4s' })).toEqual([0, 4, 8]);
  expect(times({ every: '4s', burst: 2 })).toEqual([0, 0, 4, 4, 8, 8]);
  expect(times({ every: '4s', burst: 2, count: 3 })).toEqual([0, 0, 4]);
  expect(times({ every: '4s', pauses: [{ from: '3s', until: '5s' }] })).toEqual([0, 8]);
});

test('a Poisson process has the mean that was asked for, and gaps that vary as much', () => {
  const all = times({ arrivals: 'poisson' }, 20_000 * second);
  const gaps = all.slice(1).map((at, i) => at - (all[i] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
});

test('the same stream draws the same times', () => {
  expect(times({ arrivals: 'poisson' })).toEqual(times({ arrivals: 'poisson' }));
});

import { expect, test } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { readRates } from './rates.ts';

function read(text: string) {
  const problems: Problem[] = [];
  return { steps: readRates({ file: 'day.csv', text }, problems), problems };
}

test('times of a day, from the first of them on', () => {
  const { steps } = read('time,per_second\n2026-03-02T08:00:10Z,4\n2026-03-02T08:00:00Z,0.5\n');
  expect(steps).toEqual([
    { at: 0, perSecond: 0.5 },
    { at: 10_000_000, perSecond: 4 },
  ]);
});

test.each([
  ['at,rate\n1s,2\n', 1, 'no-heading'],
  ['time,per_second\nnoon,2\n', 2, 'bad-time'],
  ['time,per_second\n1s,2\n2s,many\n', 3, 'bad-rate'],
  ['time,per_second\n1s,-2\n', 2, 'bad-rate'],
  ['time,per_second\n1s,100001\n', 2, 'bad-rate'],
  ['time,per_second\n', 1, 'no-rates'],
])('%j: line %d, %s', (text, line, code) => {
  expect(read(text).problems.map((problem) => [problem.line, problem.code])).toEqual([[line, code]]);
});

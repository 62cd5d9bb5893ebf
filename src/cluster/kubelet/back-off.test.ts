import { expect, test } from 'vitest';
import { second } from '../../engine/time.ts';
import { BackOff } from './back-off.ts';

test('no pause, 10 s, doubled up to 300 s, and none again when it has held for 600 s', () => {
  const backOff = new BackOff();
  const ends = [0, 1, 20, 50, 100, 200, 400, 800, 1401];
  expect(ends.map((end) => backOff.after(end * second) / second)).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 0]);
});

import { expect, test } from 'vitest';
import { second } from '../../engine/time.ts';
import { IcmpAllowance } from './allowance.ts';

const destination = 0x0a000001;

/** Which of the errors asked for at these instants, in seconds, are sent. */
function sent(times: readonly number[], kind: 'take' | 'takeForRoute'): number[] {
  const allowance = new IcmpAllowance();
  return times.filter((time) => allowance[kind](destination, time * second, second));
}

test('a closed port: six at once, then one a second (recordings path)', () => {
  expect(sent([0, 0, 0, 0, 0, 0, 0, 0.9, 1, 1.5, 2], 'take')).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
});

test('no route for a forwarded packet: each takes two of five, and one in between takes one for nothing', () => {
  expect(sent([0, 0, 0, 2, 3, 4, 6], 'takeForRoute')).toEqual([0, 0, 2, 6]);
  expect(sent([0, 0, 0, 3, 6], 'takeForRoute')).toEqual([0, 0, 3, 6]);
});

test('a pod that has just reached itself through its node has nothing saved up (recording l7)', () => {
  const allowance = new IcmpAllowance();
  const at = (time: number) => time * second;
  for (const time of [0.5, 1, 1.5]) allowance.redirect(destination, at(time));
  const rejected = [2.2, 2.9, 3.6, 4.3, 5, 5.7, 6.4];
  expect(rejected.filter((time) => allowance.take(destination, at(time), second))).toEqual([2.9, 3.6, 5, 5.7]);
});

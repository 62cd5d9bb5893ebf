import { expect, test } from 'vitest';
import { randomStream } from '../engine/random.ts';
import { second } from '../engine/time.ts';
import { corednsWatchRules, retries, watchRules } from './retries.ts';

// Tags of client-go that hold commits 1df276a7c (list) and 4d01b584c (a refused watch), and CoreDNS's go.mod.
test.each([
  ['1.17', 'each-second', 'each-second'],
  ['1.18', 'exponential', 'each-second'],
  ['1.20', 'exponential', 'exponential'],
  ['1.37', 'exponential', 'exponential'],
])('Kubernetes %s: lists %s, watches %s', (release, list, watch) => {
  expect(watchRules(release)).toEqual({ list, watch });
});

test.each([
  ['1.6.9', 'each-second', 'each-second'],
  ['1.7.0', 'exponential', 'each-second'],
  ['1.8.1', 'exponential', 'exponential'],
])('CoreDNS %s: lists %s, watches %s', (release, list, watch) => {
  expect(corednsWatchRules(release)).toEqual({ list, watch });
});

test('pauses between tries', () => {
  const pauses = (rule: 'each-second' | 'exponential', count: number) => {
    const tries = retries(rule, 10 * second, randomStream('1', 'watch'));
    let before = 10 * second;
    return Array.from({ length: count }, () => {
      const at = tries.next().value;
      const pause = (at - before) / second;
      before = at;
      return pause;
    });
  };
  expect(pauses('each-second', 4)).toEqual([1, 1, 1, 1]);
  const bases = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30];
  for (const [i, pause] of pauses('exponential', 8).entries()) {
    expect(pause).toBeGreaterThanOrEqual(bases[i] ?? 0);
    expect(pause).toBeLessThanOrEqual(2 * (bases[i] ?? 0));
  }
});

import { expect, test } from 'vitest';
import { flow as flowOf, step } from '../../../test/support/flow.ts';
import { second } from '../../engine/time.ts';
import { entry } from './entry.ts';

const flow = flowOf(65, [step(65, 'birth'), step(70, 'refresh'), step(75, 'refresh')], {
  ended: 105 * second,
  endedBy: 'expired',
});

test.each([
  ['both ends of its reply', { at: 66, replySource: '10.43.0.10', replyDestination: '172.20.112.199' }, true],
  ['another end', { at: 66, replySource: '172.20.112.199' }, false],
  ['its flags', { at: 66, flags: ['UNREPLIED' as const] }, true],
  ['flags that it has not', { at: 66, flags: [] }, false],
  ['whole seconds left', { at: 76.5, timeout: 28 * second }, true],
  ['packets so far', { at: 74, refreshed: 1 }, true],
  ['packets to come', { at: 74, refreshed: 2 }, false],
  ['an entry not born yet', { at: 64, flags: ['UNREPLIED' as const] }, false],
  ['an entry that ran out', { at: 105, flags: ['UNREPLIED' as const] }, false],
])('%s', (_, { at, ...wanted }, met) => {
  expect(entry({ at: at * second, ...wanted }, [flow]).met).toBe(met);
});

test('what was wanted and what came', () => {
  expect(entry({ at: 76 * second, replySource: '172.20.112.199', flags: [] }, [flow])).toEqual({
    expected: 'conntrack entry at 76s: reply from 172.20.112.199, no flags',
    met: false,
    reason: 'reply from 10.43.0.10 to 172.20.112.199, [UNREPLIED], 29s left, 2 refreshes',
  });
});

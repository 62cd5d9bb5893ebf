import { describe, expect, it } from 'vitest';
import { second } from '../engine/time.ts';
import type { JudgedLookup } from './lookup.ts';
import { outages, stalePeriods } from './periods.ts';
import { summarise } from './summary.ts';

/** One lookup a second from t = 0, taking 10 ms: `r` right, `s` stale since `changed`, `x` failed, `-` none. */
function lookups(verdicts: string, changed = 0): JudgedLookup[] {
  return [...verdicts].flatMap((letter, index): JudgedLookup[] => {
    if (letter === '-') return [];
    const verdict = letter === 's' ? 'stale' : letter === 'x' ? 'failed' : 'right';
    return [
      {
        workload: 'app',
        host: 'app',
        trace: index + 1,
        name: 'db.example.com.',
        answeredName: 'db.example.com.',
        start: index * second,
        end: index * second + 10_000,
        result: letter === 'x' ? 'EAI_AGAIN' : 'OK',
        addresses: letter === 'x' ? [] : ['10.0.0.1'],
        verdict,
        staleSince: verdict === 'stale' ? changed : undefined,
      },
    ];
  });
}

describe('stale periods', () => {
  it.each([
    ['lasts from the change to the return of the first right answer', 'rrsssrr', 1.5, [[1.5, 5.01, 3]]],
    ['is not ended by a failure', 'rrsxsrr', 1.5, [[1.5, 5.01, 2]]],
    [
      'starts anew at its first stale answer after a right one',
      'rrsrsrr',
      1.5,
      [
        [1.5, 3.01, 1],
        [4, 5.01, 1],
      ],
    ],
    ['lasts to the end of the run when nothing heals it', 'rrss', 1.5, [[1.5, 10, 2]]],
    ['does not exist without a stale answer', 'rrxr', 1.5, []],
  ])('%s', (_, verdicts, changed, expected) => {
    const found = stalePeriods(lookups(verdicts, changed * second), 10 * second);
    expect(found.map((p) => [p.from / second, p.to / second, p.lookups])).toEqual(expected);
  });
});

describe('outages', () => {
  it.each([
    ['lasts from the first failure to the return of the next answer', 'rxxrr', [[1, 3.01, 2]]],
    [
      'is ended by a stale answer too',
      'rxsxr',
      [
        [1, 2.01, 1],
        [3, 4.01, 1],
      ],
    ],
    ['lasts to the end of the run when nothing heals it', 'rrrrrrrrx', [[8, 10, 1]]],
    ['lasts to the end of the run when it is asked as seldom as before', 'r---x', [[4, 10, 1]]],
    ['ends with the last failure when nothing is asked long afterwards', 'rxx', [[1, 2.01, 2]]],
    ['ends with its only lookup', '-x', [[1, 1.01, 1]]],
  ])('%s', (_, verdicts, expected) => {
    const found = outages(lookups(verdicts), 10 * second);
    expect(found.map((p) => [p.from / second, p.to / second, p.lookups])).toEqual(expected);
  });
});

it('with several threads the first and the last failure are told by their start, not by their return', () => {
  const [one, other] = lookups('xx').map((lookup, i) => ({
    ...lookup,
    start: (2 - i) * second,
    end: (3 + i) * second,
  }));
  if (one === undefined || other === undefined) throw new Error('two lookups');
  expect(summarise('app', [one, other], 9 * second).failures).toMatchObject({ first: second, last: 2 * second });
});

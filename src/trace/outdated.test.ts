import { describe, expect, it } from 'vitest';
import { second } from '../engine/time.ts';
import { outdatedSince } from './outdated.ts';

const there = 10 * second;
// Each strand's parent: a lookup (1), NodeLocal's query (2), CoreDNS's query (3); and another lookup (4), its query (5).
const parents: readonly number[] = [0, 0, 1, 2, 0, 4];

const denial = { name: 'a.example.', rcode: 'NXDOMAIN', filledBy: 0 };

function since() {
  return outdatedSince(
    { parentOf: (trace) => parents[trace] ?? 0 },
    { thereSince: (_, at) => (at >= there ? there : undefined) },
  );
}

describe('what a cache had outdated', () => {
  it.each([
    ['a denial from before the name was there', { t: 12 * second, age: 5, trace: 3 }, there],
    ['a denial of the second in which the name came', { t: 12 * second, age: 2, trace: 3 }, there],
    ['a denial of a name that was there before', { t: 20 * second, age: 5, trace: 3 }, undefined],
    ['a denial while the name is not there yet', { t: 8 * second, age: 5, trace: 3 }, undefined],
    ['a cached failure', { t: 12 * second, age: 5, trace: 3, rcode: 'SERVFAIL' }, undefined],
  ])('%s', (_, of, expected) => {
    expect(since()({ ...denial, ...of })).toBe(expected);
  });

  it('no denial of a name that was there from the start', () => {
    const fromTheStart = outdatedSince({ parentOf: () => 0 }, { thereSince: () => 0 });
    expect(fromTheStart({ ...denial, t: 2 * second, age: 2, trace: 3 })).toBeUndefined();
  });

  it('a younger denial that came out of an outdated cache', () => {
    const ask = since();
    ask({ ...denial, t: 12 * second, age: 5, trace: 3 });
    expect(ask({ ...denial, t: 20 * second, age: 8, trace: 5, filledBy: 2 })).toBe(there);
    expect(since()({ ...denial, t: 20 * second, age: 8, trace: 5, filledBy: 2 })).toBeUndefined();
  });
});

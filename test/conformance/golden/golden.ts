import { isDeepStrictEqual } from 'node:util';
import { cacheCases } from './cache.ts';
import { type GoldenCase, goldenCases } from './cases.ts';
import { otherCases } from './other.ts';

const cases = { ...cacheCases, ...otherCases };

/** Where a later release does otherwise, as recordings of it show: what was derived from CoreDNS's source ends there. */
const overtaken: Readonly<Record<string, readonly string[]>> = {
  // cache-servfail-timeout: 1.15.0 keeps the SERVFAIL of a forward that gave up.
  'forward-own-servfail-not-cached': ['1.15.0'],
};

/** Storms take a while to simulate: the first and the last of their releases stand for all. */
const heavy: readonly string[] = ['forward-fast-fail-spin'];

/** What does not agree, a line for each release; empty: the case holds in all of them. */
function golden({ id, number, releases, given, expect }: GoldenCase): string[] {
  const run = cases[id];
  if (run === undefined) return [`golden ${id} ${number}: of a kind that cannot be run yet`];
  if (releases.length === 0) return [`golden ${id} ${number}: of no release that is modelled`];
  const [first, last] = [releases[0], releases.at(-1)];
  return releases.flatMap((release) => {
    const passedOver = heavy.includes(id) && release !== first && release !== last;
    if (passedOver || overtaken[id]?.includes(release)) return [];
    const shown = run(given, release);
    if (isDeepStrictEqual(shown, expect)) return [];
    const both = `expected ${JSON.stringify(expect)}, shown ${JSON.stringify(shown)}`;
    return [`golden ${id} ${number}: ${release}: ${both}`];
  });
}

/** How the cases of a file fare. */
export function goldenResult(path: string): { agree: number; all: number; differences: string[] } {
  const results = goldenCases(path).map(golden);
  const agree = results.filter((lines) => lines.length === 0).length;
  return { agree, all: results.length, differences: results.flat() };
}

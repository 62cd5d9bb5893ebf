import { expect, test } from 'vitest';
import { disk } from '../cli/disk.ts';
import { loadScenario, run } from '../index.ts';
import { sideBySide, sideTable } from './side-by-side.ts';

const tableOf = (name: string) => {
  const side = sideBySide(run(loadScenario(`scenarios/${name}`, disk)));
  return side === undefined ? undefined : sideTable(side).map((row) => row.join(' | '));
};

// Waits: facts, resolvers 0 and 5; queries: 4 names x 2 types x servers asked.
test('each client in a row, each moment in a column', () => {
  expect(tableOf('seven-resolvers-ndots-1')).toEqual([
    'www.example.com | resolver | at 1 s | at 27 s | at 53 s',
    'debian | glibc 2.36 | 5 s (4) | 5 s (4) | 5 s (4)',
    'java | Java 17, glibc 2.36 | 5 s (4) | 0 ms (0) | 5 s (4)',
    expect.stringMatching(/^alpine-3-17 \| musl 1\.2\.3 \| [\d.]+ ms \(4\)/),
    expect.stringMatching(/^alpine-3-20 \| musl 1\.2\.5 \| [\d.]+ ms \(4\)/),
    'golang | go 1.22 | 5 s (4) | 5 s (4) | 5 s (4)',
    expect.stringMatching(/^node-resolve4 \| c-ares 1\.34 \| [23] s \(2\)/),
    'dig | dig 9.18 | 15 s (4) | 15 s (4) | 15 s (4)',
  ]);
});

test('a lookup that failed is marked', () => {
  expect(tableOf('musl-search-stops-servfail')?.[2]).toBe('alpine-3-17 | musl 1.2.3 | 5 s! (18) | 5 s! (18)');
});

test('clients that do the same, or other things, are not compared', () => {
  expect(tableOf('negative-cache')).toBeUndefined();
});

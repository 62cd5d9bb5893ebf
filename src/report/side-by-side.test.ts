import { expect, test } from 'vitest';
import { disk } from '../cli/disk.ts';
import { loadScenario, run } from '../index.ts';
import { sideBySide, sideTables } from './side-by-side.ts';

const tablesOf = (name: string) => {
  const side = sideBySide(run(loadScenario(`scenarios/${name}`, disk)));
  return side === undefined ? [] : sideTables(side).map((rows) => rows.map((row) => row.join(' | ')));
};

// Waits: facts, resolvers 0 and 5; queries: 4 names x 2 types x servers asked.
test('each client in a row, each moment in a column', () => {
  expect(tablesOf('seven-resolvers-ndots-1')).toEqual([
    [
      'www.example.com | resolver | at 1 s | at 27 s | at 53 s',
      'debian | glibc 2.36 | 5 s (4) | 5 s (4) | 5 s (4)',
      'java | Java 17, glibc 2.36 | 5 s (4) | 0 ms (0) | 5 s (4)',
      expect.stringMatching(/^alpine-3-17 \| musl 1\.2\.3 \| [\d.]+ ms \(4\)/),
      expect.stringMatching(/^alpine-3-20 \| musl 1\.2\.5 \| [\d.]+ ms \(4\)/),
      'golang | go 1.22 | 5 s (4) | 5 s (4) | 5 s (4)',
      expect.stringMatching(/^node-resolve4 \| c-ares 1\.34 \| [23] s \(2\)/),
      'dig | dig 9.18 | 15 s (4) | 15 s (4) | 15 s (4)',
    ],
  ]);
});

test('a lookup that failed is marked', () => {
  expect(tablesOf('musl-search-stops-servfail')[0]?.[2]).toBe('alpine-3-17 | musl 1.2.3 | 5 s! (18) | 5 s! (18)');
});

test('of more than three moments three stand beside each other', () => {
  expect(tablesOf('insertion-race').map(([head]) => head)).toEqual([
    'www.example.com. | resolver | at 1 s | at 11 s | at 21 s',
    'www.example.com. | resolver | at 31 s | at 41 s | at 51 s',
  ]);
});

test('clients that do the same, or other things, are not compared', () => {
  expect(tablesOf('negative-cache')).toEqual([]);
});

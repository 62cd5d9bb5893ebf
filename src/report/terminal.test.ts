import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hanging, narrowTable, table, wrap } from './terminal.ts';

describe('wrap', () => {
  it.each([
    ['keeps a number with its unit', 'it took 30 s', 10, ['it took', '30 s']],
    ['keeps what is quoted together', 'because `cache 30` cut', 16, ['because', '`cache 30` cut']],
    ['leaves a long word whole', 'a networkaddress.cache.ttl b', 10, ['a', 'networkaddress.cache.ttl', 'b']],
  ])('%s', (_, text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9`]{1,12}$/)), fc.integer({ min: 1, max: 40 }), (words, width) => {
        expect(wrap(words.join(' '), width).join(' ')).toBe(words.join(' '));
      }),
    );
  });
});

it('hangs a paragraph below its lead', () => {
  const lines = hanging('  lead  ', 'word '.repeat(20).trim());
  expect(lines[0]).toMatch(/^ {2}lead {2}word/);
  expect(lines[1]).toMatch(/^ {8}word/);
});

it('cuts the first column where a row would not fit', () => {
  const others = ['x'.repeat(40), 'y'.repeat(20)];
  const [fits, cut] = narrowTable([
    ['a'.repeat(16), ...others],
    ['b'.repeat(17), ...others],
  ]);
  expect(fits).toBe(`${'a'.repeat(16)}  ${others.join('  ')}`);
  expect(cut).toBe(`${'b'.repeat(15)}…  ${others.join('  ')}`);
});

it('lines columns up', () => {
  expect(
    table([
      ['name', 'n'],
      ['a', '10'],
      ['longer', '2'],
    ]),
  ).toEqual(['name     n', 'a       10', 'longer   2']);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agrees, markdownOf, partsOf } from './console.ts';
import { withOutputsOf } from './tutorial.ts';

const tutorials = readdirSync('docs').filter((name) => /^(tutorial.*|questions)\.md$/.test(name));

test.each(tutorials)('%s shows what its commands print (npm run docs writes it)', async (name) => {
  const text = readFileSync(`docs/${name}`, 'utf8');
  expect(await withOutputsOf(text)).toBe(text);
});

test.each(tutorials)('%s links to what is there', (name) => {
  const links = [...readFileSync(`docs/${name}`, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(
    ([, path]) => path ?? '',
  );
  expect(links.filter((path) => !existsSync(`docs/${path}`))).toEqual([]);
});

test('a tutorial is put together as it was taken apart', () => {
  const text = 'one\n\n```console\n$ a\nx\n$ b\n```\n\ntwo\n\n```console\n$ c\n\ny\n```\n';
  expect(markdownOf(partsOf(text))).toBe(text);
  expect(partsOf(text).filter(({ kind }) => kind === 'console')).toHaveLength(2);
});

test.each([
  ['the same', ['a', 'b'], ['a', 'b'], true],
  ['another line', ['a', 'b'], ['a', 'c'], false],
  ['a line more', ['a'], ['a', 'b'], false],
  ['the middle left out', ['a', '…', 'd'], ['a', 'b', 'c', 'd'], true],
  ['the end left out', ['a', '…'], ['a', 'b', 'c'], true],
  ['nothing left out', ['a', '…'], ['a'], true],
  ['the middle left out, and another end', ['a', '…', 'd'], ['a', 'b', 'c'], false],
])('shown and printed: %s', (_, shown, printed, outcome) => {
  expect(agrees(shown, printed)).toBe(outcome);
});

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rememberRuns } from '../support/remembered-runs.ts';
import { pages, scenariosIn } from '../support/shown-in-docs.ts';
import { agrees, markdownOf, partsOf } from './console.ts';
import { withOutputsOf } from './tutorial.ts';

const remembered = rememberRuns();

describe.each(pages)('%s', (page) => {
  // One of them has sixty commands.
  test('shows what its commands print (npm run docs writes it)', { timeout: 300_000 }, async () => {
    const text = readFileSync(`docs/${page}`, 'utf8');
    expect(await withOutputsOf(text)).toBe(text);
  });

  const shown = scenariosIn(page);
  if (shown.length > 0)
    test.each(shown)('%s meets its expectations, explains what failed, and fits in 80 columns', (name) => {
      const judgement = remembered.judged.get(name);
      expect(judgement).toMatchObject({ unmet: [], unexplained: [], tooLong: [] });
      expect(judgement?.expectations).toBeGreaterThan(0);
    });
});

test.each(pages)('%s links to what is there', (name) => {
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

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .sort()
  .map((path) => ({ path: `src/${path}`, lines: readFileSync(`src/${path}`, 'utf8').split('\n') }));

/** `file:line text` of every line that a rule forbids. */
function linesThat(forbidden: (line: string) => boolean): string[] {
  return sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, at) => (forbidden(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
  );
}

test('files stay short enough to be read at one sitting', () => {
  expect(sources.filter(({ lines }) => lines.length > 400).map(({ path }) => path)).toEqual([]);
});

test('logarithms and powers, which differ between engines in the last bit, are rounded where they are taken', () => {
  const taken = /Math\.(log|log2|log10|exp|pow|sin|cos|sqrt)\(|\*\*/;
  const rounded = /Math\.(round|floor|ceil|trunc)\(|\bsteady\(/;
  const comment = /^\s*(\/?\*|\/\/)/;
  const powerOfTwo = /\b2 \*\* /;
  expect(
    linesThat((line) => taken.test(line) && !rounded.test(line) && !comment.test(line) && !powerOfTwo.test(line)),
  ).toEqual([]);
});

test('nothing names a place on the machine it was written on', () => {
  expect(linesThat((line) => /['"`]\/(work|root|home)\//.test(line))).toEqual([]);
});

test('recordings that sources and scenarios name are there', () => {
  const there = readdirSync('test/recordings', { recursive: true, encoding: 'utf8' }).map((path) => `/${path}`);
  const scenarios = readdirSync('scenarios', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(md|yaml)$/.test(path))
    .map((path) => ({ path: `scenarios/${path}`, lines: readFileSync(`scenarios/${path}`, 'utf8').split('\n') }));
  const name =
    /\b(?:recursor|path|trunc|cache|forward|corefile|size|nodelocal|glibc|go|musl\d*|node|java\d+|dig)-[a-z0-9-]+/g;
  const lost = [...sources, ...scenarios].flatMap(({ path, lines }) =>
    lines.flatMap((line) => {
      const [, ...behind] = line.split(/recordings?\b/i);
      const named = behind.join('').match(name) ?? [];
      return named.filter((one) => !there.some((file) => file.includes(`/${one}`))).map((one) => `${path}: ${one}`);
    }),
  );
  expect(lost).toEqual([]);
});

import { expect, test } from 'vitest';
import { differences } from './determinism.ts';

const file = (name: string, content: string) => ({ name, content });

test.each([
  ['the same', [file('a', '1\n2')], [file('a', '1\n2')], []],
  ['another line', [file('a', '1\n2\n3')], [file('a', '1\nx\n3')], ['a differs from line 2 on']],
  ['a longer file', [file('a', '1\n2')], [file('a', '1\n2\n3')], ['a differs from line 3 on']],
  ['a missing file', [file('a', ''), file('b', '')], [file('a', '')], ['b came out of one run only']],
])('two reports with %s', (_what, first, second, expected) => {
  expect(differences(first, second)).toEqual(expected);
});

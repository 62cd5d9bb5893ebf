import { expect, test } from 'vitest';
import type { TakeOctets } from '../report/octets.ts';
import { differences } from './determinism.ts';

const file = (name: string, content: string) => ({ name, content });
const inPieces = (name: string, ...pieces: number[][]) => ({
  name,
  content: (take: TakeOctets) => {
    for (const octets of pieces) take(Uint8Array.from(octets));
  },
});

test.each([
  ['the same', [file('a', '1\n2')], [file('a', '1\n2')], []],
  ['another line', [file('a', '1\n2\n3')], [file('a', '1\nx\n3')], ['a differs from line 2 on']],
  ['a longer file', [file('a', '1\n2')], [file('a', '1\n2\n3')], ['a differs from line 3 on']],
  ['a file in other pieces', [inPieces('a', [0x31, 0xc3], [0xa4])], [inPieces('a', [0x31], [0xc3, 0xa4])], []],
  ['another piece', [inPieces('a', [0x31, 0x0a], [0x32])], [file('a', '1\n3')], ['a differs from line 2 on']],
  ['a missing file', [file('a', ''), file('b', '')], [file('a', '')], ['b came out of one run only']],
])('two reports with %s', (_what, first, second, expected) => {
  expect(differences(first, second)).toEqual(expected);
});

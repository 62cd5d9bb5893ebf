import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedLines } from './lines.ts';

function diff(a: string, b: string) {
  return changedLines('Corefile', { file: 'a', text: a }, { file: 'b', text: b }).map((difference) =>
    difference.kind === 'lines'
      ? [difference.a.line, difference.a.lines, difference.b.line, difference.b.lines]
      : difference,
  );
}

describe('lines that differ', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', []],
    ['comments, blanks and indents', 'a # x\n\n  b\n', '# y\na\n\tb', []],
    ['one line', 'a\nb\nc\n', 'a\nx\nc\n', [[2, ['b'], 2, ['x']]]],
    [
      'two stretches',
      'a\nb\nc\nd\n',
      'a\nx\nc\ny\nz\n',
      [
        [2, ['b'], 2, ['x']],
        [4, ['d'], 4, ['y', 'z']],
      ],
    ],
    ['a line more', 'a\nc\n', 'a\nb\nc\n', [[2, [], 2, ['b']]]],
    ['a line less', 'a\nb\n', 'a\n', [[2, ['b'], 0, []]]],
  ])('%s', (_, a, b, expected) => {
    expect(diff(a, b)).toEqual(expected);
  });

  const texts = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 12 });

  test('what is told, put in place of what it replaces, makes the other text', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const rebuilt = [...a];
        const found = changedLines('f', { file: 'a', text: a.join('\n') }, { file: 'b', text: b.join('\n') });
        for (const difference of found.reverse()) {
          if (difference.kind !== 'lines') throw new Error('only lines were compared');
          const { a: from, b: to } = difference;
          // Without a line of its own it stands at the end.
          const at = from.line === 0 ? rebuilt.length : from.line - 1;
          rebuilt.splice(at, from.lines.length, ...to.lines);
        }
        expect(rebuilt).toEqual(b);
      }),
    );
  });
});

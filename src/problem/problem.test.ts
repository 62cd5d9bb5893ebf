import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem, type Problem, positionAt } from './problem.ts';

const problem = (line: number, column: number, hint = ''): Problem => ({
  code: 'some-code',
  file: 'Corefile',
  line,
  column,
  message: 'unknown directive cahce',
  hint,
});

describe('positionAt', () => {
  const source = { file: 'f', text: 'ab\n\ncd' };
  test.each([
    [0, 1, 1],
    [2, 1, 3],
    [3, 2, 1],
    [4, 3, 1],
    [6, 3, 3],
  ])('offset %d is line %d, column %d', (offset, line, column) => {
    expect(positionAt(source, offset)).toEqual({ file: 'f', line, column });
  });
});

describe('formatProblem', () => {
  test('shows the line, a caret and the remedy', () => {
    const text = '. {\r\n\tcahce 30\r\n}\r\n';
    expect(formatProblem(problem(2, 2, 'did you mean cache?'), text)).toBe(
      ['Corefile:2:2: unknown directive cahce', '   cahce 30', '   ^', '  did you mean cache?'].join('\n'),
    );
  });

  test('shows that a line was cut, and nothing that would act on a terminal', () => {
    const line = (column: number, text: string) => formatProblem(problem(1, column), text).split('\n')[1];
    expect(line(1, `${'a'.repeat(74)}3600`)).toBe(`  ${'a'.repeat(74)}3…`);
    expect(line(1, `${'a'.repeat(72)}3600`)).toBe(`  ${'a'.repeat(72)}3600`);
    expect(line(100, 'a'.repeat(99).concat('b'))).toBe(`  …${'a'.repeat(36)}b`);
    expect(line(1, 'a\u001b[2Jb')).toBe('  a [2Jb');
  });

  test('shows no line that is blank, absent or unknown', () => {
    const alone = 'Corefile:2:1: unknown directive cahce';
    expect(formatProblem(problem(2, 1), 'a\n  \nb')).toBe(alone);
    expect(formatProblem(problem(2, 1), 'a')).toBe(alone);
    expect(formatProblem(problem(2, 1), undefined)).toBe(alone);
  });

  test('the caret stands under its column and nothing is wider than 78, however long the line', () => {
    const length = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(length, length, (width, at) => {
        const column = Math.min(width, at);
        const text = `${'a'.repeat(column - 1)}X${'b'.repeat(width - column)}`;
        const [, line = '', caret = ''] = formatProblem(problem(1, column), text).split('\n');
        expect(line[caret.indexOf('^')]).toBe('X');
        expect(line.length).toBeLessThanOrEqual(78);
      }),
    );
  });
});

import type { Source } from '../../problem/problem.ts';
import type { InputDifference } from './inputs.ts';

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Longer texts than this are compared by where they begin and end to differ. */
const longest = 2000;

/** Stretches of lines that differ between two texts, in order; comments, blank lines and indents do not count. */
export function changedLines(what: string, a: Source, b: Source): InputDifference[] {
  const [left, right] = [linesOf(a), linesOf(b)];
  const differences: InputDifference[] = [];
  for (const [from, to] of stretches(left, right)) {
    differences.push({
      kind: 'lines',
      what,
      a: { file: a.file, line: left[from.start]?.number ?? 0, lines: texts(left, from) },
      b: { file: b.file, line: right[to.start]?.number ?? 0, lines: texts(right, to) },
    });
  }
  return differences;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function texts(lines: readonly Line[], { start, end }: Range): string[] {
  return lines.slice(start, end).map(({ text }) => text);
}

function linesOf({ text }: Source): Line[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({
      number: i + 1,
      text: line
        .replace(/(^|\s)[#;].*$/, '')
        .trim()
        .replace(/\s+/g, ' '),
    }))
    .filter((line) => line.text !== '');
}

/** Pairs of ranges that take each other's place, by the longest common subsequence of what lies between. */
function stretches(a: readonly Line[], b: readonly Line[]): (readonly [Range, Range])[] {
  const same = (i: number, j: number) => a[i]?.text === b[j]?.text;
  let top = 0;
  while (top < a.length && top < b.length && same(top, top)) top++;
  let bottom = 0;
  while (bottom < a.length - top && bottom < b.length - top && same(a.length - 1 - bottom, b.length - 1 - bottom))
    bottom++;
  const [endA, endB] = [a.length - bottom, b.length - bottom];
  if (endA - top > longest || endB - top > longest)
    return [
      [
        { start: top, end: endA },
        { start: top, end: endB },
      ],
    ];
  const found: (readonly [Range, Range])[] = [];
  let [startA, startB] = [top, top];
  const close = (i: number, j: number) => {
    if (i > startA || j > startB)
      found.push([
        { start: startA, end: i },
        { start: startB, end: j },
      ]);
  };
  const lengths = commonLengths(a.slice(top, endA), b.slice(top, endB));
  let [i, j] = [top, top];
  while (i < endA && j < endB) {
    if (same(i, j)) {
      close(i, j);
      i++;
      j++;
      [startA, startB] = [i, j];
    } else if ((lengths[i + 1 - top]?.[j - top] ?? 0) >= (lengths[i - top]?.[j + 1 - top] ?? 0)) i++;
    else j++;
  }
  close(endA, endB);
  return found;
}

/** Length of the longest common subsequence of what follows each pair of places. */
function commonLengths(a: readonly Line[], b: readonly Line[]): Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const [row, below] = [lengths[i], lengths[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i]?.text === b[j]?.text ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}

import type { Content, ReportFile } from '../report/report-file.ts';

/** Where two reports of one scenario differ: a sentence a file; none when they are the same to the byte. */
export function differences(first: readonly ReportFile[], second: readonly ReportFile[]): string[] {
  const names = [...new Set([...first, ...second].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [one, other] = [first, second].map((files) => files.find((file) => file.name === name)?.content);
    if (one === undefined || other === undefined) return [`${name} came out of one run only`];
    const [a, b] = [textOf(one), textOf(other)];
    return a === b ? [] : [`${name} differs from line ${firstDifferentLine(a, b)} on`];
  });
}

function firstDifferentLine(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  return left.findIndex((line, at) => line !== right[at]) + 1 || left.length + 1;
}

function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  content((octets) => pieces.push(decoder.decode(octets, { stream: true })));
  return pieces.join('');
}

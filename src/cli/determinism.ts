import type { ReportFile } from '../report/report-file.ts';

/** Where two reports of one scenario differ: a sentence a file; none when they are the same to the byte. */
export function differences(first: readonly ReportFile[], second: readonly ReportFile[]): string[] {
  const names = [...new Set([...first, ...second].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [a, b] = [first, second].map((files) => files.find((file) => file.name === name)?.content);
    if (a === undefined || b === undefined) return [`${name} came out of one run only`];
    return a === b ? [] : [`${name} differs from line ${firstDifferentLine(a, b)} on`];
  });
}

function firstDifferentLine(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  return left.findIndex((line, at) => line !== right[at]) + 1 || left.length + 1;
}

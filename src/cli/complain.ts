import { formatProblem, type Problem } from '../problem/problem.ts';
import { hanging } from '../report/terminal.ts';
import type { Terminal } from './terminal.ts';

/** Says everything that is wrong, each in its place, its remedy in 80 columns; `texts`: files by name, for the lines in question. */
export function complainOf(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  terminal: Pick<Terminal, 'complain'>,
): void {
  for (const problem of problems) {
    const what = formatProblem({ ...problem, hint: '' }, texts.get(problem.file));
    terminal.complain([what, ...(problem.hint === '' ? [] : hanging('  ', problem.hint))].join('\n'));
  }
}

/** `1 problem; nothing was run.` */
export function inSum(problems: number, outcome: string): string {
  return `${problems === 1 ? '1 problem' : `${problems} problems`}; ${outcome}.`;
}

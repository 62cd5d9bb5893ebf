/** A user's own text: the file's name as the user knows it, and what stands in it. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** A place in a source. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One mistake of the user's, with its place, its cause and a remedy. */
export interface Problem extends Position {
  /** Stable kebab-case code, such as `unknown-directive`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it; empty where the message already says it. */
  readonly hint: string;
}

/** Parsers never throw: they add to a list of problems and go on, so that all mistakes show at once. */
export type Problems = Problem[];

/** Thrown at the edge (library, command line) when problems were found; never a stack trace for the user. */
export class ProblemsFound extends Error {
  readonly problems: readonly Problem[];
  /** Texts of the files, by name, for printing the lines in question. */
  readonly texts: ReadonlyMap<string, string>;
  constructor(problems: readonly Problem[], texts: ReadonlyMap<string, string> = new Map()) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'));
    this.name = 'ProblemsFound';
    this.problems = problems;
    this.texts = texts;
  }
}

/** Offsets at which the lines of a source begin. */
const lineStarts = new WeakMap<Source, readonly number[]>();

function lineStartsOf(source: Source): readonly number[] {
  let starts = lineStarts.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) found.push(at + 1);
    starts = found;
    lineStarts.set(source, starts);
  }
  return starts;
}

/** Line and column of an offset into a text. */
export function positionAt(source: Source, offset: number): Position {
  const starts = lineStartsOf(source);
  let [first, last] = [0, starts.length - 1];
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if ((starts[middle] ?? 0) <= offset) first = middle;
    else last = middle - 1;
  }
  return { file: source.file, line: first + 1, column: offset - (starts[first] ?? 0) + 1 };
}

const widest = 76;

/** The source line and a caret under the column, cut so that both fit a narrow terminal: `…` stands where it was cut. */
function pointAt(sourceLine: string, column: number): string[] {
  const start = column > widest - 10 ? column - widest / 2 : 0;
  const whole = sourceLine.replaceAll(/\p{Cc}/gu, ' ');
  const rest = whole.slice(start);
  const cut = rest.length > widest ? `${rest.slice(0, widest - 1)}…` : rest;
  const line = start > 0 ? `…${cut.slice(1)}` : cut;
  return [`  ${line}`, `  ${' '.repeat(column - 1 - start)}^`];
}

/** Problems of one file come one after the other: its lines are kept until another text is asked for. */
let split: { readonly text: string; readonly lines: readonly string[] } = { text: '', lines: [] };

function lineOf(text: string, line: number): string | undefined {
  if (split.text !== text) split = { text, lines: text.split(/\r?\n/) };
  return split.lines[line - 1];
}

/** `file:line:column: message`, the source line, a caret and the remedy. */
export function formatProblem(problem: Problem, text: string | undefined): string {
  const lines = [`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`];
  const sourceLine = text === undefined ? undefined : lineOf(text, problem.line);
  if (sourceLine !== undefined && sourceLine.trim() !== '') lines.push(...pointAt(sourceLine, problem.column));
  if (problem.hint !== '') lines.push(`  ${problem.hint}`);
  return lines.join('\n');
}

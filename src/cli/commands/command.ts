import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

/** An option of a command. `list`: may be given several times. */
export interface Option {
  readonly type: 'text' | 'flag' | 'list';
  readonly describe: string;
}

/** The words and options of a command line. */
export interface Given {
  /** Words that are no options, in order. */
  readonly words: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly flag: (option: string) => boolean;
  readonly list: (option: string) => readonly string[];
}

/** A command of the tool: `dnspath NAME …`. What it needs to do its work is imported when it is executed, not before. */
export interface Command {
  readonly name: string;
  /** A line for `dnspath --help`. */
  readonly summary: string;
  /** After `dnspath NAME`: the words that it takes, and what they are. */
  readonly usage: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What to type after `dnspath NAME`, and what comes of it. */
  readonly examples: readonly (readonly [line: string, outcome: string])[];
  readonly epilogue: string;
  /** Mistakes in the words and options, a sentence each; unknown options and absent values are found before. */
  readonly mistakes: (given: Given) => string[];
  readonly execute: (given: Given, terminal: Terminal, program: URL | undefined) => Promise<ExitCode>;
}

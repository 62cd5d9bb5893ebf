import type { Position } from '../../problem/problem.ts';

/** A word of a Corefile as the lexer left it: quotes and comments gone, environment filled in, imports in place. */
export interface Token extends Position {
  readonly text: string;
  /** Line breaks inside a quoted word. */
  readonly lineBreaks: number;
}

import type { Position } from '../../problem/problem.ts';

/** A word of a Corefile as the lexer left it: quotes and comments gone. Lines are those of the text that CoreDNS reads. */
export interface Token extends Position {
  readonly text: string;
}

/** Line breaks inside a quoted word. */
export function lineBreaks(token: Token): number {
  let count = 0;
  for (let at = token.text.indexOf('\n'); at >= 0; at = token.text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Does `token` stand on a later line than `before`, or in another file? */
export function startsLine(token: Token, before: Token | undefined): boolean {
  return before === undefined || before.file !== token.file || before.line + lineBreaks(before) < token.line;
}

/** `Corefile:4`; empty for a word that is not there. */
export function placeOf(token: Token | undefined): string {
  return token === undefined ? '' : `${token.file}:${token.line}`;
}

import type { Position } from '../../problem/problem.ts';

/** A word of a rule or command, with its place. */
export interface Word extends Position {
  readonly text: string;
  /** An unquoted `;` or `&&` of a shell, which ends a command. */
  readonly separates: boolean;
}

/** Which marks quote and separate: a shell's, or those of iptables-save, where only the double quote means anything. */
export type Quoting = 'shell' | 'save';

/** Splits a line into words. An unclosed quote ends with the line. */
export function splitWords(text: string, place: Position, quoting: Quoting): Word[] {
  const words: Word[] = [];
  const at = (start: number) => ({ file: place.file, line: place.line, column: place.column + start });
  let i = 0;
  while (i < text.length) {
    const operator = quoting === 'shell' ? operatorAt(text, i) : '';
    if (operator !== '') words.push({ text: operator, separates: true, ...at(i) });
    i += operator.length;
    if (operator !== '') continue;
    if (isSpace(text[i])) {
      i++;
      continue;
    }
    const start = i;
    const [word, end] = readWord(text, i, quoting);
    words.push({ text: word, separates: false, ...at(start) });
    i = end;
  }
  return words;
}

/** The word that begins at `start`, without its quotes, and where it ends: for iptables-save, a closing quote ends it. */
function readWord(text: string, start: number, quoting: Quoting): [string, number] {
  let word = '';
  let quote = '';
  let i = start;
  for (; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quote === '' && (isSpace(char) || (quoting === 'shell' && operatorAt(text, i) !== ''))) break;
    if (char === '\\' && escapes(quote, quoting) && i + 1 < text.length) word += text[++i];
    else if (char === quote && quoting === 'save') return [word, i + 1];
    else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || (char === "'" && quoting === 'shell'))) quote = char;
    else word += char;
  }
  return [word, i];
}

/** Does a backslash mean anything here? iptables-save knows it between double quotes alone. */
function escapes(quote: string, quoting: Quoting): boolean {
  return quoting === 'shell' ? quote !== "'" : quote === '"';
}

function operatorAt(text: string, i: number): string {
  if (text[i] === ';') return ';';
  return text.startsWith('&&', i) ? '&&' : '';
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r';
}

/** Free text as iptables-save prints it: in quotes where it holds anything but letters, digits, `_` and `-`. */
export function quoteText(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  return quoted(text);
}

/** A name as iptables-save prints it: as it is, in quotes only where it could not be read back. */
export function quoteName(text: string): string {
  return text === '' || /[\s"]/.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["'\\]/g, '\\$&')}"`;
}

import type { Position } from '../../problem/problem.ts';

/** A word of a rule or command, with its place. */
export interface Word extends Position {
  readonly text: string;
}

/** Which marks quote: a shell knows both, iptables-save only the double one. */
export type Quoting = 'shell' | 'save';

/** Splits a line into words. An unclosed quote ends with the line. */
export function splitWords(text: string, place: Position, quoting: Quoting): Word[] {
  const words: Word[] = [];
  let i = 0;
  while (i < text.length) {
    if (isSpace(text[i])) {
      i++;
      continue;
    }
    const start = i;
    let word = '';
    for (let quote = ''; i < text.length && (quote !== '' || !isSpace(text[i])); i++) {
      const char = text[i] ?? '';
      if (char === '\\' && quote !== "'" && i + 1 < text.length) word += text[++i];
      else if (char === quote) quote = '';
      else if (quote === '' && (char === '"' || (char === "'" && quoting === 'shell'))) quote = char;
      else word += char;
    }
    words.push({ text: word, file: place.file, line: place.line, column: place.column + start });
  }
  return words;
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r';
}

/** A word as iptables-save prints it: in quotes where it holds anything but plain characters. */
export function quoteWord(text: string): string {
  if (/^[\w./:@%+,-]+$/.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

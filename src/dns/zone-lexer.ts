import { type Position, type Problems, positionAt, type Source } from '../problem/problem.ts';
import type { Word } from './text.ts';

/** One entry of a zone file: the words of a line, or of several lines held together by parentheses. */
export interface ZoneEntry {
  /** Of the first word. */
  readonly position: Position;
  /** Did the line begin with white space? Then the owner is the one of the entry before. */
  readonly indented: boolean;
  /** `offset` counts from the start of the file. */
  readonly words: readonly Word[];
}

const token = /[ \t\r\f\v\ufeff]+|\n|;[^\n]*|[()]|"(?:\\[^\n]|[^"\\\n])*"?|(?:\\[^\n]|[^\s;()"\\])+|\\/gy;

/** Splits a zone file into entries (RFC 1035 §5.1): comments are gone, quotes and parentheses resolved. */
export function zoneEntries(source: Source, problems: Problems): ZoneEntry[] {
  const entries: ZoneEntry[] = [];
  let words: Word[] = [];
  let indented = false;
  let depth = 0;
  let opened = 0;
  let lineStart = true;
  const problem = (offset: number, code: string, message: string, hint: string) =>
    problems.push({ ...positionAt(source, offset), code, message, hint });
  const flush = () => {
    const first = words[0];
    if (first !== undefined) entries.push({ position: positionAt(source, first.offset), indented, words });
    words = [];
    lineStart = true;
  };
  for (const { 0: part, index } of source.text.matchAll(token)) {
    if (part === '\n') {
      if (depth === 0) flush();
      continue;
    }
    if (lineStart) {
      indented = /^[ \t]/.test(part);
      lineStart = false;
    }
    if (part.startsWith(';') || /^\s/.test(part)) continue;
    if (part === '(') {
      if (depth++ === 0) opened = index;
    } else if (part === ')') {
      if (depth === 0) problem(index, 'stray-parenthesis', 'this ) closes nothing', 'remove it, or open a ( before it');
      else depth--;
    } else if (part.startsWith('"')) {
      if (!isClosed(part)) problem(index, 'open-quote', 'a quoted text is not closed on its line', 'add the closing "');
      words.push({ text: unquote(part), quoted: true, offset: index });
    } else words.push({ text: part, quoted: false, offset: index });
  }
  if (depth > 0) problem(opened, 'open-parenthesis', 'this ( is never closed', 'add the ) that ends the record');
  flush();
  return entries;
}

function isClosed(quoted: string): boolean {
  return /^"(?:\\.|[^"\\])*"$/.test(quoted);
}

function unquote(quoted: string): string {
  const body = isClosed(quoted) ? quoted.slice(1, -1) : quoted.slice(1);
  return body.replace(/\\(["\\])/g, '$1');
}

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
  const lexer = new Lexer(source, problems);
  for (const { 0: part, index } of source.text.matchAll(token)) lexer.part(part, index);
  return lexer.end();
}

class Lexer {
  readonly #source: Source;
  readonly #problems: Problems;
  readonly #entries: ZoneEntry[] = [];
  #words: Word[] = [];
  #indented = false;
  #lineStart = true;
  /** Offsets of the parentheses that are open. */
  readonly #open: number[] = [];

  constructor(source: Source, problems: Problems) {
    this.#source = source;
    this.#problems = problems;
  }

  part(part: string, offset: number): void {
    if (part === '\n') {
      if (this.#open.length === 0) this.#flush();
      return;
    }
    if (this.#lineStart) this.#indented = /^[ \t]/.test(part);
    this.#lineStart = false;
    if (part === '(') this.#open.push(offset);
    else if (part === ')') this.#close(offset);
    else if (part.startsWith('"')) this.#quoted(part, offset);
    else if (/^[^\s;\ufeff]/.test(part)) this.#words.push({ text: part, quoted: false, offset });
  }

  end(): ZoneEntry[] {
    const [opened] = this.#open;
    if (opened !== undefined) {
      this.#problem(opened, 'open-parenthesis', 'this ( is never closed', 'add the ) that ends the record');
    }
    this.#flush();
    return this.#entries;
  }

  #close(offset: number): void {
    if (this.#open.pop() !== undefined) return;
    this.#problem(offset, 'stray-parenthesis', 'this ) closes nothing', 'remove it, or open a ( before it');
  }

  #quoted(part: string, offset: number): void {
    const isClosed = /^"(?:\\.|[^"\\])*"$/.test(part);
    if (!isClosed) this.#problem(offset, 'open-quote', 'a quoted text is not closed on its line', 'add the closing "');
    const body = part.slice(1, isClosed ? -1 : undefined);
    this.#words.push({ text: body.replace(/\\(["\\])/g, '$1'), quoted: true, offset });
  }

  #flush(): void {
    const [first] = this.#words;
    if (first !== undefined) {
      const position = positionAt(this.#source, first.offset);
      this.#entries.push({ position, indented: this.#indented, words: this.#words });
    }
    this.#words = [];
    this.#lineStart = true;
  }

  #problem(offset: number, code: string, message: string, hint: string): void {
    this.#problems.push({ ...positionAt(this.#source, offset), code, message, hint });
  }
}

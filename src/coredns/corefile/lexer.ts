import type { Source } from '../../problem/problem.ts';
import type { Token } from './token.ts';

const byteOrderMark = '\uFEFF';
/** Unicode white space as Go's unicode.IsSpace has it. */
const whiteSpace = /[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/;

/**
 * The words of a Corefile (caddy's lexer): split on white space; `#` outside quotes begins a comment to the end of the
 * line, or inside a word to the end of that word;
 * a word that begins with `"` runs to the closing one, over lines, and only `\"` is an escape; `\r` is not there.
 */
export function lex(source: Source): Token[] {
  const lexer = new Lexer(source.file);
  const start = source.text.startsWith(byteOrderMark) ? 1 : 0;
  for (let at = start; at < source.text.length; at++) lexer.take(source.text.charAt(at));
  return lexer.end();
}

class Lexer {
  readonly #file: string;
  readonly #tokens: Token[] = [];
  #line = 1;
  #column = 0;
  #word: { text: string; line: number; column: number } | undefined;
  #mode: 'plain' | 'quoted' | 'escaped' | 'comment' = 'plain';

  constructor(file: string) {
    this.#file = file;
  }

  take(character: string): void {
    this.#column++;
    if (this.#word !== undefined && (this.#mode === 'quoted' || this.#mode === 'escaped')) {
      this.#takeQuoted(this.#word, character);
    } else if (character !== '\r') {
      this.#takePlain(character);
    }
    if (character === '\n') {
      this.#line++;
      this.#column = 0;
    }
  }

  /** All words; an open quote's text is a word, unless it is empty. */
  end(): Token[] {
    if (this.#word !== undefined && this.#word.text !== '') this.#finish();
    return this.#tokens;
  }

  #takeQuoted(word: { text: string }, character: string): void {
    if (this.#mode === 'escaped') {
      word.text += character === '"' ? character : `\\${character}`;
      this.#mode = 'quoted';
    } else if (character === '\\') {
      this.#mode = 'escaped';
    } else if (character === '"') {
      this.#mode = 'plain';
      this.#finish();
    } else {
      word.text += character;
    }
  }

  #takePlain(character: string): void {
    if (whiteSpace.test(character)) {
      // The lexer forgets that it is in a comment when it hands out the word before it.
      if (character === '\n' || this.#word !== undefined) this.#mode = 'plain';
      this.#finish();
      return;
    }
    if (character === '#') this.#mode = 'comment';
    if (this.#mode === 'comment') return;
    if (this.#word === undefined) {
      this.#word = { text: '', line: this.#line, column: this.#column };
      if (character === '"') {
        this.#mode = 'quoted';
        return;
      }
    }
    this.#word.text += character;
  }

  #finish(): void {
    if (this.#word !== undefined) this.#tokens.push({ file: this.#file, ...this.#word });
    this.#word = undefined;
  }
}

import type { GoValue } from './go-values.ts';
import { startsLine, type Token } from './token.ts';

/**
 * What a plugin's set-up throws when its lines are wrong. `message` is CoreDNS's own text, without `plugin/NAME: `;
 * `at` is the word that is to blame. The builder of a server catches it; nothing else ever sees it.
 */
export class SetupError extends Error {
  readonly at: Token | undefined;
  /** 2: CoreDNS itself panics here, and `message` is the whole line. */
  readonly exitCode: 1 | 2;
  constructor(message: string, at?: Token, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'SetupError';
    this.at = at;
    this.exitCode = exitCode;
  }
}

/**
 * Hands out the words of one directive, all its occurrences in a block one after the other, with the steps of
 * caddy's `caddyfile.Dispenser`: the cursor starts before the first word, and error texts speak of the word under it.
 */
export class Dispenser {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  readonly #nests: boolean;
  #cursor = -1;
  #nesting = 0;

  /** `nests`: a block opens within a block too. */
  constructor(tokens: readonly Token[], file: string, nests = false) {
    this.#tokens = tokens;
    this.#file = file;
    this.#nests = nests;
  }

  /** The word under the cursor; empty before the first and after the last. */
  get value(): string {
    return this.token?.text ?? '';
  }

  get token(): Token | undefined {
    return this.#tokens[this.#cursor];
  }

  /** To the next word, on whatever line. */
  next(): boolean {
    if (this.#cursor >= this.#tokens.length - 1) return false;
    this.#cursor++;
    return true;
  }

  /** To the next word, for a directive that may stand once in a block (`plugin.ErrOnce`). */
  nextOnly(): boolean {
    const isFirst = this.#cursor < 0;
    if (!this.next()) return false;
    if (!isFirst) throw this.plainError('this plugin can only be used once per Server Block');
    return true;
  }

  /** To the next word of the same line. */
  nextArgument(): boolean {
    if (this.#cursor < 0) {
      this.#cursor++;
      return true;
    }
    const after = this.#tokens[this.#cursor + 1];
    if (after === undefined || startsLine(after, this.token)) return false;
    this.#cursor++;
    return true;
  }

  /**
   * To the next property inside `{ … }`: `while (c.nextBlock())`. The brace opens on the directive's own line;
   * a property's arguments must be taken before the next call.
   */
  nextBlock(): boolean {
    if (this.#nesting > 0) {
      this.next();
      if (this.#nests && this.#at('{')) this.#cursor--;
      else {
        if (!this.#at('}')) return true;
        this.#nesting--;
        return false;
      }
    }
    if (!this.nextArgument()) return false;
    if (!this.#at('{')) {
      this.#cursor--;
      return false;
    }
    this.next();
    if (this.#at('}')) return false;
    this.#nesting++;
    return true;
  }

  /** The rest of the line, up to `{`. */
  remainingArguments(): string[] {
    const rest: string[] = [];
    while (this.nextArgument()) {
      if (this.value === '{') {
        this.#cursor--;
        break;
      }
      rest.push(this.value);
    }
    return rest;
  }

  /** `File:Line - Error during parsing: message` */
  error(message: string): SetupError {
    return new SetupError(`${this.#place()} - Error during parsing: ${message}`, this.token);
  }

  argumentError(): SetupError {
    if (this.value === '{') return this.error("Unexpected token '{', expecting argument");
    return this.error(`Wrong argument count or unexpected line ending after '${this.value}'`);
  }

  syntaxError(expected: string): SetupError {
    const message = `Syntax error: Unexpected token '${this.value}', expecting '${expected}'`;
    return new SetupError(`${this.#place()} - ${message}`, this.token);
  }

  endOfFileError(): SetupError {
    return this.error('Unexpected EOF');
  }

  /** An error whose text names no place (most of CoreDNS's own): `message` as it is. */
  plainError(message: string): SetupError {
    return new SetupError(message, this.token);
  }

  /** A Go panic: `panic: runtime error: …`, exit code 2. */
  panic(message: string): SetupError {
    return new SetupError(`panic: ${message}`, this.token, 2);
  }

  /** The value that Go's parser gave for a word; its error text stops the set-up. */
  taken<T>(read: GoValue<T>): T {
    if ('error' in read) throw this.plainError(read.error);
    return read.value;
  }

  #at(text: string): boolean {
    return this.value === text;
  }

  #place(): string {
    return `${this.token?.file ?? this.#file}:${this.token?.line ?? 0}`;
  }
}

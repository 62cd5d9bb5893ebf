import type { Problem, Source } from '../../problem/problem.ts';
import { nearestWord } from '../../problem/suggestion.ts';
import type { Files } from '../plugin.ts';
import { SetupError } from './dispenser.ts';
import { fillEnvironment } from './environment.ts';
import { findImports } from './imports.ts';
import { lex } from './lexer.ts';
import { remedyFor } from './remedies.ts';
import { startsLine, type Token } from './token.ts';

/** A server block: its keys as written (environment filled in) and the words of each directive, occurrences joined. */
export interface ServerBlock {
  readonly keys: readonly Token[];
  readonly directives: ReadonlyMap<string, readonly Token[]>;
}

/** A Corefile as CoreDNS's parser sees it. */
export interface Corefile {
  readonly blocks: readonly ServerBlock[];
  /** The text with which CoreDNS refuses it; undefined: it is well formed. */
  readonly failure: string | undefined;
  /** Lines that reading it prints to the log. */
  readonly warnings: readonly string[];
}

export interface CorefileContext {
  /** Names that the release knows; undefined: any word will do, as when the `reload` plugin looks at a file. */
  readonly directives: readonly string[] | undefined;
  readonly files: Files;
  readonly environment: Readonly<Record<string, string>>;
}

/** A file that imports itself would be read for ever; CoreDNS gives up here too, by running out of memory. */
const mostImports = 1000;
const mostTokens = 100_000;

/** Parses a Corefile (caddy's `caddyfile.Parse`). Every problem is collected; `failure` is the first, in CoreDNS's words. */
export function parseCorefile(source: Source, context: CorefileContext, problems: Problem[]): Corefile {
  return new Parser(source, context, problems).parse();
}

class Parser {
  readonly #source: Source;
  readonly #context: CorefileContext;
  readonly #problems: Problem[];
  readonly #snippets = new Map<string, Token[]>();
  readonly #blocks: ServerBlock[] = [];
  readonly #warnings: string[] = [];
  #tokens: Token[];
  #cursor = -1;
  #keys: Token[] = [];
  #directives = new Map<string, Token[]>();
  #imports = 0;
  #atEnd = false;
  #failure: string | undefined;

  constructor(source: Source, context: CorefileContext, problems: Problem[]) {
    this.#source = source;
    this.#context = context;
    this.#problems = problems;
    this.#tokens = lex(source);
  }

  parse(): Corefile {
    try {
      while (this.#next()) {
        this.#keys = [];
        this.#directives = new Map();
        this.#block();
        if (this.#keys.length > 0) this.#blocks.push({ keys: this.#keys, directives: this.#directives });
      }
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      this.#refuse(error, 'corefile-syntax', '');
    }
    return { blocks: this.#blocks, failure: this.#failure, warnings: this.#warnings };
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#cursor];
  }

  get #value(): string {
    return this.#token?.text ?? '';
  }

  #at(text: string): boolean {
    return this.#value === text;
  }

  get #onNewLine(): boolean {
    const token = this.#token;
    return token === undefined ? this.#cursor < 1 : startsLine(token, this.#tokens[this.#cursor - 1]);
  }

  #next(): boolean {
    if (this.#cursor >= this.#tokens.length - 1) return false;
    this.#cursor++;
    return true;
  }

  #block(): void {
    this.#addresses();
    if (this.#atEnd) return;
    const [key] = this.#keys;
    if (this.#keys.length === 1 && key !== undefined && key.text.startsWith('(') && key.text.endsWith(')')) {
      this.#keys = [];
      this.#snippet(key.text.slice(1, -1));
      return;
    }
    const braced = this.#at('{');
    if (!braced) this.#cursor--;
    this.#blockDirectives();
    if (braced && !this.#at('}')) throw this.#unexpected('}');
  }

  #addresses(): void {
    let expectingAnother = false;
    for (;;) {
      const key = fillEnvironment(this.#value, this.#context.environment);
      if (key === 'import' && this.#onNewLine) {
        this.#import();
        continue;
      }
      if (key === '{') {
        if (!expectingAnother) return;
        throw this.#error(`Expected another address but had '${key}' - check for extra comma`);
      }
      if (key !== '') expectingAnother = this.#address(key);
      this.#atEnd = !this.#next();
      if (this.#atEnd && expectingAnother) throw this.#error('Unexpected EOF');
      if (this.#atEnd || (!expectingAnother && this.#onNewLine)) return;
    }
  }

  /** Takes a key; true when its comma says that another follows. */
  #address(key: string): boolean {
    const comma = key.endsWith(',');
    if (this.#token !== undefined) this.#keys.push({ ...this.#token, text: comma ? key.slice(0, -1) : key });
    return comma;
  }

  #snippet(name: string): void {
    if (this.#snippets.has(name)) throw this.#error(`redeclaration of previously declared snippet ${name}`);
    if (!this.#at('{')) throw this.#unexpected('{');
    const words: Token[] = [];
    let depth = 1;
    while (depth > 0) {
      if (!this.#next()) throw this.#unexpected('}');
      if (this.#at('{')) depth++;
      if (this.#at('}')) depth--;
      if (depth > 0 && this.#token !== undefined) words.push(this.#token);
    }
    this.#snippets.set(name, words);
  }

  #blockDirectives(): void {
    while (this.#next()) {
      if (this.#at('}')) return;
      if (this.#value === 'import') {
        this.#import();
        this.#cursor--;
        continue;
      }
      this.#directive();
    }
  }

  #directive(): void {
    const name = fillEnvironment(this.#value, this.#context.environment);
    this.#checkName(name);
    const words = this.#directives.get(name) ?? [];
    this.#directives.set(name, words);
    if (this.#token !== undefined) words.push({ ...this.#token, text: name });
    let depth = 0;
    while (this.#next()) {
      if (this.#at('{')) {
        depth++;
      } else if (this.#onNewLine && depth === 0) {
        this.#cursor--;
        break;
      } else if (this.#at('}')) {
        if (depth === 0) throw this.#error("Unexpected '}' because no matching opening brace");
        depth--;
      } else if (this.#value === 'import' && this.#onNewLine) {
        this.#import();
        this.#cursor--;
        continue;
      }
      const token = this.#token;
      if (token === undefined) break;
      const filled = { ...token, text: fillEnvironment(token.text, this.#context.environment) };
      this.#tokens[this.#cursor] = filled;
      words.push(filled);
    }
    if (depth > 0) throw this.#error('Unexpected EOF');
  }

  #checkName(name: string): void {
    const { directives } = this.#context;
    if (directives === undefined || directives.includes(name)) return;
    const near = nearestWord(name, directives);
    const hint = near === undefined ? 'leave it out: this release has no such plugin' : `did you mean \`${near}\`?`;
    this.#refuse(this.#error(`Unknown directive '${name}'`), 'unknown-directive', hint);
  }

  /** Puts the words of a snippet or of files in the place of `import NAME`; the cursor then stands on the first of them. */
  #import(): void {
    const at = this.#cursor;
    if (!this.#argumentFollows()) {
      throw this.#error(`Wrong argument count or unexpected line ending after '${this.#value}'`);
    }
    this.#cursor++;
    const name = fillEnvironment(this.#value, this.#context.environment);
    if (name === '') throw this.#error('Import requires a non-empty filepath');
    if (this.#argumentFollows()) {
      this.#cursor++;
      throw this.#error('Import takes only one argument (glob pattern or file)');
    }
    const words = this.#snippets.get(name) ?? this.#importFiles(name);
    if (++this.#imports > mostImports || this.#tokens.length + words.length > mostTokens) {
      // corefile-start-import-*: newer readers count; older ones never end.
      throw this.#error(`maximum ${this.#snippets.has(name) ? 'snippet' : 'file'} import depth (10000) exceeded`);
    }
    this.#tokens = [...this.#tokens.slice(0, at), ...words, ...this.#tokens.slice(at + 2)];
    this.#cursor = at;
  }

  #argumentFollows(): boolean {
    const after = this.#tokens[this.#cursor + 1];
    return after !== undefined && !startsLine(after, this.#token);
  }

  #importFiles(pattern: string): Token[] {
    const found = findImports(pattern, this.#token?.file ?? this.#source.file, this.#source.file, this.#context.files);
    if (found.kind === 'refused') throw this.#error(found.message);
    if (found.kind === 'nothing') this.#warnings.push(`[WARNING] No files matching import glob pattern: ${pattern}`);
    return found.kind === 'nothing' ? [] : found.sources.flatMap(lex);
  }

  #error(message: string): SetupError {
    return new SetupError(`${this.#place()} - Error during parsing: ${message}`, this.#token);
  }

  #unexpected(expected: string): SetupError {
    const message = `Syntax error: Unexpected token '${this.#value}', expecting '${expected}'`;
    return new SetupError(`${this.#place()} - ${message}`, this.#token);
  }

  #place(): string {
    return `${this.#token?.file ?? this.#source.file}:${this.#token?.line ?? 0}`;
  }

  #refuse(error: SetupError, code: string, hint: string): void {
    this.#failure ??= error.message;
    this.#problems.push({
      code,
      file: error.at?.file ?? this.#source.file,
      line: error.at?.line ?? 1,
      column: error.at?.column ?? 1,
      message: error.message.replace(/^[^ ]+:\d+ - (Error during parsing: )?/, ''),
      hint: hint || remedyFor(error.message),
    });
  }
}

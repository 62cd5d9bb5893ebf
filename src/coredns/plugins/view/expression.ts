import type { RE2JS } from 're2js';
import type { GoValue } from '../../corefile/go-values.ts';
import { compileRegexp } from '../../regexp.ts';

export type Value = string | number | boolean | readonly Value[];
/** What an expression may ask of a query, by the function's name. */
export type Functions = Readonly<Record<string, (args: readonly Value[]) => Value>>;
export type Expression = (functions: Functions) => Value;

/** Functions that an expression may call. */
const known: readonly string[] = [
  'bufsize',
  'class',
  'client_ip',
  'do',
  'id',
  'incidr',
  'name',
  'opcode',
  'port',
  'proto',
  'server_ip',
  'server_port',
  'size',
  'type',
];

const comparisons = ['==', '!=', '<=', '>=', '<', '>', 'in', 'matches', 'contains', 'startsWith', 'endsWith'] as const;

const wordOperators: readonly string[] = ['and', 'or', 'not', ...comparisons];

/**
 * The part of expr-lang that views are written in: functions of the query, literals and lists, `==` and its like, `in`,
 * `matches`, `contains`, `startsWith`, `endsWith`, and/or/not. The error is a text with the place in the expression.
 */
export function parseExpression(text: string): GoValue<Expression> {
  const words = wordsOf(text);
  const parser = new Parser(words, text);
  try {
    return { value: parser.whole() };
  } catch (error) {
    if (error instanceof Unexpected) return { error: error.message };
    throw error;
  }
}

class Unexpected extends Error {}

interface Word {
  readonly text: string;
  readonly at: number;
}

function wordsOf(text: string): readonly Word[] {
  const pattern = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\d+|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[^\s]/g;
  return [...text.matchAll(pattern)].map((match) => ({ text: match[0], at: match.index }));
}

class Parser {
  readonly #words: readonly Word[];
  readonly #source: string;
  readonly #unknown: Word[] = [];
  #next = 0;

  constructor(words: readonly Word[], source: string) {
    this.#words = words;
    this.#source = source;
  }

  /** What is written wrongly is told before what is not known. */
  whole(): Expression {
    const expression = this.#or();
    if (this.#next < this.#words.length) throw this.#unexpected();
    const [unknown] = this.#unknown;
    if (unknown !== undefined) throw this.#fault(`unknown name ${unknown.text}`, unknown.at);
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||', 'or')) {
      const [a, b] = [left, this.#and()];
      left = (functions) => a(functions) === true || b(functions) === true;
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#take('&&', 'and')) {
      const [a, b] = [left, this.#not()];
      left = (functions) => a(functions) === true && b(functions) === true;
    }
    return left;
  }

  #not(): Expression {
    if (!this.#take('!', 'not')) return this.#comparison();
    const inner = this.#not();
    return (functions) => inner(functions) !== true;
  }

  #comparison(): Expression {
    const left = this.#primary();
    const negated = this.#words[this.#next + 1]?.text === 'in' && this.#take('not');
    const operator = comparisons.find((one) => this.#take(one));
    if (operator === undefined) return left;
    const patternAt = this.#words[this.#next];
    const right = this.#primary();
    const expression = operator === 'matches' ? this.#pattern(patternAt) : undefined;
    return (functions) => compare(operator, left(functions), right(functions), expression) !== negated;
  }

  #pattern(word: Word | undefined): RE2JS | undefined {
    if (word === undefined || !/^['"]/.test(word.text)) return undefined;
    const compiled = compileRegexp(unquoted(word.text));
    if ('error' in compiled) throw new Unexpected(`${compiled.error} (1:${word.at + 1})`);
    return compiled.value;
  }

  #primary(): Expression {
    const word = this.#words[this.#next];
    if (word === undefined) throw this.#unexpected();
    this.#next++;
    if (/^['"]/.test(word.text)) return constant(unquoted(word.text));
    if (/^\d/.test(word.text)) return constant(Number(word.text));
    if (word.text === 'true' || word.text === 'false') return constant(word.text === 'true');
    if (word.text === '(') return this.#until(this.#or(), ')');
    if (word.text === '[') {
      const items = this.#list(']');
      return (functions) => items.map((item) => item(functions));
    }
    if (!/^[A-Za-z_]/.test(word.text)) {
      this.#next--;
      throw this.#unexpected();
    }
    const called = this.#take('(');
    if (!called || !known.includes(word.text)) this.#unknown.push(word);
    if (!called) return this.#members();
    const args = this.#list(')');
    return (functions) => functions[word.text]?.(args.map((arg) => arg(functions))) ?? false;
  }

  /** `.NAME` behind a name; no name of a query has any. */
  #members(): Expression {
    while (this.#take('.')) {
      const member = this.#words[this.#next++];
      if (member === undefined) throw this.#fault('unexpected end of expression', this.#end());
    }
    return constant(false);
  }

  #until(expression: Expression, close: string): Expression {
    if (!this.#take(close)) throw this.#unexpected();
    return expression;
  }

  #list(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#take(close)) {
      if (items.length > 0 && !this.#take(',')) throw this.#unexpected();
      items.push(this.#or());
    }
    return items;
  }

  #take(...texts: readonly string[]): boolean {
    const word = this.#words[this.#next];
    if (word === undefined || !texts.includes(word.text)) return false;
    this.#next++;
    return true;
  }

  #unexpected(): Unexpected {
    const word = this.#words[this.#next];
    const what = word === undefined ? 'EOF' : tokenText(word.text);
    return this.#fault(`unexpected token ${what}`, word?.at ?? this.#end());
  }

  /** Where the last word ends. */
  #end(): number {
    const last = this.#words.at(-1);
    return last === undefined ? 0 : last.at + last.text.length - 1;
  }

  /** `unexpected token EOF (1:10)`, the expression and a caret below it. */
  #fault(what: string, at: number): Unexpected {
    return new Unexpected(`${what} (1:${at + 1})\n | ${this.#source}\n | ${'.'.repeat(at)}^`);
  }
}

/** A token as expr-lang's lexer prints it, by its kind. */
function tokenText(word: string): string {
  if (/^['"]/.test(word)) return `String(${JSON.stringify(unquoted(word))})`;
  if (/^\d/.test(word)) return `Number(${JSON.stringify(word)})`;
  const isOperator = wordOperators.includes(word) || !/^[A-Za-z_]/.test(word);
  const kind = /^[()[\]{}]$/.test(word) ? 'Bracket' : isOperator ? 'Operator' : 'Identifier';
  return `${kind}(${JSON.stringify(word)})`;
}

function constant(value: Value): Expression {
  return () => value;
}

function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(.)/g, (_, character: string) => (/['"\\]/.test(character) ? character : `\\${character}`));
}

function compare(
  operator: (typeof comparisons)[number],
  left: Value,
  right: Value,
  pattern: RE2JS | undefined,
): boolean {
  const [a, b] = [String(left), String(right)];
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<=':
      return Number(left) <= Number(right);
    case '>=':
      return Number(left) >= Number(right);
    case '<':
      return Number(left) < Number(right);
    case '>':
      return Number(left) > Number(right);
    case 'in':
      return typeof right === 'object' ? right.includes(left) : false;
    case 'matches':
      return pattern?.matcher(a).find() === true;
    case 'contains':
      return a.includes(b);
    case 'startsWith':
      return a.startsWith(b);
    case 'endsWith':
      return a.endsWith(b);
  }
}

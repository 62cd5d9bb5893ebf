import type { Argument, Clause, Expression, FormatPart, Parameter } from './syntax.ts';
import { type Token, tokensOf, unescaped } from './tokens.ts';
import { NotUnderstood } from './values.ts';

const none: Expression = { kind: 'none' };
const comparisons = ['<', '>', '<=', '>=', '==', '!=', 'in', 'is'];

/** Binary operators, those that bind least first. */
const levels: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];

/** Reads expressions from words, one after the other. */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', prefix: '', line: 0 };
  }

  get line(): number {
    return this.peek.line;
  }

  /** Does a line, a block or the script end here? */
  ends(what: Token['kind']): boolean {
    return this.peek.kind === what;
  }

  is(...texts: string[]): boolean {
    const { kind, text } = this.peek;
    return (kind === 'operator' || kind === 'name') && texts.includes(text);
  }

  next(): Token {
    const token = this.peek;
    this.#at++;
    return token;
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected();
  }

  name(): string {
    const token = this.next();
    if (token.kind !== 'name') throw this.unexpected();
    return token.text;
  }

  unexpected(): NotUnderstood {
    return new NotUnderstood(`line ${this.line}: not understood: ${this.peek.text || this.peek.kind}`);
  }

  /** `a, b` is a tuple. */
  expressions(): Expression {
    return this.#list(() => this.#starred());
  }

  /** What `for` and `=` assign to. */
  target(): Expression {
    return this.#list(() => (this.accept('*') ? { kind: 'star', value: this.#postfix() } : this.#postfix()));
  }

  expression(): Expression {
    if (this.is('lambda')) return this.#lambda();
    const value = this.#or();
    if (value.kind === 'name' && this.accept(':='))
      return { kind: 'assigned', name: value.name, value: this.expression() };
    if (!this.accept('if')) return value;
    const test = this.#or();
    this.expect('else');
    return { kind: 'conditional', test, yes: value, no: this.expression() };
  }

  parameters(end: string): Parameter[] {
    const parameters: Parameter[] = [];
    while (!this.accept(end)) {
      const star = this.accept('**') ? '**' : this.accept('*') ? '*' : '';
      const name = this.is(',') ? '' : this.name();
      if (end === ')' && this.accept(':')) this.expression();
      parameters.push({ name, star, fallback: this.accept('=') ? this.expression() : undefined });
      if (!this.accept(',') && !this.is(end)) throw this.unexpected();
    }
    return parameters;
  }

  arguments(end: string): Argument[] {
    const found: Argument[] = [];
    while (!this.accept(end)) {
      if (this.accept('**')) found.push({ name: '**', value: this.expression() });
      else if (this.accept('*')) found.push({ name: '*', value: this.expression() });
      else {
        const value = this.expression();
        if (value.kind === 'name' && this.accept('=')) found.push({ name: value.name, value: this.expression() });
        else found.push({ name: '', value: this.is('for') ? this.#comprehension('list', value, none) : value });
      }
      if (!this.accept(',') && !this.is(end)) throw this.unexpected();
    }
    return found;
  }

  #list(item: () => Expression): Expression {
    const first = item();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.accept(',') && this.#begins()) items.push(item());
    return { kind: 'tuple', items };
  }

  /** Can an expression begin here? */
  #begins(): boolean {
    const { kind, text } = this.peek;
    if (kind === 'operator') return ['(', '[', '{', '-', '+', '~', '*'].includes(text);
    return kind === 'string' || kind === 'number' || (kind === 'name' && !['in', 'for', 'if'].includes(text));
  }

  #starred(): Expression {
    return this.accept('*') ? { kind: 'star', value: this.#or() } : this.expression();
  }

  #lambda(): Expression {
    this.expect('lambda');
    return { kind: 'lambda', parameters: this.parameters(':'), body: this.expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.accept('or')) left = { kind: 'boolean', operator: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.accept('and')) left = { kind: 'boolean', operator: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (this.accept('not')) return { kind: 'unary', operator: 'not', operand: this.#not() };
    const first = this.#binary(0);
    const rest: { operator: string; right: Expression }[] = [];
    for (;;) {
      const negated = this.is('not') && this.accept('not');
      if (!this.is(...comparisons)) {
        if (negated) throw this.unexpected();
        return rest.length === 0 ? first : { kind: 'compare', first, rest };
      }
      const word = this.next().text;
      const operator = negated ? `not ${word}` : word === 'is' && this.accept('not') ? 'is not' : word;
      rest.push({ operator, right: this.#binary(0) });
    }
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.is(...operators)) {
      const { text: operator, line } = this.next();
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1), line };
    }
    return left;
  }

  #unary(): Expression {
    if (this.is('-', '+', '~')) return { kind: 'unary', operator: this.next().text, operand: this.#unary() };
    const left = this.#postfix();
    const { line } = this;
    return this.accept('**') ? { kind: 'binary', operator: '**', left, right: this.#unary(), line } : left;
  }

  #postfix(): Expression {
    let value = this.#atom();
    for (;;) {
      const { line } = this;
      if (this.accept('.')) value = { kind: 'attribute', of: value, name: this.name(), line };
      else if (this.accept('(')) value = { kind: 'call', callee: value, arguments: this.arguments(')'), line };
      else if (this.accept('[')) {
        value = { kind: 'index', of: value, index: this.#subscript(), line };
        this.expect(']');
      } else return value;
    }
  }

  #subscript(): Expression {
    const from = this.is(':') ? none : this.expressions();
    if (!this.accept(':')) return from;
    const to = this.is(':', ']') ? none : this.expression();
    const step = this.accept(':') && !this.is(']') ? this.expression() : none;
    return { kind: 'slice', from, to, step };
  }

  #atom(): Expression {
    const token = this.next();
    if (token.kind === 'number') return { kind: 'constant', value: Number(token.text) };
    if (token.kind === 'string') return this.#strings(token);
    if (token.kind === 'name') return constantOrName(token);
    if (token.text === '(') return this.#parenthesis();
    if (token.text === '[') return this.#collection('list', ']');
    if (token.text === '{') return this.#braces();
    this.#at--;
    throw this.unexpected();
  }

  /** Strings side by side are one. */
  #strings(first: Token): Expression {
    const tokens = [first];
    while (this.peek.kind === 'string') tokens.push(this.next());
    if (first.prefix.includes('b')) return { kind: 'octets', value: tokens.map(unescaped).join('') };
    if (!tokens.some(({ prefix }) => prefix.includes('f')))
      return { kind: 'constant', value: tokens.map(unescaped).join('') };
    return {
      kind: 'format',
      parts: tokens.flatMap((t) => (t.prefix.includes('f') ? formatParts(unescaped(t)) : [unescaped(t)])),
    };
  }

  #parenthesis(): Expression {
    if (this.accept(')')) return { kind: 'tuple', items: [] };
    const value = this.expressions();
    const result = this.is('for') ? this.#comprehension('list', value, none) : value;
    this.expect(')');
    return result;
  }

  #collection(kind: 'list' | 'set', end: string, first?: Expression): Expression {
    const items: Expression[] = first === undefined ? [] : [first];
    if (first !== undefined && !this.accept(',')) {
      this.expect(end);
      return { kind, items };
    }
    while (!this.accept(end)) {
      items.push(this.#starred());
      const [item] = items;
      if (items.length === 1 && item !== undefined && this.is('for')) {
        const made = this.#comprehension(kind, item, none);
        this.expect(end);
        return made;
      }
      if (!this.accept(',') && !this.is(end)) throw this.unexpected();
    }
    return { kind, items };
  }

  #braces(): Expression {
    const entries: (readonly [Expression, Expression])[] = [];
    while (!this.accept('}')) {
      const key: Expression = this.accept('**') ? { kind: 'star', value: this.expression() } : this.expression();
      if (key.kind !== 'star' && !this.accept(':')) {
        if (!this.is('for')) return this.#collection('set', '}', key);
        const made = this.#comprehension('set', key, none);
        this.expect('}');
        return made;
      }
      const value = key.kind === 'star' ? none : this.expression();
      if (this.is('for')) {
        const made = this.#comprehension('dict', key, value);
        this.expect('}');
        return made;
      }
      entries.push([key, value]);
      if (!this.accept(',') && !this.is('}')) throw this.unexpected();
    }
    return { kind: 'dict', entries };
  }

  #comprehension(makes: 'list' | 'set' | 'dict', element: Expression, value: Expression): Expression {
    const clauses: Clause[] = [];
    while (this.accept('for')) {
      const target = this.target();
      this.expect('in');
      const items = this.#or();
      const tests: Expression[] = [];
      while (this.accept('if')) tests.push(this.#or());
      clauses.push({ target, items, tests });
    }
    return { kind: 'comprehension', makes, element, value, clauses };
  }
}

function constantOrName({ text, line }: Token): Expression {
  switch (text) {
    case 'None':
      return none;
    case 'True':
    case 'False':
      return { kind: 'constant', value: text === 'True' };
    default:
      return { kind: 'name', name: text, line };
  }
}

/** The parts of an f-string. */
function formatParts(text: string): FormatPart[] {
  const parts: FormatPart[] = [];
  let literal = '';
  for (let at = 0; at < text.length; at++) {
    const two = text.slice(at, at + 2);
    if (two === '{{' || two === '}}') {
      literal += text[at++];
      continue;
    }
    if (text[at] !== '{') {
      literal += text[at];
      continue;
    }
    const end = closing(text, at);
    parts.push(literal, replacement(text.slice(at + 1, end)));
    literal = '';
    at = end;
  }
  return [...parts, literal].filter((part) => part !== '');
}

/** Where the brace that opens at `from` closes. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (/[{[(]/.test(text[at] ?? '')) depth++;
    if (/[}\])]/.test(text[at] ?? '') && --depth === 0) return at;
  }
  throw new NotUnderstood(`an f-string without its end: ${text}`);
}

/** `value!r:spec`. */
function replacement(text: string): FormatPart {
  const parser = new ExpressionParser(tokensOf(text.replace(/(![rsa])?(:[^\]})'"]*)?$/, '')));
  const rest = /(?:!([rsa]))?(?::([^\]})'"]*))?$/.exec(text);
  return { value: parser.expressions(), conversion: rest?.[1] ?? '', spec: formatParts(rest?.[2] ?? '') };
}

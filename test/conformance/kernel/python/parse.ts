import { ExpressionParser } from './parse-expression.ts';
import type { Block, Expression, Handler, Statement, WithItem } from './syntax.ts';
import { tokensOf } from './tokens.ts';

const none: Expression = { kind: 'none' };
const assignments = ['+=', '-=', '*=', '/=', '//=', '%=', '|=', '&=', '^=', '<<=', '>>=', '**='];

/** The statements of a script. Throws where they are no Python that is known here. */
export function parseScript(script: string): Block {
  return new Parser(script).script();
}

type Bare = Statement extends infer S ? (S extends { line: number } ? Omit<S, 'line'> : never) : never;

class Parser {
  readonly #words: ExpressionParser;

  constructor(script: string) {
    this.#words = new ExpressionParser(tokensOf(script));
  }

  script(): Block {
    const statements: Statement[] = [];
    while (!this.#words.ends('end')) statements.push(...this.#line());
    return statements;
  }

  /** The statements of a line, or one with its blocks. */
  #line(): Statement[] {
    const { line } = this.#words;
    const compound = this.#compound();
    if (compound !== undefined) return [{ ...compound, line }];
    const statements: Statement[] = [];
    do {
      if (this.#words.peek.kind === 'newline') break;
      statements.push({ ...this.#simple(), line });
    } while (this.#words.accept(';'));
    if (!this.#words.ends('newline')) throw this.#words.unexpected();
    this.#words.next();
    return statements;
  }

  #block(): Block {
    this.#words.expect(':');
    if (this.#words.peek.kind !== 'newline') return this.#line();
    this.#words.next();
    if (this.#words.next().kind !== 'indent') throw this.#words.unexpected();
    const statements: Statement[] = [];
    while (!this.#words.ends('dedent')) statements.push(...this.#line());
    this.#words.next();
    return statements;
  }

  #compound(): Bare | undefined {
    const words = this.#words;
    while (words.accept('@')) {
      words.expression();
      words.next();
    }
    if (words.accept('if')) return this.#if();
    if (words.accept('while')) {
      const test = words.expression();
      return { kind: 'while', test, body: this.#block(), otherwise: this.#otherwise() };
    }
    if (words.accept('for')) {
      const target = words.target();
      words.expect('in');
      const items = words.expressions();
      return { kind: 'for', target, items, body: this.#block(), otherwise: this.#otherwise() };
    }
    if (words.accept('def')) {
      const name = words.name();
      words.expect('(');
      const parameters = words.parameters(')');
      if (words.accept('->')) words.expression();
      return { kind: 'def', name, parameters, body: this.#block() };
    }
    if (words.accept('class')) {
      const name = words.name();
      const bases = words.accept('(') ? words.arguments(')').map(({ value }) => value) : [];
      return { kind: 'class', name, bases, body: this.#block() };
    }
    if (words.accept('try')) return this.#try();
    if (words.accept('with')) return this.#with();
    return undefined;
  }

  #if(): Bare {
    const test = this.#words.expression();
    const body = this.#block();
    const { line } = this.#words;
    const otherwise = this.#words.accept('elif') ? [{ ...this.#if(), line }] : this.#otherwise();
    return { kind: 'if', test, body, otherwise };
  }

  #otherwise(): Block {
    return this.#words.accept('else') ? this.#block() : [];
  }

  #try(): Bare {
    const body = this.#block();
    const handlers: Handler[] = [];
    while (this.#words.accept('except')) {
      const type = this.#words.is(':') ? undefined : this.#words.expression();
      const name = this.#words.accept('as') ? this.#words.name() : '';
      handlers.push({ type, name, body: this.#block() });
    }
    const otherwise = this.#otherwise();
    return { kind: 'try', body, handlers, otherwise, finally: this.#words.accept('finally') ? this.#block() : [] };
  }

  #with(): Bare {
    const items: WithItem[] = [];
    do {
      const value = this.#words.expression();
      items.push({ value, target: this.#words.accept('as') ? this.#words.target() : undefined });
    } while (this.#words.accept(','));
    return { kind: 'with', items, body: this.#block() };
  }

  #simple(): Bare {
    const words = this.#words;
    const { kind, text } = words.peek;
    if (kind === 'name') {
      switch (text) {
        case 'return':
        case 'raise': {
          words.next();
          const bare = words.peek.kind === 'newline' || words.is(';');
          return { kind: text, value: bare ? none : words.expressions() };
        }
        case 'break':
        case 'continue':
        case 'pass':
          words.next();
          return { kind: text };
        case 'global':
        case 'nonlocal':
          words.next();
          return { kind: text, names: this.#names() };
        case 'import':
          words.next();
          return { kind: 'import', modules: this.#imported() };
        case 'from':
          return this.#from();
        case 'assert': {
          words.next();
          const test = words.expression();
          if (words.accept(',')) words.expression();
          return { kind: 'assert', test };
        }
        case 'del': {
          words.next();
          const target = words.target();
          return { kind: 'delete', targets: target.kind === 'tuple' ? target.items : [target] };
        }
      }
    }
    return this.#assignment();
  }

  #assignment(): Bare {
    const words = this.#words;
    const first = words.expressions();
    if (words.is(...assignments)) {
      const operator = words.next().text.slice(0, -1);
      return { kind: 'augment', target: first, operator, value: words.expressions() };
    }
    if (words.accept(':')) words.expression();
    const chain = [first];
    while (words.accept('=')) chain.push(words.expressions());
    const value = chain.pop() ?? none;
    return chain.length === 0 ? { kind: 'expression', value } : { kind: 'assign', targets: chain, value };
  }

  #names(): string[] {
    const names = [this.#words.name()];
    while (this.#words.accept(',')) names.push(this.#words.name());
    return names;
  }

  #imported(): { name: string; as: string }[] {
    const modules: { name: string; as: string }[] = [];
    do {
      let name = this.#words.name();
      while (this.#words.accept('.')) name += `.${this.#words.name()}`;
      modules.push({ name, as: this.#words.accept('as') ? this.#words.name() : (name.split('.')[0] ?? name) });
    } while (this.#words.accept(','));
    return modules;
  }

  #from(): Bare {
    this.#words.expect('from');
    const module = this.#words.name();
    this.#words.expect('import');
    if (this.#words.accept('*')) return { kind: 'from', module, names: [{ name: '*', as: '*' }] };
    const closes = this.#words.accept('(');
    const names = this.#imported();
    if (closes) this.#words.expect(')');
    return { kind: 'from', module, names };
  }
}

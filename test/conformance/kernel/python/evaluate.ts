import type { Process } from '../../../../src/engine/process.ts';
import { formatted } from './format.ts';
import { methodOf } from './methods.ts';
import { binary, compare, item, slice } from './operators.ts';
import type { Block, Clause, Expression, FormatPart, Parameter } from './syntax.ts';
import {
  Class,
  Dictionary,
  display,
  exceptions,
  Instance,
  itemsOf,
  List,
  lookupErrors,
  type Named,
  Native,
  NotUnderstood,
  Routine,
  raised,
  represent,
  Scope,
  Tuple,
  truth,
  type Value,
} from './values.ts';

/** Evaluates expressions and calls functions. */
export abstract class Evaluator {
  readonly #builtins: ReadonlyMap<string, Value>;

  constructor(builtins: ReadonlyMap<string, Value>) {
    this.#builtins = builtins;
  }

  /** Runs a function's statements. */
  abstract body(body: Block, scope: Scope): Process<Value>;
  abstract assign(target: Expression, value: Value, scope: Scope): Process;

  *evaluate(expression: Expression, scope: Scope): Process<Value> {
    switch (expression.kind) {
      case 'none':
        return null;
      case 'constant':
        return expression.value;
      case 'octets':
        return Uint8Array.from([...expression.value].map((letter) => letter.charCodeAt(0)));
      case 'name':
        return this.#name(expression.name, expression.line, scope);
      case 'format':
        return yield* this.#format(expression.parts, scope);
      case 'list':
        return new List(yield* this.#items(expression.items, scope));
      case 'tuple':
        return new Tuple(yield* this.#items(expression.items, scope));
      case 'set':
        return new Dictionary((yield* this.#items(expression.items, scope)).map((one) => [one, true]));
      case 'dict':
        return yield* this.#dictionary(expression.entries, scope);
      case 'attribute':
        return this.attribute(yield* this.evaluate(expression.of, scope), expression.name, expression.line);
      case 'index':
        return yield* this.#index(expression, scope);
      case 'call':
        return yield* this.#call(expression, scope);
      case 'unary':
        return unary(expression.operator, yield* this.evaluate(expression.operand, scope));
      case 'binary': {
        const left = yield* this.evaluate(expression.left, scope);
        return binary(expression.operator, left, yield* this.evaluate(expression.right, scope));
      }
      case 'compare':
        return yield* this.#compare(expression, scope);
      case 'boolean': {
        const left = yield* this.evaluate(expression.left, scope);
        if (truth(left) === (expression.operator === 'or')) return left;
        return yield* this.evaluate(expression.right, scope);
      }
      case 'conditional': {
        const test = truth(yield* this.evaluate(expression.test, scope));
        return yield* this.evaluate(test ? expression.yes : expression.no, scope);
      }
      case 'lambda':
        return yield* this.define('lambda', expression.parameters, expression.body, scope);
      case 'comprehension':
        return yield* this.#comprehension(expression, scope);
      case 'assigned': {
        const value = yield* this.evaluate(expression.value, scope);
        scope.set(expression.name, value);
        return value;
      }
      case 'slice':
      case 'star':
        throw new NotUnderstood(`a ${expression.kind} by itself`);
    }
  }

  /** A function; its fallbacks are evaluated now. */
  *define(name: string, parameters: readonly Parameter[], body: Block | Expression, scope: Scope): Process<Value> {
    const fallbacks: (Value | undefined)[] = [];
    for (const { fallback } of parameters)
      fallbacks.push(fallback === undefined ? undefined : yield* this.evaluate(fallback, scope));
    return new Routine(name, parameters, fallbacks, body, scope);
  }

  *call(callee: Value, values: readonly Value[], named: Named): Process<Value> {
    if (callee instanceof Native) return yield* callee.call(values, named);
    if (callee instanceof Routine) return yield* this.#enter(callee, values, named);
    if (callee instanceof Class) return yield* this.#construct(callee, values, named);
    const call = this.find(callee, '__call__');
    if (call !== undefined) return yield* this.call(call, values, named);
    throw new NotUnderstood(`a call of ${represent(callee)}`);
  }

  attribute(value: Value, name: string, line = 0): Value {
    const found = this.find(value, name);
    if (found !== undefined) return found;
    const of = value instanceof Instance ? value.class.name : represent(value);
    throw new NotUnderstood(`line ${line}: .${name} of ${of}`);
  }

  find(value: Value, name: string): Value | undefined {
    if (value instanceof Instance) {
      const own = value.get(name);
      if (own !== undefined) return own;
      const inherited = value.class.find(name);
      if (inherited instanceof Native && inherited.isMethod)
        return new Native(name, (values, named) => inherited.call([value, ...values], named));
      if (!(inherited instanceof Routine)) return inherited;
      const { parameters, fallbacks, body, scope } = inherited;
      return new Routine(name, parameters, fallbacks, body, scope, value);
    }
    if (value instanceof Class) return name === '__name__' ? value.name : value.find(name);
    return methodOf(value, name);
  }

  #name(name: string, line: number, scope: Scope): Value {
    const value = scope.find(name) ?? (scope.holder(name) === undefined ? this.#builtins.get(name) : null);
    if (value === undefined) throw new NotUnderstood(`line ${line}: ${name}`);
    return value;
  }

  *#items(expressions: readonly Expression[], scope: Scope): Process<Value[]> {
    const values: Value[] = [];
    for (const one of expressions) {
      if (one.kind === 'star') values.push(...itemsOf(yield* this.evaluate(one.value, scope)));
      else values.push(yield* this.evaluate(one, scope));
    }
    return values;
  }

  *#dictionary(entries: readonly (readonly [Expression, Expression])[], scope: Scope): Process<Value> {
    const made = new Dictionary();
    for (const [key, value] of entries) {
      if (key.kind === 'star') {
        const other = yield* this.evaluate(key.value, scope);
        if (other instanceof Dictionary) for (const entry of other.entries.values()) made.set(...entry);
      } else made.set(yield* this.evaluate(key, scope), yield* this.evaluate(value, scope));
    }
    return made;
  }

  *#format(parts: readonly FormatPart[], scope: Scope): Process<string> {
    let text = '';
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const value = yield* this.evaluate(part.value, scope);
      const spec = yield* this.#format(part.spec, scope);
      text += formatted(part.conversion === 'r' ? represent(value) : value, spec);
    }
    return text;
  }

  *#index(expression: Expression & { kind: 'index' }, scope: Scope): Process<Value> {
    const whole = yield* this.evaluate(expression.of, scope);
    const { index, line } = expression;
    if (index.kind === 'slice') {
      const from = yield* this.evaluate(index.from, scope);
      const to = yield* this.evaluate(index.to, scope);
      return slice(whole, from, to, yield* this.evaluate(index.step, scope));
    }
    const at = yield* this.evaluate(index, scope);
    const getter = this.find(whole, '__getitem__');
    const found = getter === undefined ? item(whole, at) : yield* this.call(getter, [at], new Map());
    if (found !== undefined) return found;
    if (whole instanceof Dictionary) throw raised(lookupErrors.KeyError, at);
    throw raised(lookupErrors.IndexError, `line ${line}: index out of range`);
  }

  *#call(expression: Expression & { kind: 'call' }, scope: Scope): Process<Value> {
    const callee = yield* this.evaluate(expression.callee, scope);
    const values: Value[] = [];
    const named = new Map<string, Value>();
    for (const { name, value: written } of expression.arguments) {
      const value = yield* this.evaluate(written, scope);
      if (name === '') values.push(value);
      else if (name === '*') values.push(...itemsOf(value));
      else if (name === '**' && value instanceof Dictionary)
        for (const [key, one] of value.entries.values()) named.set(display(key), one);
      else named.set(name, value);
    }
    return yield* this.call(callee, values, named);
  }

  *#compare({ first, rest }: Expression & { kind: 'compare' }, scope: Scope): Process<Value> {
    let left = yield* this.evaluate(first, scope);
    for (const { operator, right: written } of rest) {
      const right = yield* this.evaluate(written, scope);
      if (!compare(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  *#comprehension(expression: Expression & { kind: 'comprehension' }, scope: Scope): Process<Value> {
    const entries: (readonly [Value, Value])[] = [];
    const { element, value, clauses, makes } = expression;
    yield* this.#each(clauses, 0, new Scope(scope), function* (this: Evaluator, inner: Scope): Process {
      entries.push([yield* this.evaluate(element, inner), yield* this.evaluate(value, inner)]);
    });
    return makes === 'list' ? new List(entries.map(([one]) => one)) : new Dictionary(entries);
  }

  *#each(
    clauses: readonly Clause[],
    from: number,
    scope: Scope,
    act: (this: Evaluator, scope: Scope) => Process,
  ): Process {
    const clause = clauses[from];
    if (clause === undefined) {
      yield* act.call(this, scope);
      return;
    }
    for (const one of itemsOf(yield* this.evaluate(clause.items, scope))) {
      yield* this.assign(clause.target, one, scope);
      let passes = true;
      for (const test of clause.tests) passes &&= truth(yield* this.evaluate(test, scope));
      if (passes) yield* this.#each(clauses, from + 1, scope, act);
    }
  }

  *#enter(callee: Routine, given: readonly Value[], named: Named): Process<Value> {
    const values = callee.self === undefined ? [...given] : [callee.self, ...given];
    const scope = new Scope(callee.scope);
    const rest = new Map(named);
    for (const [i, { name, star }] of callee.parameters.entries()) {
      if (star === '*') {
        scope.names.set(name, new Tuple(values.splice(0)));
        continue;
      }
      if (star === '**') {
        scope.names.set(name, new Dictionary(rest));
        continue;
      }
      const value = values.length > 0 ? values.shift() : (rest.get(name) ?? callee.fallbacks[i]);
      if (value === undefined) throw new NotUnderstood(`a call of ${callee.name} without ${name}`);
      rest.delete(name);
      scope.names.set(name, value);
    }
    return isBlock(callee.body) ? yield* this.body(callee.body, scope) : yield* this.evaluate(callee.body, scope);
  }

  *#construct(of: Class, values: readonly Value[], named: Named): Process<Value> {
    const made = new Instance(of);
    const begin = this.find(made, '__init__');
    if (begin !== undefined) yield* this.call(begin, values, named);
    else if (of.is(exceptions.Exception)) made.attributes.set('args', new Tuple(values));
    return made;
  }
}

function isBlock(body: Block | Expression): body is Block {
  return Array.isArray(body);
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truth(value);
  if (typeof value === 'boolean') return unary(operator, Number(value));
  if (typeof value !== 'number') throw new NotUnderstood(`${operator}${represent(value)}`);
  return operator === '-' ? -value : operator === '~' ? ~value : value;
}

import { type Process, sleep } from '../../../../src/engine/process.ts';
import { assertionError } from './builtins.ts';
import { Evaluator } from './evaluate.ts';
import { binary } from './operators.ts';
import type { Block, Expression, Handler, Statement } from './syntax.ts';
import {
  Class,
  Dictionary,
  Instance,
  itemsOf,
  List,
  NotUnderstood,
  PythonError,
  Routine,
  raised,
  Scope,
  Tuple,
  truth,
  type Value,
} from './values.ts';

/** How a block ended before its end. */
type Exit = { readonly kind: 'break' | 'continue' } | { readonly kind: 'return'; readonly value: Value } | undefined;

/** A loop that turns so often without time going by turns for ever. */
const turnsAtMost = 200_000;

/** What a turn of a `while` takes, in microseconds. */
const turnTime = 20;

export type Modules = ReadonlyMap<string, ReadonlyMap<string, Value>>;

/** Runs a script as a process of a simulation: what waits in it waits there. */
export class Interpreter extends Evaluator {
  readonly #modules: Modules;

  constructor(builtins: ReadonlyMap<string, Value>, modules: Modules) {
    super(builtins);
    this.#modules = modules;
  }

  *run(script: Block): Process {
    yield* this.block(script, new Scope());
  }

  override *body(body: Block, scope: Scope): Process<Value> {
    const exit = yield* this.block(body, scope);
    return exit?.kind === 'return' ? exit.value : null;
  }

  *block(block: Block, scope: Scope): Process<Exit> {
    for (const statement of block) {
      const exit = yield* this.#statement(statement, scope);
      if (exit !== undefined) return exit;
    }
    return undefined;
  }

  *#statement(statement: Statement, scope: Scope): Process<Exit> {
    switch (statement.kind) {
      case 'expression':
        yield* this.evaluate(statement.value, scope);
        return undefined;
      case 'assign': {
        const value = yield* this.evaluate(statement.value, scope);
        for (const target of statement.targets) yield* this.assign(target, value, scope);
        return undefined;
      }
      case 'augment':
        yield* this.#augment(statement.target, statement.operator, statement.value, scope);
        return undefined;
      case 'if': {
        const test = truth(yield* this.evaluate(statement.test, scope));
        return yield* this.block(test ? statement.body : statement.otherwise, scope);
      }
      case 'while':
      case 'for':
        return yield* this.#loop(statement, scope);
      case 'def':
        scope.set(statement.name, yield* this.define(statement.name, statement.parameters, statement.body, scope));
        return undefined;
      case 'class':
        scope.set(statement.name, yield* this.#class(statement.name, statement.bases, statement.body, scope));
        return undefined;
      case 'return':
        return { kind: 'return', value: yield* this.evaluate(statement.value, scope) };
      case 'break':
      case 'continue':
        return { kind: statement.kind };
      case 'pass':
        return undefined;
      case 'global':
      case 'nonlocal':
        this.#declare(statement.names, statement.kind === 'global', scope);
        return undefined;
      case 'try':
        return yield* this.#try(statement, scope);
      case 'with':
        return yield* this.#with(statement, 0, scope);
      case 'import':
        for (const { name, as } of statement.modules) scope.set(as, this.#module(name));
        return undefined;
      case 'from':
        this.#import(statement.module, statement.names, scope);
        return undefined;
      case 'raise': {
        const value = yield* this.evaluate(statement.value, scope);
        const error = value instanceof Class ? yield* this.call(value, [], new Map()) : value;
        throw error instanceof Instance ? new PythonError(error) : new NotUnderstood(`line ${statement.line}: raise`);
      }
      case 'assert':
        if (!truth(yield* this.evaluate(statement.test, scope))) throw raised(assertionError);
        return undefined;
      case 'delete':
        return undefined;
    }
  }

  *#augment(target: Expression, operator: string, right: Expression, scope: Scope): Process {
    const old = yield* this.evaluate(target, scope);
    const value = yield* this.evaluate(right, scope);
    if (old instanceof List && operator === '+') old.items.push(...itemsOf(value));
    else yield* this.assign(target, binary(operator, old, value), scope);
  }

  *#loop(loop: Statement & { kind: 'while' | 'for' }, scope: Scope): Process<Exit> {
    const items = loop.kind === 'for' ? itemsOf(yield* this.evaluate(loop.items, scope)) : undefined;
    for (let turn = 0; turn < turnsAtMost; turn++) {
      if (loop.kind === 'for') {
        if (turn >= (items?.length ?? 0)) return yield* this.block(loop.otherwise, scope);
        yield* this.assign(loop.target, items?.[turn] ?? null, scope);
      } else if (!truth(yield* this.evaluate(loop.test, scope))) return yield* this.block(loop.otherwise, scope);
      // Whatever spins until a moment comes must let time go by.
      if (loop.kind === 'while') yield* sleep(turn === 0 ? 0 : turnTime);
      const exit = yield* this.block(loop.body, scope);
      if (exit?.kind === 'break') return undefined;
      if (exit?.kind === 'return') return exit;
    }
    throw new NotUnderstood(`line ${loop.line}: a loop without end`);
  }

  *#class(name: string, bases: readonly Expression[], body: Block, scope: Scope): Process<Value> {
    const parents: Class[] = [];
    for (const base of bases) {
      const parent = yield* this.evaluate(base, scope);
      if (parent instanceof Class) parents.push(parent);
    }
    const made = new Class(name, parents);
    const inner = new Scope(scope);
    yield* this.block(body, inner);
    for (const [key, value] of inner.names) {
      // Methods do not see the names of their class.
      const method = value instanceof Routine && value.scope === inner;
      made.attributes.set(
        key,
        method ? new Routine(value.name, value.parameters, value.fallbacks, value.body, scope) : value,
      );
    }
    return made;
  }

  #declare(names: readonly string[], global: boolean, scope: Scope): void {
    for (const name of names) {
      const holder = global ? scope.top : (scope.outer?.holder(name) ?? scope.top);
      if (holder !== scope) scope.elsewhere.set(name, holder);
    }
  }

  *#try(statement: Statement & { kind: 'try' }, scope: Scope): Process<Exit> {
    let done = false;
    try {
      const exit = yield* this.#caught(statement, scope);
      done = true;
      const last = yield* this.block(statement.finally, scope);
      return last ?? exit;
    } catch (error) {
      if (!done && error instanceof PythonError) yield* this.block(statement.finally, scope);
      throw error;
    }
  }

  *#caught(statement: Statement & { kind: 'try' }, scope: Scope): Process<Exit> {
    try {
      return (yield* this.block(statement.body, scope)) ?? (yield* this.block(statement.otherwise, scope));
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      for (const handler of statement.handlers) {
        if (!(yield* this.#handles(handler, error.value, scope))) continue;
        if (handler.name !== '') scope.set(handler.name, error.value);
        return yield* this.block(handler.body, scope);
      }
      throw error;
    }
  }

  *#handles({ type }: Handler, error: Instance, scope: Scope): Process<boolean> {
    if (type === undefined) return true;
    const wanted = yield* this.evaluate(type, scope);
    const classes = wanted instanceof Tuple ? wanted.items : [wanted];
    return classes.some((one) => one instanceof Class && error.class.is(one));
  }

  /** `__enter__` and `__exit__` of those that have them; the others just are. */
  *#with(statement: Statement & { kind: 'with' }, from: number, scope: Scope): Process<Exit> {
    const item = statement.items[from];
    if (item === undefined) return yield* this.block(statement.body, scope);
    const value = yield* this.evaluate(item.value, scope);
    const enter = this.find(value, '__enter__');
    const entered = enter === undefined ? value : yield* this.call(enter, [], new Map());
    if (item.target !== undefined) yield* this.assign(item.target, entered, scope);
    const exit = yield* this.#with(statement, from + 1, scope);
    const leave = this.find(value, '__exit__');
    if (leave !== undefined) yield* this.call(leave, [null, null, null], new Map());
    return exit;
  }

  #module(name: string): Value {
    const known = this.#modules.get(name) ?? new Map<string, Value>();
    return new Instance(new Class(`module ${name}`), known);
  }

  #import(module: string, names: readonly { name: string; as: string }[], scope: Scope): void {
    const known = this.#modules.get(module);
    for (const { name, as } of names) {
      if (name === '*') {
        for (const [key, value] of known ?? new Map<string, Value>()) scope.set(key, value);
        continue;
      }
      const value = known?.get(name) ?? (this.#modules.has(name) ? this.#module(name) : undefined);
      if (value === undefined) throw new NotUnderstood(`from ${module} import ${name}`);
      scope.set(as, value);
    }
    for (const name of known === undefined || module !== 'krlib' ? [] : this.#modules.keys())
      if (names.some((one) => one.name === '*') && scope.find(name) === undefined) scope.set(name, this.#module(name));
  }

  override *assign(target: Expression, value: Value, scope: Scope): Process {
    switch (target.kind) {
      case 'name':
        scope.set(target.name, value);
        return;
      case 'tuple':
      case 'list':
        yield* this.#unpack(target.items, itemsOf(value), scope);
        return;
      case 'attribute': {
        const object = yield* this.evaluate(target.of, scope);
        if (!(object instanceof Instance) && !(object instanceof Class))
          throw new NotUnderstood(`line ${target.line}: .${target.name} = …`);
        object.attributes.set(target.name, value);
        return;
      }
      case 'index': {
        const whole = yield* this.evaluate(target.of, scope);
        const at = yield* this.evaluate(target.index, scope);
        if (whole instanceof Dictionary) whole.set(at, value);
        else if (whole instanceof List && typeof at === 'number')
          whole.items[at < 0 ? whole.items.length + at : at] = value;
        else throw new NotUnderstood(`line ${target.line}: […] = …`);
        return;
      }
      default:
        throw new NotUnderstood(`an assignment to ${target.kind}`);
    }
  }

  *#unpack(targets: readonly Expression[], values: readonly Value[], scope: Scope): Process {
    const star = targets.findIndex(({ kind }) => kind === 'star');
    if (star < 0 && targets.length !== values.length) throw new NotUnderstood('an assignment of too many or too few');
    for (const [i, target] of targets.entries()) {
      if (target.kind === 'star') {
        yield* this.assign(target.value, new List(values.slice(i, values.length - (targets.length - 1 - i))), scope);
        continue;
      }
      const from = star >= 0 && i > star ? values.length - (targets.length - i) : i;
      yield* this.assign(target, values[from] ?? null, scope);
    }
  }
}

import type { Process } from '../../../../src/engine/process.ts';
import type { Block, Expression, Parameter } from './syntax.ts';

/** A value of a script; `Uint8Array` is bytes. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | List
  | Tuple
  | Dictionary
  | Native
  | Routine
  | Class
  | Instance;

export class List {
  readonly items: Value[];

  constructor(items: readonly Value[]) {
    this.items = [...items];
  }
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** Keys are compared by their text, as `keyOf` gives it. Sets are dictionaries too. */
export class Dictionary {
  readonly entries = new Map<string, readonly [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get(key: Value): Value | undefined {
    return this.entries.get(keyOf(key))?.[1];
  }

  set(key: Value, value: Value): void {
    this.entries.set(keyOf(key), [key, value]);
  }
}

export type Named = ReadonlyMap<string, Value>;

/** A function that is not written in the script. */
export class Native {
  readonly name: string;
  readonly call: (values: readonly Value[], named: Named) => Process<Value>;
  /** Does it get the object that it is called on as its first value? */
  readonly isMethod: boolean;

  constructor(name: string, call: Native['call'], isMethod = false) {
    this.name = name;
    this.call = call;
    this.isMethod = isMethod;
  }
}

/** A function of the script. */
export class Routine {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly fallbacks: readonly (Value | undefined)[];
  readonly body: Block | Expression;
  readonly scope: Scope;
  /** Of a method. */
  readonly self: Value | undefined;

  constructor(
    name: string,
    parameters: readonly Parameter[],
    fallbacks: readonly (Value | undefined)[],
    body: Block | Expression,
    scope: Scope,
    self?: Value,
  ) {
    this.name = name;
    this.parameters = parameters;
    this.fallbacks = fallbacks;
    this.body = body;
    this.scope = scope;
    this.self = self;
  }
}

export class Class {
  readonly name: string;
  readonly bases: readonly Class[];
  readonly attributes = new Map<string, Value>();

  constructor(name: string, bases: readonly Class[] = []) {
    this.name = name;
    this.bases = bases;
  }

  find(name: string): Value | undefined {
    return this.attributes.get(name) ?? this.bases.map((base) => base.find(name)).find((value) => value !== undefined);
  }

  is(other: Class): boolean {
    return this === other || this.bases.some((base) => base.is(other));
  }
}

export class Instance {
  readonly class: Class;
  readonly attributes = new Map<string, Value>();

  constructor(of: Class, attributes: Iterable<readonly [string, Value]> = []) {
    this.class = of;
    for (const [name, value] of attributes) this.attributes.set(name, value);
  }

  /** What an attribute is now; overridden by those that compute it. */
  get(name: string): Value | undefined {
    return this.attributes.get(name);
  }
}

/** Names of a function or of the whole script. */
export class Scope {
  readonly names = new Map<string, Value>();
  readonly outer: Scope | undefined;
  /** Names that `global` or `nonlocal` says belong to another. */
  readonly elsewhere = new Map<string, Scope>();

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  get top(): Scope {
    return this.outer === undefined ? this : this.outer.top;
  }

  find(name: string): Value | undefined {
    return this.names.get(name) ?? (this.names.has(name) ? null : this.outer?.find(name));
  }

  /** The nearest scope around that knows a name. */
  holder(name: string): Scope | undefined {
    return this.names.has(name) ? this : this.outer?.holder(name);
  }

  set(name: string, value: Value): void {
    (this.elsewhere.get(name) ?? this).names.set(name, value);
  }
}

/** Something in the script that this reader of Python does not know. */
export class NotUnderstood extends Error {}

/** An exception of the script's own language. */
export class PythonError extends Error {
  readonly value: Instance;

  constructor(value: Instance) {
    super(`${value.class.name}: ${display(value)}`);
    this.value = value;
  }
}

export const exceptions = { Exception: new Class('Exception') } satisfies Record<string, Class>;
const exception = (name: string, base: Class = exceptions.Exception) => new Class(name, [base]);
export const osError = exception('OSError');
export const timeoutError = exception('TimeoutError', osError);
export const blockingError = exception('BlockingIOError', osError);
export const structError = exception('error');
export const lookupErrors = { KeyError: exception('KeyError'), IndexError: exception('IndexError') };
export const otherErrors: readonly Class[] = [
  exception('ValueError'),
  exception('TypeError'),
  exception('RuntimeError'),
  exception('KeyboardInterrupt'),
  exception('SystemExit'),
];

/** An exception with what it was told. */
export function raised(of: Class, ...values: Value[]): PythonError {
  const made = new Instance(of, [['args', new Tuple(values)]]);
  if (of.is(osError)) for (const name of ['errno', 'strerror']) made.attributes.set(name, null);
  return new PythonError(made);
}

/** As `OSError(errno, text)`. */
export function osFailure(errno: number, text: string, of: Class = osError): PythonError {
  const args = new Tuple([errno, text]);
  return new PythonError(
    new Instance(of, [
      ['args', args],
      ['errno', errno],
      ['strerror', text],
    ]),
  );
}

export function truth(value: Value): boolean {
  if (value instanceof Uint8Array) return value.length > 0;
  if (value instanceof List || value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dictionary) return value.entries.size > 0;
  return value !== null && value !== false && value !== 0 && value !== '';
}

export function keyOf(value: Value): string {
  if (typeof value === 'boolean') return `n${value ? 1 : 0}`;
  if (typeof value === 'number') return `n${value}`;
  if (typeof value === 'string') return `s${value}`;
  if (value instanceof Uint8Array) return `b${value.join(',')}`;
  if (value instanceof Tuple) return `(${value.items.map(keyOf).join('|')})`;
  if (value === null) return 'None';
  return identity(value);
}

const identities = new WeakMap<object, string>();
let count = 0;

function identity(value: object): string {
  let known = identities.get(value);
  if (known === undefined) {
    known = `#${++count}`;
    identities.set(value, known);
  }
  return known;
}

export function equal(a: Value, b: Value): boolean {
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple))
    return a.items.length === b.items.length && a.items.every((item, i) => equal(item, b.items[i] ?? null));
  return keyOf(a) === keyOf(b);
}

/** What `str()` makes of a value. */
export function display(value: Value): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof Instance)) return represent(value);
  const args = value.attributes.get('args');
  const items = args instanceof Tuple ? args.items : [];
  const errno = value.attributes.get('errno');
  if (typeof errno === 'number') return `[Errno ${errno}] ${display(items[1] ?? '')}`;
  return items.length === 1 ? display(items[0] ?? null) : items.length === 0 ? '' : represent(new Tuple(items));
}

/** What `repr()` makes of a value. */
export function represent(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (value instanceof Uint8Array) return `b'${[...value].map((o) => String.fromCharCode(o)).join('')}'`;
  if (value instanceof List) return `[${value.items.map(represent).join(', ')}]`;
  if (value instanceof Tuple) return `(${value.items.map(represent).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof Dictionary)
    return `{${[...value.entries.values()].map(([k, v]) => `${represent(k)}: ${represent(v)}`).join(', ')}}`;
  return `<${value instanceof Instance ? value.class.name : value.name}>`;
}

/** The values that `for` goes through. */
export function itemsOf(value: Value): readonly Value[] {
  if (value instanceof List || value instanceof Tuple) return value.items;
  if (value instanceof Dictionary) return [...value.entries.values()].map(([key]) => key);
  if (typeof value === 'string') return [...value];
  if (value instanceof Uint8Array) return [...value];
  throw new NotUnderstood(`it goes through ${represent(value)}`);
}

export function native(name: string, act: (values: readonly Value[], named: Named) => Value): Native {
  // biome-ignore lint/correctness/useYield: some functions wait, this one does not
  return new Native(name, function* (values, named) {
    return act(values, named);
  });
}

import { percent } from './format.ts';
import { Dictionary, equal, keyOf, List, NotUnderstood, represent, Tuple, type Value } from './values.ts';

const number = (value: Value): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : undefined;

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => a - b * Math.floor(a / b),
  '**': (a, b) => a ** b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
};

export function binary(operator: string, a: Value, b: Value): Value {
  const [x, y] = [number(a), number(b)];
  const act = arithmetic[operator];
  if (x !== undefined && y !== undefined && act !== undefined) return act(x, y);
  if (operator === '%' && typeof a === 'string') return percent(a, b);
  if (operator === '+') {
    const sum = added(a, b);
    if (sum !== undefined) return sum;
  }
  if (operator === '*') {
    const many = y !== undefined ? repeated(a, y) : x !== undefined ? repeated(b, x) : undefined;
    if (many !== undefined) return many;
  }
  if (a instanceof Dictionary && b instanceof Dictionary) return ofSets(operator, a, b);
  throw new NotUnderstood(`${represent(a)} ${operator} ${represent(b)}`);
}

function added(a: Value, b: Value): Value | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Uint8Array.from([...a, ...b]);
  if (a instanceof List && b instanceof List) return new List([...a.items, ...b.items]);
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple([...a.items, ...b.items]);
  return undefined;
}

function repeated(value: Value, times: number): Value | undefined {
  const n = Math.max(0, times);
  if (typeof value === 'string') return value.repeat(n);
  if (value instanceof Uint8Array) return Uint8Array.from(Array.from({ length: n }, () => [...value]).flat());
  if (value instanceof List) return new List(Array.from({ length: n }, () => value.items).flat());
  if (value instanceof Tuple) return new Tuple(Array.from({ length: n }, () => value.items).flat());
  return undefined;
}

/** Sets, and the union of dictionaries. */
function ofSets(operator: string, a: Dictionary, b: Dictionary): Value {
  if (operator === '|') return new Dictionary([...a.entries.values(), ...b.entries.values()]);
  const keeps = operator === '-' ? (key: string) => !b.entries.has(key) : (key: string) => b.entries.has(key);
  if (operator !== '-' && operator !== '&') throw new NotUnderstood(`the operator ${operator} of sets`);
  return new Dictionary([...a.entries].filter(([key]) => keeps(key)).map(([, entry]) => entry));
}

export function compare(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case 'is':
      return keyOf(a) === keyOf(b);
    case 'is not':
      return keyOf(a) !== keyOf(b);
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    default:
      return isOrdered(operator, order(a, b));
  }
}

function isOrdered(operator: string, difference: number): boolean {
  switch (operator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    default:
      return difference >= 0;
  }
}

export function order(a: Value, b: Value): number {
  const [x, y] = [number(a), number(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if ((a instanceof Tuple || a instanceof List) && (b instanceof Tuple || b instanceof List)) {
    const at = a.items.findIndex((item, i) => i >= b.items.length || !equal(item, b.items[i] ?? null));
    if (at < 0) return a.items.length - b.items.length;
    return at >= b.items.length ? 1 : order(a.items[at] ?? null, b.items[at] ?? null);
  }
  throw new NotUnderstood(`the order of ${represent(a)} and ${represent(b)}`);
}

function contains(whole: Value, part: Value): boolean {
  if (typeof whole === 'string') return typeof part === 'string' && whole.includes(part);
  if (whole instanceof Dictionary) return whole.entries.has(keyOf(part));
  if (whole instanceof List || whole instanceof Tuple) return whole.items.some((item) => equal(item, part));
  if (whole instanceof Uint8Array && typeof part === 'number') return whole.includes(part);
  throw new NotUnderstood(`something in ${represent(whole)}`);
}

/** `value[at]`; undefined when it is not there. */
export function item(value: Value, at: Value): Value | undefined {
  if (value instanceof Dictionary) return value.get(at);
  if (typeof at !== 'number') throw new NotUnderstood(`the item ${represent(at)}`);
  const from = (length: number) => (at < 0 ? length + at : at);
  if (typeof value === 'string') return value[from(value.length)];
  if (value instanceof Uint8Array) return value[from(value.length)];
  if (value instanceof List || value instanceof Tuple) return value.items[from(value.items.length)];
  throw new NotUnderstood(`an item of ${represent(value)}`);
}

/** `value[from:to:step]`. */
export function slice(value: Value, from: Value, to: Value, step: Value): Value {
  const every = typeof step === 'number' ? step : 1;
  const pick = <T>(items: readonly T[]): T[] => {
    const [begin, end] = [typeof from === 'number' ? from : undefined, typeof to === 'number' ? to : undefined];
    if (every === 1) return items.slice(begin, end);
    const turned = every < 0 ? items.slice(begin, end).toReversed() : items.slice(begin, end);
    return turned.filter((_, i) => i % Math.abs(every) === 0);
  };
  if (typeof value === 'string') return pick([...value]).join('');
  if (value instanceof Uint8Array) return Uint8Array.from(pick([...value]));
  if (value instanceof List) return new List(pick(value.items));
  if (value instanceof Tuple) return new Tuple(pick(value.items));
  throw new NotUnderstood(`a slice of ${represent(value)}`);
}

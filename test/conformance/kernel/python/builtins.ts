import type { RandomStream } from '../../../../src/engine/random.ts';
import { order } from './operators.ts';
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
  NotUnderstood,
  native,
  osError,
  otherErrors,
  raised,
  represent,
  structError,
  Tuple,
  timeoutError,
  truth,
  type Value,
} from './values.ts';

export const assertionError = new Class('AssertionError', [exceptions.Exception]);

type Plain = (values: readonly Value[], named: Named) => Value;

const number = (value: Value | undefined): number => {
  const found = typeof value === 'string' ? Number(value) : typeof value === 'boolean' ? Number(value) : value;
  if (typeof found !== 'number' || Number.isNaN(found))
    throw new NotUnderstood(`${represent(value ?? null)} as a number`);
  return found;
};

const plain: Readonly<Record<string, Plain>> = {
  len: ([value]) => (value instanceof Dictionary ? value.entries.size : itemsOf(value ?? null).length),
  range: (values) => {
    const [from = 0, to = 0, step = 1] = values.length === 1 ? [0, number(values[0])] : values.map(number);
    const items: number[] = [];
    for (let i = from; step > 0 ? i < to : i > to; i += step) items.push(i);
    return new List(items);
  },
  enumerate: ([items, from], named) => {
    const first = number(from ?? named.get('start') ?? 0);
    return new List(itemsOf(items ?? null).map((one, i) => new Tuple([first + i, one])));
  },
  zip: (lists) => {
    const all = lists.map(itemsOf);
    const length = Math.min(...all.map((one) => one.length));
    return new List(Array.from({ length }, (_, i) => new Tuple(all.map((one) => one[i] ?? null))));
  },
  reversed: ([items]) => new List(itemsOf(items ?? null).toReversed()),
  sorted: ([items], named) => {
    if (named.has('key')) throw new NotUnderstood('sorted by a key');
    const list = itemsOf(items ?? null).toSorted(order);
    return new List(truth(named.get('reverse') ?? false) ? list.toReversed() : list);
  },
  int: ([value, base]) =>
    typeof value === 'string' && typeof base === 'number'
      ? Number.parseInt(value, base)
      : Math.trunc(number(value ?? 0)),
  float: ([value]) => number(value ?? 0),
  str: ([value]) => display(value ?? ''),
  repr: ([value]) => represent(value ?? null),
  bool: ([value]) => truth(value ?? null),
  list: ([items]) => new List(itemsOf(items ?? new List([]))),
  tuple: ([items]) => new Tuple(itemsOf(items ?? new List([]))),
  set: ([items]) => new Dictionary(itemsOf(items ?? new List([])).map((one) => [one, true])),
  dict: ([entries], named) => {
    const made = entries instanceof Dictionary ? new Dictionary(entries.entries.values()) : new Dictionary();
    if (entries instanceof List)
      for (const pair of entries.items.map(itemsOf)) made.set(pair[0] ?? null, pair[1] ?? null);
    for (const [name, value] of named) made.set(name, value);
    return made;
  },
  bytes: ([value]) =>
    typeof value === 'number' ? new Uint8Array(value) : Uint8Array.from(itemsOf(value ?? new List([])).map(number)),
  min: (values) => itemsOf(values.length === 1 ? (values[0] ?? null) : new List(values)).toSorted(order)[0] ?? null,
  max: (values) =>
    itemsOf(values.length === 1 ? (values[0] ?? null) : new List(values))
      .toSorted(order)
      .at(-1) ?? null,
  sum: ([items]) => itemsOf(items ?? null).reduce((sum: number, one) => sum + number(one), 0),
  abs: ([value]) => Math.abs(number(value)),
  round: ([value, digits]) => {
    const scale = 10 ** number(digits ?? 0);
    return Math.round(number(value) * scale) / scale;
  },
  any: ([items]) => itemsOf(items ?? null).some(truth),
  all: ([items]) => itemsOf(items ?? null).every(truth),
  print: () => null,
  isinstance: ([value, of]) =>
    (of instanceof Tuple ? of.items : [of]).some(
      (one) => one instanceof Class && value instanceof Instance && value.class.is(one),
    ),
};

/** What every script may call. */
export function builtins(): Map<string, Value> {
  const all = new Map<string, Value>(Object.entries(plain).map(([name, act]) => [name, native(name, act)]));
  const classes = [
    osError,
    timeoutError,
    assertionError,
    exceptions.Exception,
    ...Object.values(lookupErrors),
    ...otherErrors,
  ];
  for (const one of classes) all.set(one.name, one);
  for (const name of ['BaseException', 'IOError']) all.set(name, name === 'IOError' ? osError : exceptions.Exception);
  return all;
}

const sizes: Readonly<Record<string, number>> = { x: 1, b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, l: 4, L: 4, q: 8, Q: 8 };

/** The letters of a format such as `>HHI`, or `ii` in the machine's own order. */
function layout(format: Value | undefined): { letters: string[]; little: boolean } {
  const text = display(format ?? '');
  const letters = [...text.replace(/^[><!=@]/, '').matchAll(/(\d*)([a-zA-Z])/g)].flatMap(([, times, letter = '']) =>
    Array.from({ length: times === '' ? 1 : Number(times) }, () => letter),
  );
  const unknown = letters.find((letter) => sizes[letter] === undefined);
  if (unknown !== undefined) throw new NotUnderstood(`struct: ${unknown}`);
  return { letters, little: !/^[>!]/.test(text) };
}

export const structModule: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['error', structError],
  [
    'pack',
    native('pack', ([format, ...values]) => {
      const { letters, little } = layout(format);
      const octets: number[] = [];
      for (const letter of letters) {
        const value = letter === 'x' ? 0 : number(values.shift());
        const part = Array.from({ length: sizes[letter] ?? 1 }, (_, i) => Math.floor(value / 256 ** i) & 255);
        octets.push(...(little ? part : part.toReversed()));
      }
      return Uint8Array.from(octets);
    }),
  ],
  [
    'unpack',
    native('unpack', ([format, octets]) => {
      const { letters, little } = layout(format);
      const length = letters.reduce((sum, letter) => sum + (sizes[letter] ?? 1), 0);
      if (!(octets instanceof Uint8Array) || octets.length !== length)
        throw raised(structError, `unpack requires a buffer of ${length} bytes`);
      let at = 0;
      const values = letters.flatMap((letter) => {
        const part = octets.slice(at, at + (sizes[letter] ?? 1));
        at += part.length;
        const value = (little ? part.toReversed() : part).reduce((sum, octet) => sum * 256 + octet, 0);
        return letter === 'x' ? [] : [value];
      });
      return new Tuple(values);
    }),
  ],
]);

/** `random` with the draws of a stream; a seed makes no difference. */
export function randomModule(draws: RandomStream): ReadonlyMap<string, Value> {
  const pick = ([items]: readonly Value[]): Value => {
    const list = itemsOf(items ?? null);
    return list[draws.integer(list.length)] ?? null;
  };
  const functions: readonly (readonly [string, Value])[] = [
    ['random', native('random', () => draws.fraction())],
    ['choice', native('choice', pick)],
    [
      'randrange',
      native(
        'randrange',
        ([from, to]) =>
          (to === undefined ? 0 : number(from)) +
          draws.integer(number(to ?? from) - (to === undefined ? 0 : number(from))),
      ),
    ],
    ['randint', native('randint', ([from, to]) => number(from) + draws.integer(number(to) - number(from) + 1))],
    ['uniform', native('uniform', ([from, to]) => number(from) + draws.fraction() * (number(to) - number(from)))],
    ['seed', native('seed', () => null)],
  ];
  const generator = native('Random', () => new Instance(new Class('Random'), functions));
  return new Map<string, Value>([...functions, ['Random', generator]]);
}

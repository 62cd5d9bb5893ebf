import { formatted } from './format.ts';
import { order } from './operators.ts';
import {
  Dictionary,
  display,
  equal,
  itemsOf,
  keyOf,
  List,
  lookupErrors,
  type Native,
  native,
  raised,
  Tuple,
  type Value,
} from './values.ts';

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

const nothing = (..._: readonly unknown[]): null => null;

type Method<T> = (self: T, values: readonly Value[]) => Value;

const strings: Readonly<Record<string, Method<string>>> = {
  split: (self, [by, most]) => {
    const parts = typeof by === 'string' ? self.split(by) : self.split(/\s+/).filter((part) => part !== '');
    if (typeof most !== 'number' || parts.length <= most + 1) return new List(parts);
    return new List([...parts.slice(0, most), parts.slice(most).join(text(by) || ' ')]);
  },
  splitlines: (self) => new List(self.replace(/\n$/, '').split('\n')),
  strip: (self, [what]) => trimmed(self, what, true, true),
  lstrip: (self, [what]) => trimmed(self, what, true, false),
  rstrip: (self, [what]) => trimmed(self, what, false, true),
  join: (self, [items]) =>
    itemsOf(items ?? null)
      .map(text)
      .join(self),
  startswith: (self, [what]) => some(what, (one) => self.startsWith(one)),
  endswith: (self, [what]) => some(what, (one) => self.endsWith(one)),
  replace: (self, [from, to]) => self.replaceAll(text(from), text(to)),
  lower: (self) => self.toLowerCase(),
  upper: (self) => self.toUpperCase(),
  find: (self, [what]) => self.indexOf(text(what)),
  count: (self, [what]) => self.split(text(what)).length - 1,
  isdigit: (self) => /^\d+$/.test(self),
  encode: (self) => new TextEncoder().encode(self),
  ljust: (self, [width]) => self.padEnd(Number(width)),
  rjust: (self, [width]) => self.padStart(Number(width)),
  zfill: (self, [width]) => self.padStart(Number(width), '0'),
  format: (self, values) => {
    let next = 0;
    return self.replace(/\{(\d*)(?::([^}]*))?\}/g, (_, at: string, spec: string | undefined) =>
      formatted(values[at === '' ? next++ : Number(at)] ?? null, spec ?? ''),
    );
  },
};

function trimmed(self: string, what: Value | undefined, left: boolean, right: boolean): string {
  const drops = (letter: string | undefined) =>
    letter !== undefined && (typeof what === 'string' ? what.includes(letter) : /\s/.test(letter));
  let [from, to] = [0, self.length];
  while (left && from < to && drops(self[from])) from++;
  while (right && to > from && drops(self[to - 1])) to--;
  return self.slice(from, to);
}

const some = (what: Value | undefined, test: (one: string) => boolean): boolean =>
  (what instanceof Tuple ? what.items : [what ?? null]).some((one) => typeof one === 'string' && test(one));

const lists: Readonly<Record<string, Method<List>>> = {
  append: (self, [item]) => nothing(self.items.push(item ?? null)),
  extend: (self, [items]) => nothing(self.items.push(...itemsOf(items ?? null))),
  insert: (self, [at, item]) => nothing(self.items.splice(Number(at), 0, item ?? null)),
  pop: (self, [at]) => {
    const [gone] = self.items.splice(typeof at === 'number' ? at : -1, 1);
    if (gone === undefined) throw raised(lookupErrors.IndexError, 'pop from empty list');
    return gone;
  },
  remove: (self, [item]) => {
    const at = self.items.findIndex((one) => equal(one, item ?? null));
    if (at >= 0) self.items.splice(at, 1);
    return null;
  },
  clear: (self) => nothing(self.items.splice(0)),
  copy: (self) => new List(self.items),
  reverse: (self) => nothing(self.items.reverse()),
  sort: (self) => nothing(self.items.sort(order)),
  index: (self, [item]) => self.items.findIndex((one) => equal(one, item ?? null)),
  count: (self, [item]) => self.items.filter((one) => equal(one, item ?? null)).length,
};

const dictionaries: Readonly<Record<string, Method<Dictionary>>> = {
  get: (self, [key, fallback]) => self.get(key ?? null) ?? fallback ?? null,
  setdefault: (self, [key, fallback]) => {
    if (!self.entries.has(keyOf(key ?? null))) self.set(key ?? null, fallback ?? null);
    return self.get(key ?? null) ?? null;
  },
  items: (self) => new List([...self.entries.values()].map((entry) => new Tuple(entry))),
  keys: (self) => new List(itemsOf(self)),
  values: (self) => new List([...self.entries.values()].map(([, value]) => value)),
  update: (self, [other]) => {
    if (other instanceof Dictionary) for (const [key, value] of other.entries.values()) self.set(key, value);
    return null;
  },
  pop: (self, [key, fallback]) => {
    const value = self.get(key ?? null) ?? fallback ?? null;
    self.entries.delete(keyOf(key ?? null));
    return value;
  },
  add: (self, [key]) => nothing(self.set(key ?? null, true)),
  discard: (self, [key]) => nothing(self.entries.delete(keyOf(key ?? null))),
  remove: (self, [key]) => nothing(self.entries.delete(keyOf(key ?? null))),
  clear: (self) => nothing(self.entries.clear()),
  copy: (self) => new Dictionary(self.entries.values()),
};

const octets: Readonly<Record<string, Method<Uint8Array>>> = {
  decode: (self) => new TextDecoder().decode(self),
  hex: (self) => [...self].map((octet) => octet.toString(16).padStart(2, '0')).join(''),
  startswith: (self, [what]) => display(self).startsWith(display(what ?? null).slice(0, -1)),
};

function bound<T>(methods: Readonly<Record<string, Method<T>>>, self: T, name: string): Native | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && native(name, (values) => method(self, values));
}

/** A method of a value that is built in. */
export function methodOf(value: Value, name: string): Native | undefined {
  if (typeof value === 'string') return bound(strings, value, name);
  if (value instanceof List) return bound(lists, value, name);
  if (value instanceof Dictionary) return bound(dictionaries, value, name);
  if (value instanceof Uint8Array) return bound(octets, value, name);
  return undefined;
}

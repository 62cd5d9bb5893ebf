import { unpack, unpackSteps } from '../packing.ts';
import { h } from './dom.ts';
import { placeOf, type Run } from './run.ts';
import type { Cursor } from './state.ts';
import { grouped, seconds } from './words.ts';

/** An entry of a cache from its storing to its end. */
interface Entry {
  readonly cache: number;
  readonly key: string;
  readonly holds: string;
  readonly why: string;
  readonly stored: number;
  readonly seq: number;
  readonly runsOut: number;
  readonly ends: number;
  readonly hits: number;
  readonly hitTimes: readonly number[];
}

const mostRows = 12;
const kinds: Readonly<Record<string, string>> = { jvm: 'JVM of', coredns: 'CoreDNS', recursor: 'recursor' };

/** All caches as they were at an instant. */
export class Caches {
  readonly element = h('div', { class: 'caches' });
  readonly #run: Run;
  readonly #entries: readonly Entry[];

  constructor(run: Run) {
    this.#run = run;
    this.#entries = entriesOf(run);
  }

  /** Instants at which an entry came or went. */
  get changes(): number[] {
    return this.#entries.flatMap(({ stored, ends }) => (Number.isFinite(ends) ? [stored, ends] : [stored]));
  }

  /** `name`: entries of that name come first, then those of the names that its search list makes of it; empty: all. */
  show(cursor: Cursor, name: string): void {
    const there = this.#entries.filter((entry) => isThere(entry, cursor)).reverse();
    const exact = there.filter(({ key }) => key === name || key.startsWith(`${name} `));
    const searched = there.filter(({ key }) => key.startsWith(`${name}.`));
    const own = name === '' ? there : exact.length > 0 ? exact : searched;
    const rows = own.slice(0, mostRows).map((entry) => this.#row(entry, cursor));
    const head = ['cache', 'entry', 'age', 'left', 'answered'].map((text) => h('th', { scope: 'col' }, text));
    const table = h('table', {}, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows));
    const others = there.length - rows.length;
    const notes = [
      ...(rows.length > 0 ? [] : [name === '' ? 'All caches are empty.' : `No cache holds ${name}.`]),
      ...(others > 0 ? [`${grouped(others)} more of other names.`] : []),
      ...(this.#run.data.caches.left > 0 ? ['Not every entry of the run has room here.'] : []),
    ];
    this.element.replaceChildren(
      ...(rows.length === 0 ? [] : [h('div', { class: 'scroll' }, table)]),
      h('p', { class: 'quiet' }, notes.join(' ')),
    );
  }

  #row(entry: Entry, { t }: Cursor): HTMLElement {
    const { name = '', kind = '' } = this.#run.data.caches.caches[entry.cache] ?? {};
    const so = placeOf(entry.hitTimes, t + 1);
    const answered = entry.hitTimes.length === 0 ? times(entry.hits) : `${times(so)} of ${grouped(entry.hits)}`;
    const isNow = entry.stored === t || entry.hitTimes[so - 1] === t;
    const left = h('td', {}, ...leftOf(entry, t));
    const holds = entry.holds === '' ? [] : [' → ', h('b', {}, entry.holds)];
    return h(
      'tr',
      { class: isNow ? 'now' : undefined },
      h('th', { scope: 'row' }, `${kinds[kind] ?? ''} ${name}`),
      h('td', { class: 'words' }, entry.key, ...holds, h('small', {}, entry.why)),
      h('td', {}, seconds(t - entry.stored)),
      left,
      h('td', {}, answered),
    );
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${grouped(count)} times`;
}

/** What is left of its time; a stale answer may come after that. */
function leftOf({ stored, runsOut }: Entry, t: number): (Node | string)[] {
  if (!Number.isFinite(runsOut)) return ['for ever'];
  if (runsOut < t) return [`run out ${seconds(t - runsOut)} ago`];
  const bar = h('meter', { min: 0, max: Math.max(1, runsOut - stored), value: runsOut - t, 'aria-hidden': 'true' });
  return [bar, seconds(runsOut - t)];
}

function isThere({ stored, seq, ends }: Entry, cursor: Cursor): boolean {
  return (stored < cursor.t || (stored === cursor.t && seq <= cursor.seq)) && cursor.t < ends;
}

/** A span as the column has it: -1 for one without end. */
function spanOf(packed = 0): number {
  return packed < 0 ? Number.POSITIVE_INFINITY : packed;
}

function entriesOf(run: Run): Entry[] {
  const { caches } = run.data;
  const [key, holds, why] = [caches.key, caches.holds, caches.why].map((column) => {
    return unpack(column).map((number) => run.text(number));
  });
  const [stored, seq] = [unpackSteps(caches.stored), unpackSteps(caches.seq)];
  const [lasts, lifetimes, hits] = [caches.lasts, caches.lifetime, caches.hits].map(unpack);
  const times = unpackSteps(caches.hitTimes);
  let taken = 0;
  return unpack(caches.cache).map((cache, index) => {
    const count = hits?.[index] ?? 0;
    const hitTimes = times.slice(taken, taken + count);
    taken += count;
    const from = stored[index] ?? 0;
    return {
      cache,
      key: key?.[index] ?? '',
      holds: holds?.[index] ?? '',
      why: why?.[index] ?? '',
      stored: from,
      seq: seq[index] ?? 0,
      runsOut: from + spanOf(lifetimes?.[index]),
      ends: from + spanOf(lasts?.[index]),
      hits: count,
      hitTimes,
    };
  });
}

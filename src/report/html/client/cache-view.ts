import { unpack, unpackSteps } from '../packing.ts';
import { h } from './dom.ts';
import { placeOf, type Run } from './run.ts';
import type { Cursor } from './state.ts';
import { seconds } from './words.ts';

/** An entry of a cache from its storing to its end. */
interface Entry {
  readonly cache: number;
  readonly key: string;
  readonly holds: string;
  readonly why: string;
  readonly stored: number;
  readonly seq: number;
  readonly ends: number;
  readonly endedBy: string;
  readonly hits: number;
  readonly hitTimes: readonly number[];
}

const mostRows = 40;
const kinds: Readonly<Record<string, string>> = { jvm: 'JVM of', coredns: 'CoreDNS', recursor: 'recursor' };

/** All caches as they were at an instant. */
export class Caches {
  readonly element = h('div', { class: 'caches' });
  readonly #run: Run;
  readonly #entries: readonly Entry[];
  readonly #longest: number;

  constructor(run: Run) {
    this.#run = run;
    this.#entries = entriesOf(run);
    this.#longest = this.#entries.reduce(
      (most, { stored, ends }) => (Number.isFinite(ends) ? Math.max(most, ends - stored) : most),
      1,
    );
  }

  /** Instants at which an entry came or went. */
  get changes(): number[] {
    return this.#entries.flatMap(({ stored, ends }) => (Number.isFinite(ends) ? [stored, ends] : [stored]));
  }

  /** `name`: entries of that name come first, and others are left out unless it is empty. */
  show(cursor: Cursor, name: string): void {
    const there = this.#entries.filter((entry) => isThere(entry, cursor));
    const own = name === '' ? there : there.filter(({ key }) => key.startsWith(name));
    const rows = own.slice(-mostRows).map((entry) => this.#row(entry, cursor));
    const head = ['cache', 'entry', 'holds', 'age', 'left', 'lasts', 'answered'].map((text) =>
      h('th', { scope: 'col' }, text),
    );
    const table = h('table', {}, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows));
    const others = there.length - rows.length;
    const hidden = others > 0 ? [h('p', { class: 'quiet' }, `${others} more of other names.`)] : [];
    const none = h('p', { class: 'quiet' }, name === '' ? 'All caches are empty.' : `No cache holds ${name}.`);
    this.element.replaceChildren(rows.length === 0 ? none : h('div', { class: 'scroll' }, table), ...hidden);
  }

  #row(entry: Entry, { t }: Cursor): HTMLElement {
    const { name = '', kind = '' } = this.#run.data.caches.caches[entry.cache] ?? {};
    const so = placeOf(entry.hitTimes, t + 1);
    const answered = entry.hitTimes.length === 0 ? String(entry.hits) : `${so} of ${entry.hits}`;
    const fresh = entry.stored === t ? 'now' : entry.hitTimes[so - 1] === t ? 'now' : undefined;
    const lasting = entry.ends - entry.stored;
    const left = Number.isFinite(entry.ends)
      ? h('td', {}, meter(entry.ends - t, this.#longest, lasting), seconds(entry.ends - t))
      : h('td', {}, 'for ever');
    return h(
      'tr',
      { class: fresh },
      h('th', { scope: 'row' }, `${kinds[kind] ?? ''} ${name}`),
      h('td', {}, entry.key),
      h('td', {}, entry.holds),
      h('td', {}, seconds(t - entry.stored)),
      left,
      h('td', { class: 'words' }, entry.why),
      h('td', {}, answered),
    );
  }
}

function meter(left: number, longest: number, lasting: number): HTMLElement {
  return h('meter', {
    min: 0,
    max: Math.max(1, Math.min(longest, lasting)),
    value: Math.max(0, left),
    'aria-hidden': 'true',
  });
}

function isThere({ stored, seq, ends }: Entry, cursor: Cursor): boolean {
  return (stored < cursor.t || (stored === cursor.t && seq <= cursor.seq)) && cursor.t < ends;
}

function entriesOf(run: Run): Entry[] {
  const { caches } = run.data;
  const [key, holds, why, endedBy] = [caches.key, caches.holds, caches.why, caches.endedBy].map((column) => {
    return unpack(column).map((number) => run.text(number));
  });
  const [stored, seq] = [unpackSteps(caches.stored), unpackSteps(caches.seq)];
  const [lasts, hits] = [unpack(caches.lasts), unpack(caches.hits)];
  const times = unpackSteps(caches.hitTimes);
  let taken = 0;
  return unpack(caches.cache).map((cache, index) => {
    const count = hits[index] ?? 0;
    const hitTimes = times.slice(taken, taken + count);
    taken += count;
    const from = stored[index] ?? 0;
    const span = lasts[index] ?? 0;
    return {
      cache,
      key: key?.[index] ?? '',
      holds: holds?.[index] ?? '',
      why: why?.[index] ?? '',
      stored: from,
      seq: seq[index] ?? 0,
      ends: span < 0 ? Number.POSITIVE_INFINITY : from + span,
      endedBy: endedBy?.[index] ?? '',
      hits: count,
      hitTimes,
    };
  });
}

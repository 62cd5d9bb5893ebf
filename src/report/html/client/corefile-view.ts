import { unpackSteps } from '../packing.ts';
import type { CorefileData } from '../page-data.ts';
import { h } from './dom.ts';
import { placeOf, type Run } from './run.ts';
import type { Cursor } from './state.ts';
import { grouped } from './words.ts';

interface Act {
  readonly what: string;
  readonly total: number;
  readonly every: number;
  readonly times: readonly number[];
}

interface Line {
  readonly element: HTMLElement;
  readonly counts: HTMLElement;
  readonly acts: readonly Act[];
}

interface File {
  readonly data: CorefileData;
  readonly view: HTMLElement;
  readonly title: HTMLElement;
  readonly lines: ReadonlyMap<number, Line>;
}

/** The Corefile that CoreDNS ran with, its lines with what they did so far. */
export class Corefiles {
  readonly element = h('div', { class: 'corefiles' });
  readonly #files: readonly File[];

  constructor(run: Run) {
    this.#files = run.data.corefiles.map(viewOf);
    this.element.append(...this.#files.map(({ view }) => view));
  }

  /** `marked`: the lines that the current step names, as `file:line`. */
  show({ t }: Cursor, marked: readonly string[]): void {
    for (const { data, view, title, lines } of this.#files) {
      const readers = data.readBy.filter(({ from, until }) => t >= from && (until === null || t < until));
      const isRead = readers.length > 0;
      view.hidden = !isRead;
      if (!isRead) continue;
      title.textContent = `${data.file} of ${readers.map(({ process }) => process).join(', ')}`;
      for (const [number, { element, counts, acts }] of lines) {
        const isMarked = marked.some(
          (place) => place === `${data.file}:${number}` || place.endsWith(`/${data.file}:${number}`),
        );
        element.classList.toggle('marked', isMarked);
        counts.textContent = acts.map((act) => wordsOf(act, t)).join(' · ');
        element.classList.toggle(
          'acted',
          acts.some((act) => soFar(act, t) > 0),
        );
      }
    }
  }
}

/** `12 of 353 hit`. */
function wordsOf(act: Act, t: number): string {
  const so = soFar(act, t);
  return so === act.total ? `${grouped(so)} ${act.what}` : `${grouped(so)} of ${grouped(act.total)} ${act.what}`;
}

function soFar({ times, every, total }: Act, t: number): number {
  return Math.min(total, placeOf(times, t + 1) * every);
}

function viewOf(data: CorefileData): File {
  const byLine = new Map<number, Act[]>();
  for (const { line, what, total, every, times } of data.acted) {
    const act = { what, total, every, times: unpackSteps(times) };
    byLine.set(line, [...(byLine.get(line) ?? []), act]);
  }
  const first = Math.max(
    0,
    data.lines.findIndex((line) => line.trim() !== ''),
  );
  const lines = new Map<number, Line>();
  const rows = data.lines.slice(first).map((text, index) => {
    const number = first + index + 1;
    const counts = h('span', { class: 'counts' });
    const code = h('code', {}, text === '' ? ' ' : text);
    const element = h(
      'li',
      { class: 'line', value: number },
      h('span', { class: 'number' }, String(number)),
      code,
      counts,
    );
    lines.set(number, { element, counts, acts: byLine.get(number) ?? [] });
    return element;
  });
  const title = h('h4');
  return { data, title, view: h('div', {}, title, h('ol', { class: 'corefile' }, ...rows)), lines };
}

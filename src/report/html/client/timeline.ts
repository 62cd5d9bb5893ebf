import { h, s, setAttributes } from './dom.ts';
import { lanePaths } from './lane-paths.ts';
import { paintsOf } from './paints.ts';
import { type LookupId, placeOf } from './run.ts';
import type { State, View } from './state.ts';
import { latency, seconds } from './words.ts';

const laneHeight = 62;
const barHeight = 24;
const latencyHeight = 16;
const eventRow = 18;
const axisHeight = 34;
const flagWidth = 20;
const right = 12;
const letter = 6.6;
const howTo = 'Click on a lookup to open it, drag to zoom, ? for the keys.';

/** All lookups of all workloads over time. Drawn anew whenever what it shows changes; drawing takes milliseconds. */
export class Timeline {
  readonly element: HTMLElement;
  /** What lies below the pointer. */
  readonly hint = h('p', { class: 'hint quiet' }, howTo);
  readonly #state: State;
  readonly #svg = s('svg', { role: 'presentation' });
  readonly #cursor = s('g', { class: 'cursor' });
  readonly #paints;
  #left = 130;
  #width = 0;
  #top = 0;
  #brush: { readonly from: number; to: number } | undefined;

  constructor(state: State, label: string) {
    this.#state = state;
    this.#paints = paintsOf(state.run);
    this.element = h('div', {
      class: 'timeline',
      tabindex: 0,
      role: 'application',
      'aria-label': label,
      'aria-describedby': 'timeline-keys',
    });
    this.element.append(this.#svg);
    this.#listen();
    state.subscribe((view, before) => {
      const moved = view.from !== before.from || view.to !== before.to || view.filter !== before.filter;
      if (moved || view.selected !== before.selected) this.draw();
      else if (view.cursor !== before.cursor) this.#drawCursor(view);
    });
  }

  /** Lays it out anew for the width that it has. */
  fit(): void {
    const width = this.element.clientWidth;
    if (width === 0 || width === this.#width) return;
    this.#width = width;
    const longest = Math.max(6, ...this.#state.run.lanes.map(({ name }) => name.length));
    this.#left = Math.min(Math.round(width * 0.22), Math.round(longest * 7.4) + 18);
    this.draw();
  }

  draw(): void {
    const { run, view } = this.#state;
    const marks = this.#marks(view);
    this.#top = marks.height + 6;
    const bottom = this.#top + run.lanes.length * laneHeight;
    const height = bottom + axisHeight;
    setAttributes(this.#svg, { width: this.#width, height, viewBox: `0 0 ${this.#width} ${height}` });
    this.#svg.replaceChildren(
      hatching(),
      this.#axis(view, bottom),
      ...this.#lanes(view),
      ...marks.parts(bottom),
      this.#cursor,
    );
    this.#drawCursor(view);
  }

  get #plot(): number {
    return Math.max(50, this.#width - this.#left - right);
  }

  #x(t: number, { from, to }: View = this.#state.view): number {
    return this.#left + ((t - from) / (to - from)) * this.#plot;
  }

  #time(x: number): number {
    const { from, to } = this.#state.view;
    return from + ((x - this.#left) / this.#plot) * (to - from);
  }

  #lanes(view: View): Node[] {
    const { run } = this.#state;
    return run.lanes.map((lane, number) => {
      const top = this.#top + number * laneHeight + 6;
      const strip = {
        from: view.from,
        to: view.to,
        width: this.#plot,
        top,
        height: barHeight,
        latencyTop: top + barHeight + 3,
        latencyHeight,
      };
      const { fills, hatch, crosses, latency } = lanePaths(lane, this.#state.shownIn(number), this.#paints, strip);
      const name = s('text', { x: this.#left - 10, y: top + 16, class: 'lane-name' }, cut(lane.name, this.#left / 7.4));
      const plot = s('g', { transform: `translate(${this.#left} 0)` });
      plot.append(s('path', { class: 'floor', d: `M0 ${top + barHeight / 2}h${this.#plot}` }));
      for (const [fill, d] of fills) plot.append(s('path', { class: fill, d }));
      plot.append(s('path', { class: 'hatch', d: hatch }), s('path', { class: 'crosses', d: crosses }));
      plot.append(s('path', { class: 'latency', d: latency }));
      const group = s('g', {}, name, plot);
      const { selected } = view;
      if (selected?.lane === number) group.append(this.#outline(selected, top));
      return group;
    });
  }

  #outline({ lane, index }: LookupId, top: number): Node {
    const own = this.#state.run.lanes[lane];
    const start = own?.start[index] ?? 0;
    const next = own?.start[index + 1] ?? start + (own?.latency[index] ?? 0);
    const [from, to] = [Math.max(this.#left, this.#x(start)), Math.min(this.#width - right, this.#x(next))];
    if (to < this.#left || from > this.#width - right) return s('g');
    const width = Math.max(5, to - from);
    return s('rect', { class: 'selected', x: from - 1.5, y: top - 3, width: width + 2, height: barHeight + 6, rx: 3 });
  }

  #axis({ from, to }: View, y: number): Node {
    const step = stepFor((to - from) / 1e6 / Math.max(3, this.#plot / 90)) * 1e6;
    const digits = Math.max(0, Math.min(6, Math.ceil(-Math.round(Math.log10(step / 1e6) * 1000) / 1000)));
    const group = s('g', { class: 'axis' }, s('path', { d: `M${this.#left} ${y}h${this.#plot}` }));
    for (let n = Math.ceil(from / step - 1e-9); n * step <= to + 1; n++) {
      const x = this.#x(n * step);
      group.append(
        s('path', { d: `M${x} ${y}v5` }),
        s('text', { x: Math.min(x, this.#width - 18), y: y + 18 }, seconds(n * step, digits)),
      );
    }
    return group;
  }

  /** Events with their labels, and lessons as numbers, in rows above the lanes. */
  #marks(view: View) {
    const { events, lessons } = this.#state.run.data;
    const within = ({ at }: { readonly at: number }) => at >= view.from && at <= view.to;
    const ends: number[] = [];
    const placed = events.filter(within).map(({ at, text }) => {
      const x = this.#x(at);
      const words = cut(`${seconds(at)}: ${text}`, (this.#width - right) / letter - 2);
      const wide = words.length * letter + 8;
      const leftwards = x + wide > this.#width - right && x - wide > 0;
      const start = leftwards ? x - wide : Math.min(x, this.#width - right - wide);
      // A rule runs down through the rows below its label's: none of those may have a label there.
      const row = ends.findLastIndex((end) => end > Math.min(start, x)) + 1;
      ends[row] = start + wide;
      return { x, words, start, leftwards, row };
    });
    const hasLessons = lessons.length > 0;
    const rows = ends.length;
    const height = rows * eventRow + (hasLessons ? 22 : 0);
    // Two that stand at one place would hide each other: the later one moves on.
    let free = Number.NEGATIVE_INFINITY;
    const flags = lessons.flatMap((lesson, index) => {
      if (!within(lesson)) return [];
      const x = Math.max(this.#x(lesson.at), free);
      free = x + flagWidth;
      return [this.#flag(index, lesson.at, x, rows * eventRow + 11)];
    });
    const parts = (bottom: number): Node[] => [
      ...placed.flatMap(({ x, words, start, leftwards, row }) => {
        const y = row * eventRow;
        return [
          s('path', { class: 'event', d: `M${x} ${y + 3}V${bottom}` }),
          s(
            'text',
            {
              class: 'event-label',
              x: leftwards ? x - 5 : start + 5,
              y: y + 13,
              'text-anchor': leftwards ? 'end' : 'start',
            },
            words,
          ),
        ];
      }),
      ...flags,
    ];
    return { height, parts };
  }

  #flag(index: number, at: number, x: number, y: number): Node {
    const flag = s(
      'g',
      { class: 'flag' },
      s('circle', { cx: x, cy: y, r: 9 }),
      s('text', { x, y: y + 4 }, String(index + 1)),
    );
    flag.append(s('title', {}, this.#state.run.data.lessons[index]?.text ?? ''));
    flag.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      this.#state.set({ cursor: { t: at, seq: Number.POSITIVE_INFINITY } });
    });
    return flag;
  }

  #drawCursor(view: View): void {
    const x = this.#x(view.cursor.t);
    const bottom = this.#top + this.#state.run.lanes.length * laneHeight;
    const visible = x >= this.#left - 1 && x <= this.#width - right + 1;
    const words = seconds(view.cursor.t, 3);
    const anchor = x > this.#width - 70 ? 'end' : 'start';
    this.#cursor.replaceChildren(
      ...(visible
        ? [
            s('path', { d: `M${x} ${this.#top - 4}V${bottom + 5}` }),
            s('text', { x: x + (anchor === 'end' ? -4 : 4), y: bottom + 31, 'text-anchor': anchor }, words),
          ]
        : []),
    );
    if (this.#brush !== undefined) {
      const [a, b] = [this.#brush.from, this.#brush.to].sort((one, two) => one - two);
      this.#cursor.append(
        s('rect', { class: 'brush', x: a ?? 0, y: this.#top, width: (b ?? 0) - (a ?? 0), height: bottom - this.#top }),
      );
    }
  }

  #listen(): void {
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const x = this.#inside(event);
      this.#brush = { from: x, to: x };
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (this.#brush === undefined) {
        this.hint.textContent = this.#wordsFor(this.#below(event));
        return;
      }
      this.#brush = { from: this.#brush.from, to: this.#inside(event) };
      this.#drawCursor(this.#state.view);
    });
    this.element.addEventListener('pointerup', (event) => {
      const brush = this.#brush;
      this.#brush = undefined;
      if (brush === undefined) return;
      const [a, b] = [Math.min(brush.from, brush.to), Math.max(brush.from, brush.to)];
      if (b - a > 6) this.#state.zoom(this.#time(a), this.#time(b));
      else this.#pick(event);
    });
    this.element.addEventListener('pointerleave', () => {
      this.hint.textContent = howTo;
    });
    this.element.addEventListener('pointercancel', () => {
      this.#brush = undefined;
      this.#drawCursor(this.#state.view);
    });
    this.element.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
        event.preventDefault();
        const by = event.deltaY === 0 ? event.deltaX : event.deltaY;
        this.#state.zoomBy(by > 0 ? 1.25 : 0.8, this.#time(this.#inside(event)));
      },
      { passive: false },
    );
  }

  #inside(event: MouseEvent): number {
    const x = event.clientX - this.#svg.getBoundingClientRect().left;
    return Math.max(this.#left, Math.min(this.#width - right, x));
  }

  #pick(event: MouseEvent): void {
    const id = this.#below(event);
    if (id !== undefined) this.#state.select(id);
    else this.#state.set({ cursor: { t: this.#time(this.#inside(event)), seq: Number.POSITIVE_INFINITY } });
  }

  /** The lookup below the pointer. */
  #below(event: MouseEvent): LookupId | undefined {
    const y = event.clientY - this.#svg.getBoundingClientRect().top;
    const t = this.#time(this.#inside(event));
    const lane = Math.floor((y - this.#top) / laneHeight);
    const own = this.#state.run.lanes[lane];
    const shown = this.#state.shownIn(lane);
    let index = own === undefined ? -1 : placeOf(own.start, t + 1) - 1;
    while (index >= 0 && shown[index] !== 1) index--;
    return index < 0 ? undefined : { lane, index };
  }

  #wordsFor(id: LookupId | undefined): string {
    if (id === undefined) return howTo;
    const { workload, name, start, latency: took, verdict, got, cause } = this.#state.run.lookup(id);
    return `${workload}, ${seconds(start, 3)}: ${name} ${verdict}, ${got || 'no address'} after ${latency(took)} (${cause})`;
  }
}

/** Lines across what is stale: seen in grey too. */
function hatching(): Node {
  const line = s('path', { class: 'hatch-line', d: 'M-1 1l2-2M0 6l6-6M5 7l2-2' });
  return s('defs', {}, s('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, line));
}

function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, Math.floor(letters) - 1))}…`;
}

/** The next of 1, 2 or 5 times a power of ten, in seconds. */
function stepFor(least: number): number {
  let step = 1e-6;
  for (let n = 0; step < least; n++) step *= n % 3 === 1 ? 2.5 : 2;
  return step;
}

import type { LookupId, Run } from './run.ts';

export interface Filter {
  readonly workload: number;
  readonly verdict: string;
  /** Number of a text; -1: any. */
  readonly cause: number;
  /** A part of the name; empty: any. */
  readonly name: string;
}

export const noFilter: Filter = { workload: -1, verdict: '', cause: -1, name: '' };

/** An instant; `seq`: up to and with this record of it. */
export interface Cursor {
  readonly t: number;
  readonly seq: number;
}

/** What the reader looks at. Parts of the page subscribe to what they show. */
export interface View {
  readonly cursor: Cursor;
  readonly from: number;
  readonly to: number;
  readonly filter: Filter;
  readonly selected: LookupId | undefined;
  /** Of the selected lookup's story. */
  readonly step: number;
}

type Listener = (view: View, before: View) => void;

export class State {
  readonly run: Run;
  #view: View;
  #shown: readonly Uint8Array[] = [];
  readonly #listeners: Listener[] = [];

  constructor(run: Run) {
    this.run = run;
    const { until } = run.data;
    const cursor = { t: 0, seq: Number.POSITIVE_INFINITY };
    this.#view = { cursor, from: 0, to: until, filter: noFilter, selected: undefined, step: 0 };
    this.#shown = shownBy(run, noFilter);
  }

  get view(): View {
    return this.#view;
  }

  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
  }

  set(change: Partial<View>): void {
    const before = this.#view;
    this.#view = { ...before, ...change };
    if (this.#view.filter !== before.filter) this.#shown = shownBy(this.run, this.#view.filter);
    for (const listener of this.#listeners) listener(this.#view, before);
  }

  isShown({ lane, index }: LookupId): boolean {
    return this.#shown[lane]?.[index] === 1;
  }

  shownIn(lane: number): Uint8Array {
    return this.#shown[lane] ?? new Uint8Array(0);
  }

  /** Selects a lookup and puts the cursor on the first step of its own that matters. */
  select(id: LookupId): void {
    const { start } = this.run.lookup(id);
    const story = this.run.story(id);
    const own = story?.steps.findIndex(({ earlier, aside }) => earlier === undefined && aside === undefined) ?? -1;
    this.#keepInSight(start);
    this.set({ selected: id, step: -1, cursor: { t: start, seq: Number.POSITIVE_INFINITY } });
    this.goTo(Math.max(0, own));
  }

  /** Puts the cursor on a step of the selected lookup's story. */
  goTo(step: number): void {
    const { selected } = this.#view;
    const story = selected === undefined ? undefined : this.run.story(selected);
    const at = story?.steps[step];
    if (story === undefined || at === undefined) return;
    const told = this.run.lookup({ lane: story.workload, index: story.lookup });
    // What a step is about is written after its first record, and before the next step.
    const next = story.steps[step + 1];
    const seq = next?.t === at.t ? next.s - 0.5 : Number.POSITIVE_INFINITY;
    this.set({ step, cursor: { t: told.start + at.t, seq } });
  }

  /** Shows a stretch of time, not beyond the run's ends and not shorter than a millisecond. */
  zoom(from: number, to: number): void {
    const { until } = this.run.data;
    const span = Math.min(until, Math.max(1000, to - from));
    const start = Math.max(0, Math.min(until - span, from));
    this.set({ from: start, to: start + span });
  }

  zoomBy(factor: number, around: number): void {
    const { from, to } = this.#view;
    this.zoom(around - (around - from) * factor, around + (to - around) * factor);
  }

  #keepInSight(t: number): void {
    const { from, to } = this.#view;
    if (t >= from && t <= to) return;
    const half = (to - from) / 2;
    this.zoom(t - half, t + half);
  }
}

function shownBy(run: Run, { workload, verdict, cause, name }: Filter): Uint8Array[] {
  const asked = name.toLowerCase();
  const names = new Map<number, boolean>();
  const hasName = (text: number): boolean => {
    let has = names.get(text);
    if (has === undefined) {
      has = run.text(text).toLowerCase().includes(asked);
      names.set(text, has);
    }
    return has;
  };
  return run.lanes.map((lane, number) => {
    const shown = new Uint8Array(lane.start.length);
    if (workload !== -1 && workload !== number) return shown;
    for (let i = 0; i < shown.length; i++) {
      if (verdict !== '' && run.outcome(lane.outcome[i] ?? 0).verdict !== verdict) continue;
      if (cause !== -1 && lane.cause[i] !== cause) continue;
      if (asked !== '' && !hasName(lane.lookedUp[i] ?? -1)) continue;
      shown[i] = 1;
    }
    return shown;
  });
}

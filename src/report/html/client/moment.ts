import { Caches } from './cache-view.ts';
import { Conntrack } from './conntrack-view.ts';
import { Corefiles } from './corefile-view.ts';
import { button, h, prose } from './dom.ts';
import type { LookupId } from './run.ts';
import type { State, View } from './state.ts';
import { seconds, timeOfDay } from './words.ts';

/** How things stood at the cursor: what the trainer says to it, the Corefile, the caches, the connection tracking. */
export function moment(state: State): HTMLElement {
  const { run } = state;
  const { clock } = run.data;
  const [corefiles, caches, conntrack] = [new Corefiles(run), new Caches(run), new Conntrack(run)];
  const changes = [...caches.changes, ...run.data.events.map(({ at }) => at), ...run.data.lessons.map(({ at }) => at)];
  const instants = [...new Set([0, ...changes, run.data.until])]
    .filter((t) => t <= run.data.until)
    .sort((a, b) => a - b);
  const at = h('output', { class: 'clock' });
  const lesson = h('div', { class: 'lesson', role: 'note', 'aria-live': 'polite' });
  const onlyOwn = h('input', { type: 'checkbox', checked: true });
  const ordinalOf = (id: LookupId): number => {
    const story = run.story(id);
    return run.ordinal(story === undefined ? id : { lane: story.workload, index: story.lookup });
  };
  const draw = (view: View): void => {
    const { cursor, selected } = view;
    at.textContent = `${seconds(cursor.t, 3)}${clock === undefined ? '' : ` · ${timeOfDay(clock.ofDay, cursor.t)}`}`;
    const own = onlyOwn.checked ? selected : undefined;
    corefiles.show(cursor, markedLines(state));
    caches.show(cursor, own === undefined ? '' : run.lookup(own).name.replace(/\.$/, ''));
    conntrack.show(cursor, own === undefined ? undefined : ordinalOf(own));
    drawLesson(state, lesson);
  };
  onlyOwn.addEventListener('change', () => draw(state.view));
  state.subscribe((view, before) => {
    if (view.cursor !== before.cursor || view.selected !== before.selected || view.step !== before.step) draw(view);
  });
  draw(state.view);
  return h(
    'section',
    { class: 'moment', 'aria-label': 'At this moment' },
    h('div', { class: 'moment-head' }, h('h2', {}, 'At ', at), travel(state, instants)),
    lesson,
    h('label', { class: 'quiet' }, onlyOwn, ' only what concerns the chosen lookup'),
    h('h3', {}, 'Caches'),
    caches.element,
    h('h3', {}, 'Connection tracking'),
    conntrack.element,
    h('h3', {}, 'Corefile, with what its lines have done so far'),
    corefiles.element,
  );
}

/** Forward and back through what changed. */
function travel(state: State, instants: readonly number[]): HTMLElement {
  const { until } = state.run.data;
  const slider = h('input', { type: 'range', min: 0, max: until, step: 1000, value: 0, 'aria-label': 'moment' });
  const goTo = (t: number): void => state.set({ cursor: { t, seq: Number.POSITIVE_INFINITY } });
  slider.addEventListener('input', () => goTo(Number(slider.value)));
  state.subscribe(({ cursor }) => {
    slider.value = String(cursor.t);
    slider.setAttribute('aria-valuetext', seconds(cursor.t, 3));
  });
  const back = (): number => instants.findLast((t) => t < state.view.cursor.t) ?? 0;
  const on = (): number => instants.find((t) => t > state.view.cursor.t) ?? until;
  return h(
    'div',
    { class: 'travel', role: 'group', 'aria-label': 'Move in time' },
    button('to the change before', () => goTo(back()), {}, '◀'),
    slider,
    button('to the next change', () => goTo(on()), {}, '▶'),
  );
}

function markedLines({ run, view }: State): string[] {
  const story = view.selected === undefined ? undefined : run.story(view.selected);
  return (story?.steps[view.step]?.evidence ?? [])
    .map((one) => run.evidence(one))
    .filter(({ kind }) => kind === 'line')
    .map(({ file, line }) => `${file}:${line}`);
}

/** The last lesson up to the cursor, and ways to those beside it. */
function drawLesson(state: State, place: HTMLElement): void {
  const { lessons } = state.run.data;
  place.hidden = lessons.length === 0;
  if (place.hidden) return;
  const index = lessons.findLastIndex(({ at }) => at <= state.view.cursor.t);
  const lesson = lessons[index];
  if (place.dataset.index === String(index)) return;
  place.dataset.index = String(index);
  const goTo = (target: number) => () => {
    const there = lessons[target];
    if (there !== undefined) state.set({ cursor: { t: there.at, seq: Number.POSITIVE_INFINITY } });
  };
  const text =
    lesson === undefined
      ? [h('p', {}, `The first of ${lessons.length} notes is at ${seconds(lessons[0]?.at ?? 0)}.`)]
      : [
          h('p', {}, h('b', { class: 'flag-number' }, String(index + 1)), ` ${seconds(lesson.at, 3)} `),
          h('p', {}, ...prose(lesson.text)),
        ];
  place.replaceChildren(
    ...text,
    h(
      'div',
      { class: 'controls' },
      button('note before', goTo(index - 1), { disabled: index <= 0 }, '◀ note'),
      button('next note', goTo(index + 1), { disabled: index + 1 >= lessons.length }, 'note ▶'),
    ),
  );
}

import type { ComparisonData, PageData, RunData } from '../page-data.ts';
import { comparison, linked } from './comparison.ts';
import { button, h } from './dom.ts';
import { filters, zoomButtons } from './filters.ts';
import { helpDialog, listenOnTimeline } from './keys.ts';
import { lookupList } from './lookup-list.ts';
import { moment } from './moment.ts';
import { legendOf } from './paints.ts';
import { Run } from './run.ts';
import { State } from './state.ts';
import { Story } from './story.ts';
import { Timeline } from './timeline.ts';
import { fineprint, verdict } from './verdict.ts';
import { counted, seconds } from './words.ts';

/** A run's part of the page. */
interface Part {
  readonly state: State;
  readonly timeline: Timeline;
  readonly element: HTMLElement;
}

function part(data: RunData, heading: string, announce: (text: string) => void): Part {
  const state = new State(new Run(data));
  const timeline = new Timeline(
    state,
    `Lookups over time${heading === '' ? '' : `, ${heading}`}. Arrow keys choose one, Enter opens it.`,
  );
  const story = new Story(state);
  listenOnTimeline(timeline, story, state, announce);
  const element = h(
    'div',
    { class: 'run' },
    ...(heading === '' ? [] : [h('h2', { class: 'run-name' }, heading)]),
    ...(heading === '' ? [verdict(data, (t) => state.set({ cursor: { t, seq: Number.POSITIVE_INFINITY } }))] : []),
    h(
      'section',
      { 'aria-label': 'Timeline' },
      h('div', { class: 'bar' }, h('h2', {}, 'Every lookup'), legend(state.run), zoomButtons(state)),
      filters(state),
      timeline.element,
      timeline.hint,
      lookupList(state),
    ),
    h('div', { class: 'halves' }, story.element, moment(state)),
    fineprint(data),
  );
  return { state, timeline, element };
}

function legend(run: Run): HTMLElement {
  const items = legendOf(run).map(({ paint, text }) =>
    h('li', {}, h('span', { class: `swatch ${paint.fill}${paint.hatched ? ' hatched' : ''}` }), text),
  );
  const took = h('li', {}, h('span', { class: 'swatch took' }), 'below: how long it took');
  return h('ul', { class: 'legend', 'aria-label': 'Legend' }, ...items, took);
}

function themeButton(): HTMLElement {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  return button('light or dark', () => {
    const { dataset } = document.documentElement;
    const isDark = dataset.theme === undefined ? dark.matches : dataset.theme === 'dark';
    dataset.theme = isDark ? 'light' : 'dark';
  });
}

/** Opens the lookup that tells most. */
function begin(state: State): void {
  const [lane, index] = state.run.data.telling ?? [];
  if (lane !== undefined && index !== undefined) state.select({ lane, index });
}

/** Opens the first lookup that came out otherwise, where both runs go on. */
function beginTogether(states: readonly State[], { felt }: ComparisonData): void {
  linked(states);
  const [first] = states;
  if (first === undefined) return;
  first.zoom(0, Math.min(...states.map(({ run }) => run.data.until)));
  const lane = first.run.lanes.findIndex(({ name }) => name === felt?.workload);
  const index = first.run.lanes[lane]?.start.indexOf(felt?.start ?? -1) ?? -1;
  if (index >= 0) first.select({ lane, index });
}

function header(data: PageData, first: RunData, parts: readonly Part[], help: HTMLDialogElement): HTMLElement {
  const lookups = parts.reduce((sum, { state }) => sum + state.run.count, 0);
  const howMany =
    data.comparison === undefined ? counted(lookups, 'lookup') : `${counted(data.comparison.lookups, 'lookup')} each`;
  const zero = first.clock === undefined ? '' : ` · 0 s is ${first.clock.start.replace(/\.\d+/, '')}`;
  const scenarios = [...new Set(data.runs.map(({ name }) => name))].join(' and ');
  const byline = `${scenarios} · ${howMany} in ${seconds(first.until)} · seed ${first.seed} · dnspath ${first.version}${zero}`;
  return h(
    'header',
    {},
    h('p', { class: 'byline' }, byline),
    h('h1', {}, data.comparison?.verdict ?? first.finding),
    h(
      'div',
      { class: 'tools' },
      themeButton(),
      button('print', () => print()),
      button('keys', () => help.showModal(), {}, 'keys ?'),
    ),
  );
}

function openOnQuestionMark(help: HTMLDialogElement): void {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (event.key !== '?' || typing || help.open) return;
    event.preventDefault();
    help.showModal();
  });
}

function page(data: PageData): void {
  const [first] = data.runs;
  if (first === undefined) return;
  const live = h('p', { class: 'unseen', 'aria-live': 'polite' });
  const announce = (text: string): void => {
    live.textContent = text;
  };
  const names = data.comparison?.names ?? [''];
  const parts = data.runs.map((run, index) => part(run, names[index] ?? '', announce));
  const help = helpDialog();
  document.body.append(
    header(data, first, parts, help),
    h(
      'main',
      {},
      h(
        'p',
        { id: 'timeline-keys', class: 'unseen' },
        'Left and right choose a lookup, up and down a workload, w the next that went wrong, Enter opens its path, plus and minus zoom.',
      ),
      ...(data.comparison === undefined ? [] : [comparison(data.comparison)]),
      h('div', { class: parts.length > 1 ? 'side-by-side' : undefined }, ...parts.map(({ element }) => element)),
      live,
    ),
    help,
  );
  for (const { timeline } of parts) {
    timeline.fit();
    new ResizeObserver(() => timeline.fit()).observe(timeline.element);
  }
  for (const { state } of parts) begin(state);
  if (data.comparison !== undefined)
    beginTogether(
      parts.map(({ state }) => state),
      data.comparison,
    );
  openOnQuestionMark(help);
  const fit = (): void => {
    for (const { timeline } of parts) timeline.fit();
  };
  addEventListener('beforeprint', fit);
  addEventListener('afterprint', fit);
}

const data: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '{"runs":[]}');
page(data);

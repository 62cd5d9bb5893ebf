import type { ComparisonData } from '../page-data.ts';
import { h, prose } from './dom.ts';
import type { State, View } from './state.ts';

const columns = ['workload', '', 'A', 'B', ''];

/** What changed from the first run to the second. */
export function comparison({ changed, rows, parted, names, notes }: ComparisonData): HTMLElement {
  const told = changed.map(({ place, a, b }) =>
    h('li', {}, h('b', {}, place), ' ', h('code', {}, a), ' → ', h('code', {}, b)),
  );
  const answer = (question: string, ...children: readonly HTMLElement[]) => [
    h('dt', {}, question),
    h('dd', {}, ...children),
  ];
  return h(
    'section',
    { class: 'verdict', 'aria-label': 'What changed' },
    h(
      'dl',
      {},
      ...answer('The two', h('p', {}, names[0]), h('p', {}, names[1])),
      ...answer(
        'What was changed',
        ...(told.length === 0 ? [h('p', {}, 'Nothing: both say the same.')] : [h('ul', {}, ...told)]),
      ),
      ...answer(
        'What comes of it',
        ...(rows.length === 0 ? [] : [tableOf(rows)]),
        ...notes.map((text) => h('p', { class: 'quiet' }, text)),
      ),
      ...answer('Where they part', ...whereParted(parted)),
    ),
  );
}

function tableOf(rows: ComparisonData['rows']): HTMLElement {
  const head = h('tr', {}, ...columns.map((text) => h('th', { scope: 'col' }, text)));
  const body = rows.map(({ cells: [first = '', ...cells], tone }) => {
    return h('tr', { class: tone }, h('th', { scope: 'row' }, first), ...cells.map((text) => h('td', {}, text)));
  });
  return h('div', { class: 'scroll' }, h('table', { class: 'figures' }, h('thead', {}, head), h('tbody', {}, ...body)));
}

function whereParted(parted: ComparisonData['parted']): HTMLElement[] {
  if (parted === undefined) return [h('p', {}, 'Nowhere: the two runs are the same, step by step.')];
  const side = (name: string, words: string) => h('li', {}, h('b', {}, name), ' ', ...prose(words));
  return [h('p', {}, ...prose(parted.where)), h('ul', {}, side('A', parted.a), side('B', parted.b))];
}

/** What is done in one run is done in the other too: zoom, moment, and the same lookup where both have it. */
export function linked(states: readonly State[]): void {
  let following = false;
  for (const state of states) {
    state.subscribe((view, before) => {
      if (following) return;
      following = true;
      for (const other of states) if (other !== state) follow(state, other, view, before);
      following = false;
    });
  }
}

function follow(state: State, other: State, view: View, before: View): void {
  if (view.from !== before.from || view.to !== before.to) other.zoom(view.from, view.to);
  if (view.selected !== before.selected && view.selected !== undefined) {
    const { workload, start } = state.run.lookup(view.selected);
    const lane = other.run.lanes.findIndex(({ name }) => name === workload);
    const index = other.run.lanes[lane]?.start.indexOf(start) ?? -1;
    if (index >= 0) other.select({ lane, index });
  } else if (view.cursor !== before.cursor && view.step === before.step) other.set({ cursor: view.cursor });
}

import { button, h } from './dom.ts';
import { type LookupRow, placeOf } from './run.ts';
import type { State } from './state.ts';
import { latency, seconds } from './words.ts';

const mostRows = 60;

/** The lookups of the timeline as a table: what a screen reader reads, and where a single one is easy to hit. */
export function lookupList(state: State): HTMLElement {
  const body = h('tbody');
  const note = h('p', { class: 'quiet' });
  const head = h(
    'tr',
    {},
    ...['at', 'workload', 'name', 'got', 'outcome', 'because', 'took'].map((text) => h('th', { scope: 'col' }, text)),
  );
  const table = h('table', { class: 'lookups' }, h('thead', {}, head), body);
  const details = h(
    'details',
    {},
    h('summary', {}, 'These lookups as a table'),
    note,
    h('div', { class: 'scroll' }, table),
  );
  const draw = (): void => {
    if (!details.open) return;
    const { rows, more } = visible(state);
    body.replaceChildren(...rows.map((row) => rowOf(row, state)));
    note.textContent = more ? `The first ${mostRows}: zoom in or filter to see others.` : '';
  };
  details.addEventListener('toggle', draw);
  state.subscribe((view, before) => {
    if (view.from !== before.from || view.to !== before.to || view.filter !== before.filter) draw();
    else if (view.selected !== before.selected) draw();
  });
  return details;
}

function visible(state: State): { readonly rows: LookupRow[]; readonly more: boolean } {
  const { run, view } = state;
  const rows: LookupRow[] = [];
  for (const [lane, { start }] of run.lanes.entries()) {
    const shown = state.shownIn(lane);
    let taken = 0;
    for (let index = placeOf(start, view.from); index < start.length && (start[index] ?? 0) <= view.to; index++) {
      if (shown[index] !== 1) continue;
      rows.push(run.lookup({ lane, index }));
      if (++taken > mostRows) break;
    }
  }
  rows.sort((a, b) => a.start - b.start);
  return { rows: rows.slice(0, mostRows), more: rows.length > mostRows };
}

function rowOf(row: LookupRow, state: State): HTMLElement {
  const { selected } = state.view;
  const isSelected = selected?.lane === row.lane && selected.index === row.index;
  const open = button(`${seconds(row.start, 3)}`, () => state.select(row));
  const verdict = h('td', { class: `is-${row.verdict}` }, row.verdict);
  const cells = [row.workload, row.name, row.got].map((text) => h('td', {}, text));
  return h(
    'tr',
    { 'aria-current': isSelected ? 'true' : undefined },
    h('td', {}, open),
    ...cells,
    verdict,
    h('td', {}, row.cause),
    h('td', {}, latency(row.latency)),
  );
}

import type { ComparisonData } from '../page-data.ts';
import { h, prose } from './dom.ts';
import { seconds } from './words.ts';

/** What changed from the first run to the second. */
export function comparison({ columns, rows, parted, names, notes }: ComparisonData): HTMLElement {
  const head = h('tr', {}, ...columns.map((text) => h('th', { scope: 'col' }, text)));
  const body = rows.map(({ cells: [first = '', ...cells], tone }) => {
    return h('tr', { class: tone }, h('th', { scope: 'row' }, first), ...cells.map((text) => h('td', {}, text)));
  });
  const where =
    parted === undefined
      ? `${names[0]} and ${names[1]} never part.`
      : `${names[0]} and ${names[1]} part at ${seconds(parted.at, 3)}: ${parted.why}`;
  return h(
    'section',
    { class: 'verdict', 'aria-label': 'What changed' },
    h('p', {}, ...prose(where)),
    h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, head), h('tbody', {}, ...body))),
    ...notes.map((text) => h('p', { class: 'quiet' }, ...prose(text))),
  );
}

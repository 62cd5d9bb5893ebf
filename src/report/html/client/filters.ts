import { button, h } from './dom.ts';
import { noFilter, type State } from './state.ts';
import { grouped } from './words.ts';

const mostNames = 300;

/** Which lookups are shown, and the buttons that zoom. */
export function filters(state: State): HTMLElement {
  const { run } = state;
  const { workload, verdict, cause, name, list } = controlsOf(run);
  const shown = h('output', { class: 'count' });
  const apply = (): void => {
    state.set({
      filter: {
        workload: Number(workload.value),
        verdict: verdict.value,
        cause: Number(cause.value),
        name: name.value.trim(),
      },
    });
  };
  for (const control of [workload, verdict, cause]) control.addEventListener('change', apply);
  name.addEventListener('input', apply);
  const all = button('show all', () => {
    [workload.value, verdict.value, cause.value, name.value] = ['-1', '', '-1', ''];
    state.set({ filter: noFilter });
  });
  const count = (): void => {
    const matching = matchingIn(state);
    shown.textContent = `${grouped(matching)} of ${grouped(run.count)} lookups`;
    all.hidden = matching === run.count;
  };
  count();
  state.subscribe((view, before) => {
    if (view.filter !== before.filter) count();
  });
  return h(
    'div',
    { class: 'filters', role: 'group', 'aria-label': 'Filter lookups' },
    workload,
    verdict,
    cause,
    name,
    list,
    shown,
    all,
  );
}

/** What to choose a workload, an outcome, a cause and a name with. */
function controlsOf(run: State['run']) {
  const verdicts = [...new Set(run.data.outcomes.map((outcome) => outcome.verdict))];
  const causes = [...new Set(run.lanes.flatMap((lane) => [...new Set(lane.cause)]))];
  const names = [...new Set(run.lanes.flatMap((lane) => [...new Set(lane.lookedUp)]))].slice(0, mostNames);
  return {
    workload: select('workload', [
      ['-1', 'all workloads'],
      ...run.lanes.map(({ name }, index) => [String(index), name] as const),
    ]),
    verdict: select('outcome', [['', 'all outcomes'], ...verdicts.map((one) => [one, one] as const)]),
    cause: select('cause', [['-1', 'all causes'], ...causes.map((one) => [String(one), run.text(one)] as const)]),
    name: h('input', {
      type: 'search',
      placeholder: 'part of a name',
      'aria-label': 'name',
      list: 'names',
      size: 18,
    }),
    list: h('datalist', { id: 'names' }, ...names.map((one) => h('option', { value: run.text(one) }))),
  };
}

function matchingIn(state: State): number {
  return state.run.lanes.reduce((sum, _, lane) => sum + state.shownIn(lane).reduce((ones, one) => ones + one, 0), 0);
}

/** Buttons for those without a wheel or keys. */
export function zoomButtons(state: State): HTMLElement {
  const middle = (): number => {
    const { from, to, cursor } = state.view;
    return cursor.t > from && cursor.t < to ? cursor.t : (from + to) / 2;
  };
  const move = (share: number): void => {
    const { from, to } = state.view;
    state.zoom(from + (to - from) * share, to + (to - from) * share);
  };
  return h(
    'div',
    { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
    button('earlier', () => move(-0.5), {}, '←'),
    button('zoom in', () => state.zoomBy(0.5, middle()), {}, '+'),
    button('zoom out', () => state.zoomBy(2, middle()), {}, '−'),
    button('later', () => move(0.5), {}, '→'),
    button('whole run', () => state.zoom(0, state.run.data.until)),
  );
}

function select(label: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return h('select', { 'aria-label': label }, ...options.map(([value, text]) => h('option', { value }, text)));
}

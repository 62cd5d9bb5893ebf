import { button, h } from './dom.ts';
import type { LookupId } from './run.ts';
import type { State } from './state.ts';
import type { Story } from './story.ts';
import type { Timeline } from './timeline.ts';
import { latency, seconds } from './words.ts';

const described: readonly (readonly [string, string])[] = [
  ['← →', 'the lookup before, the next one (in a path: step back, step on)'],
  ['↑ ↓', 'the workload above, below (in a path: step back, step on)'],
  ['Home End', 'the first, the last'],
  ['w', 'the next lookup that went wrong'],
  ['Enter', 'into the path of the chosen lookup'],
  ['Esc', 'back to the timeline; closes this'],
  ['+ − 0', 'zoom in, zoom out, the whole run'],
  ['?', 'this list'],
];

/** What the keys do, in a dialog. */
export function helpDialog(): HTMLDialogElement {
  const rows = described.map(([key, what]) => [
    h('dt', {}, ...key.split(' ').map((one) => h('kbd', {}, one))),
    h('dd', {}, what),
  ]);
  const dialog = h('dialog', { 'aria-label': 'Keys' });
  const mouse =
    'With the mouse: click on a lookup to open it, drag across the timeline to zoom, Shift or Ctrl and the wheel too.';
  dialog.append(
    h('h2', {}, 'Keys'),
    h('dl', {}, ...rows.flat()),
    h('p', {}, mouse),
    button('close', () => dialog.close()),
  );
  return dialog;
}

/** Keys on the timeline. `announce`: tells what was chosen to those who do not see it. */
export function listenOnTimeline(
  timeline: Timeline,
  story: Story,
  state: State,
  announce: (text: string) => void,
): void {
  timeline.element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { selected, cursor, from, to } = state.view;
    const around = cursor.t > from && cursor.t < to ? cursor.t : (from + to) / 2;
    const choose = (id: LookupId | undefined) => () => {
      if (id === undefined) return;
      state.select(id);
      const { workload, start, verdict, got, cause, latency: took } = state.run.lookup(id);
      announce(`${workload}, ${seconds(start, 3)}, ${verdict}, ${got}, ${cause}, ${latency(took)}`);
    };
    const acts: Readonly<Record<string, () => void>> = {
      ArrowRight: choose(neighbour(state, 1)),
      ArrowLeft: choose(neighbour(state, -1)),
      ArrowDown: choose(inLane(state, 1)),
      ArrowUp: choose(inLane(state, -1)),
      Home: choose(fromEnd(state, 1)),
      End: choose(fromEnd(state, -1)),
      w: choose(neighbour(state, 1, true)),
      Enter: () => {
        if (selected !== undefined) story.focus();
      },
      '+': () => state.zoomBy(0.5, around),
      '=': () => state.zoomBy(0.5, around),
      '-': () => state.zoomBy(2, around),
      0: () => state.zoom(0, state.run.data.until),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  story.element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') timeline.element.focus();
  });
}

/** The next lookup shown to one side of the selected one; the first where none is selected. */
function neighbour(state: State, by: 1 | -1, wrong = false): LookupId | undefined {
  const { selected } = state.view;
  const lane =
    selected?.lane ??
    Math.max(
      0,
      state.run.lanes.findIndex((_, number) => state.shownIn(number).includes(1)),
    );
  const { length } = state.run.lanes[lane]?.start ?? [];
  for (let index = (selected?.index ?? -1) + by; index >= 0 && index < length; index += by) {
    const isWanted = !wrong || state.run.lookup({ lane, index }).verdict !== 'right';
    if (isWanted && state.isShown({ lane, index })) return { lane, index };
  }
  return wrong && selected !== undefined ? firstWrongBelow(state, lane + 1) : undefined;
}

function firstWrongBelow(state: State, from: number): LookupId | undefined {
  for (let lane = from; lane < state.run.lanes.length; lane++) {
    const { length } = state.run.lanes[lane]?.start ?? [];
    for (let index = 0; index < length; index++) {
      if (state.isShown({ lane, index }) && state.run.lookup({ lane, index }).verdict !== 'right')
        return { lane, index };
    }
  }
  return undefined;
}

/** The lookup of a lane above or below that began last before the selected one. */
function inLane(state: State, by: 1 | -1): LookupId | undefined {
  const { selected, cursor } = state.view;
  const at = selected === undefined ? cursor.t : state.run.lookup(selected).start;
  for (let lane = (selected?.lane ?? -by) + by; lane >= 0 && lane < state.run.lanes.length; lane += by) {
    const shown = state.shownIn(lane);
    const start = state.run.lanes[lane]?.start ?? [];
    let best = -1;
    for (let index = 0; index < start.length; index++) {
      if (shown[index] === 1 && (best === -1 || (start[index] ?? 0) <= at)) best = index;
    }
    if (best !== -1) return { lane, index: best };
  }
  return undefined;
}

function fromEnd(state: State, by: 1 | -1): LookupId | undefined {
  const lane = state.view.selected?.lane ?? 0;
  const shown = state.shownIn(lane);
  const index = by === 1 ? shown.indexOf(1) : shown.lastIndexOf(1);
  return index === -1 ? undefined : { lane, index };
}

import type { Layer } from '../../../trace/account/account.ts';
import type { StepData, StoryData } from '../page-data.ts';
import { button, h, prose } from './dom.ts';
import type { LookupRow, Run } from './run.ts';
import type { State, View } from './state.ts';
import { counted, latency, seconds, sinceStart } from './words.ts';

const order: readonly Layer[] = [
  'application',
  'resolver',
  'kernel',
  'node-cache',
  'coredns',
  'recursor',
  'authority',
  'network',
];

const headings: Readonly<Record<string, string>> = {
  packet: 'packet',
  rule: 'rule that matched',
  conntrack: 'conntrack entry',
  ipvs: 'IPVS connection',
  'cache-entry': 'cache entry',
  line: 'line that acted',
};

/** The path of the selected lookup, a step at a time. */
export class Story {
  readonly element = h('section', { class: 'story', 'aria-label': 'One lookup, step by step' });
  readonly #state: State;
  /** Are steps shown that lie aside of what settled it? */
  #withAsides = false;
  #steps: HTMLElement[] = [];
  /** Numbers of the steps that are shown. */
  #shown: readonly number[] = [];
  #stations: ReadonlyMap<string, HTMLElement> = new Map();
  #position = h('output');
  #evidence = h('div', { class: 'evidence', 'aria-live': 'polite' });

  constructor(state: State) {
    this.#state = state;
    this.#draw(state.view);
    state.subscribe((view, before) => {
      if (view.selected !== before.selected) this.#draw(view);
      if (view.step !== before.step) this.#mark(view, before.step);
    });
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Puts the keyboard on the current step. */
  focus(): void {
    this.#steps[Math.max(0, this.#state.view.step)]?.focus();
  }

  #draw({ selected }: View): void {
    const { run } = this.#state;
    const title = h('h2', {}, 'One lookup, step by step');
    if (selected === undefined) {
      const hint = 'Choose a lookup: click on one above, or move with the arrow keys and press Enter.';
      this.#steps = [];
      this.element.replaceChildren(title, h('p', { class: 'quiet' }, hint));
      return;
    }
    const lookup = run.lookup(selected);
    const story = run.story(selected);
    if (story === undefined) {
      this.#steps = [];
      this.#shown = [];
      const { explain } = run.data;
      const tells = explain === undefined ? [] : [h('code', {}, `${explain} --lookup ${lookup.id}`), ' tells it.'];
      const none = h('p', {}, 'There was no room for the path of this one. ', ...tells);
      this.element.replaceChildren(title, headline(lookup), none);
      return;
    }
    this.#steps = story.steps.map((step, index) => this.#step(step, index, story));
    this.#shown = story.steps.flatMap((step, index) => (this.#withAsides || !isBeside(step) ? [index] : []));
    const stations = stationsOf(story, run);
    this.#stations = new Map(stations.map(({ place, element }) => [place, element]));
    this.element.replaceChildren(
      title,
      headline(lookup),
      ...this.#twin(lookup, story),
      h('ol', { class: 'stations', 'aria-label': 'Places on the way' }, ...stations.map(({ element }) => element)),
      this.#controls(),
      this.#evidence,
      h('ol', { class: 'steps' }, ...this.#withHeadings(story)),
      ...this.#asides(story),
      h('p', { class: 'conclusion' }, ...prose(run.text(story.conclusion))),
    );
    this.#mark(this.#state.view, -1);
  }

  #twin(lookup: LookupRow, story: StoryData): HTMLElement[] {
    if (story.workload === lookup.lane && story.lookup === lookup.index) return [];
    const told = this.#state.run.lookup({ lane: story.workload, index: story.lookup });
    const text = `It went like the lookup at ${seconds(told.start, 3)}, to the same end for the same reason; that one’s path is shown.`;
    return [h('p', { class: 'quiet' }, text)];
  }

  /** What the search list or the other address family asked, and what else came to nothing, is shown on demand. */
  #asides({ steps }: StoryData): HTMLElement[] {
    const count = steps.filter(isBeside).length;
    if (count === 0) return [];
    const all = h('input', { type: 'checkbox' });
    all.checked = this.#withAsides;
    all.addEventListener('change', () => {
      this.#withAsides = all.checked;
      this.#draw(this.#state.view);
      if (!this.#shown.includes(this.#state.view.step)) this.#move(0);
    });
    const words = ` with ${counted(count, 'step')} of questions that did not settle it`;
    return [h('label', { class: 'quiet' }, all, words)];
  }

  /** To the shown step that many further on. */
  #move(by: number): void {
    const { step } = this.#state.view;
    const from = this.#shown.includes(step) ? this.#shown.indexOf(step) : this.#shown.findIndex((one) => one > step);
    const target = this.#shown[Math.max(0, Math.min(this.#shown.length - 1, from + by))];
    if (target !== undefined) this.#state.goTo(target);
  }

  #controls(): HTMLElement {
    const by = (change: number) => () => this.#move(change);
    const far = this.#steps.length;
    return h(
      'div',
      { class: 'controls', role: 'group', 'aria-label': 'Step through' },
      button('first step', by(-far), {}, '|◀'),
      button('step back', by(-1), {}, '◀'),
      this.#position,
      button('step on', by(1), {}, '▶'),
      button('last step', by(far), {}, '▶|'),
    );
  }

  /** Where an earlier lookup's strand begins, and where this one's own. */
  #withHeadings(story: StoryData): HTMLElement[] {
    const items: HTMLElement[] = [];
    for (const [place, index] of this.#shown.entries()) {
      const [step, before] = [story.steps[index], story.steps[this.#shown[place - 1] ?? -1]];
      const element = this.#steps[index];
      if (element === undefined) continue;
      const isEarlier = step?.earlier === 1;
      if (isEarlier && before?.earlier !== 1)
        items.push(h('li', { class: 'part' }, 'Before: a cache on its way was filled'));
      if (!isEarlier && before?.earlier === 1) items.push(h('li', { class: 'part' }, 'The lookup itself'));
      items.push(h('li', { class: isEarlier ? 'earlier' : undefined }, element));
      if (story.leftOut !== undefined && story.leftOut.after === index + 1) {
        items.push(h('li', { class: 'part' }, `${story.leftOut.count} steps like these are left out`));
      }
    }
    return items;
  }

  #step(step: StepData, index: number, story: StoryData): HTMLElement {
    const { run } = this.#state;
    const depth = Math.min(4, step.depth ?? 0);
    const looks = `step depth${depth} ${step.tone ?? ''}${step.aside === 1 ? ' aside' : ''}`;
    const element = h(
      'button',
      { type: 'button', class: looks, 'data-layer': step.layer },
      h('span', { class: 'when' }, when(step, story, run)),
      h('span', { class: 'place' }, run.text(step.at)),
      h('span', { class: 'text' }, ...prose(run.text(step.text))),
    );
    element.addEventListener('click', () => this.#state.goTo(index));
    return element;
  }

  #mark({ step, selected }: View, before: number): void {
    this.#steps[before]?.removeAttribute('aria-current');
    const current = this.#steps[step];
    const story = selected === undefined ? undefined : this.#state.run.story(selected);
    const data = story?.steps[step];
    this.#position.textContent =
      current === undefined ? '' : `step ${this.#shown.indexOf(step) + 1} of ${this.#shown.length}`;
    for (const station of this.#stations.values()) station.removeAttribute('aria-current');
    this.#evidence.replaceChildren();
    if (current === undefined || data === undefined) return;
    current.setAttribute('aria-current', 'step');
    this.#scrollTo(current);
    this.#stations.get(this.#state.run.text(data.at))?.setAttribute('aria-current', 'location');
    this.#evidence.append(h('p', { class: 'now' }, ...prose(this.#state.run.text(data.text))), ...this.#figures(data));
  }

  /** Within the list only: the page stays where it is. */
  #scrollTo(step: HTMLElement): void {
    const list = step.closest('ol');
    if (list === null) return;
    const [outer, inner] = [list.getBoundingClientRect(), step.getBoundingClientRect()];
    if (inner.top < outer.top + 30) list.scrollTop -= outer.top + 30 - inner.top;
    else if (inner.bottom > outer.bottom - 30) list.scrollTop += inner.bottom - outer.bottom + 30;
  }

  #figures({ evidence = [] }: StepData): HTMLElement[] {
    return evidence.map((one) => {
      const { kind, text, line, file } = this.#state.run.evidence(one);
      const place = kind === 'line' ? ` ${file.slice(file.lastIndexOf('/') + 1)}:${line}` : '';
      return h('figure', {}, h('figcaption', {}, `${headings[kind] ?? kind}${place}`), h('pre', {}, text.trim()));
    });
  }

  #key(event: KeyboardEvent): void {
    const far = this.#steps.length;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowDown: 1,
      ArrowLeft: -1,
      ArrowUp: -1,
      Home: -far,
      End: far,
    };
    const by = moves[event.key];
    const typing = event.target instanceof HTMLInputElement;
    if (by === undefined || typing || event.altKey || event.ctrlKey || event.metaKey || far === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#move(by);
    this.focus();
  }
}

/** Of questions beside the point only what the resolver made of them is told unasked. */
function isBeside({ aside, layer, tone }: StepData): boolean {
  return aside === 1 && (layer !== 'resolver' || tone === undefined);
}

function headline(lookup: LookupRow): HTMLElement {
  const { id, workload, name, start, latency: took, verdict, got, cause } = lookup;
  const end = verdict === 'failed' ? `failed with ${got}` : `got ${got || 'no address'}`;
  const because = verdict === 'right' ? ` (${cause})` : `: ${cause}`;
  return h(
    'p',
    { class: 'headline' },
    h('span', { class: `badge is-${verdict}` }, verdict),
    ` ${workload} asked for ${name} at ${seconds(start, 3)} and ${end} after ${latency(took)}${because} `,
    h('small', { class: 'quiet' }, id),
  );
}

/** Earlier strands have instants of the run; the lookup's own count from its start. */
function when({ t, earlier }: StepData, story: StoryData, run: Run): string {
  if (earlier !== 1) return sinceStart(t);
  return seconds(run.lookup({ lane: story.workload, index: story.lookup }).start + t, 3);
}

/** Each place once, in the order in which a query meets them. */
function stationsOf({ steps }: StoryData, run: Run) {
  const places = new Map<number, Layer>();
  for (const { at, layer } of steps) {
    const known = places.get(at);
    const isNearer =
      layer !== 'network' && (known === 'network' || order.indexOf(layer) > order.indexOf(known ?? layer));
    if (known === undefined || isNearer) places.set(at, layer);
  }
  const sorted = [...places].sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b));
  return sorted.map(([at, layer]) => {
    const place = run.text(at);
    return { place, element: h('li', { 'data-layer': layer }, h('b', {}, place), h('small', {}, layer)) };
  });
}

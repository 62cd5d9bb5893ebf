import type { RunData, WorkloadData } from '../page-data.ts';
import { button, type Child, h, prose } from './dom.ts';
import { counted, grouped, latency, seconds } from './words.ts';

/** What a reader wants to know first: what happened, to whom, for how long, why, and what would prevent it. */
export function verdict(data: RunData, goTo: (t: number) => void): HTMLElement {
  return h(
    'section',
    { class: 'verdict', 'aria-label': 'Verdict' },
    h(
      'dl',
      {},
      ...answer('What happened', ...whatHappened(data, goTo)),
      ...answer('To whom, how long', figures(data.workloads)),
      ...answer('Why', ...why(data.workloads)),
      ...prevention(data),
    ),
  );
}

function answer(question: string, ...children: readonly Child[]): HTMLElement[] {
  return [h('dt', {}, question), h('dd', {}, ...children)];
}

/** What was asked, what came of it, and the events with what there is to see at them, in order. */
function whatHappened(data: RunData, goTo: (t: number) => void): HTMLElement[] {
  const { title, outcome, events, lessons } = data;
  const moments = [
    ...events.map(({ at, text }) => ({ at, what: [h('b', {}, text)] })),
    ...lessons.map(({ at, text }, index) => {
      const go = button(`go to ${seconds(at, 3)}`, () => goTo(at), { class: 'flag-number' }, String(index + 1));
      return { at, what: [go, ' ', ...prose(text)] };
    }),
  ].sort((a, b) => a.at - b.at);
  const items = moments.map(({ at, what }, index) => {
    const again = moments[index - 1]?.at === at;
    return h('li', {}, h('span', { class: 'when' }, again ? '' : seconds(at, 3)), h('span', {}, ...what));
  });
  const list = h('ol', { class: 'events' }, ...items);
  return [h('p', {}, title), h('p', {}, h('b', {}, outcome)), ...(moments.length > 0 ? [list] : [])];
}

function figures(workloads: readonly WorkloadData[]): HTMLElement {
  const head = ['workload', 'lookups', 'failed', 'stale', 'for how long', 'median', 'slowest'];
  const body = workloads.map(({ name, who, figures: f, howLong }) => {
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, name, h('small', {}, who)),
      h('td', {}, grouped(f.lookups)),
      h('td', { class: f.failed > 0 ? 'is-failed' : undefined }, grouped(f.failed)),
      h('td', { class: f.stale > 0 ? 'is-stale' : undefined }, grouped(f.stale)),
      h('td', { class: 'words' }, howLong === '' ? 'all well' : howLong),
      h('td', {}, latency(f.p50)),
      h('td', {}, latency(f.max)),
    );
  });
  const row = h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)));
  return h('div', { class: 'scroll' }, h('table', { class: 'figures' }, h('thead', {}, row), h('tbody', {}, ...body)));
}

const leads: Readonly<Record<string, string>> = {
  why: '',
  'held by': 'The old answer was held by',
  from: 'which had it from',
  because: 'Causes:',
  'such as': 'For example,',
  conntrack: 'The conntrack entry:',
  ended: '',
};

function why(workloads: readonly WorkloadData[]): HTMLElement[] {
  const told = workloads.filter(({ findings }) => findings.length > 0);
  if (told.length === 0) return [h('p', {}, 'Every lookup got what the authority served.')];
  return told.map(({ name, findings }) => {
    const lines = findings.flatMap(({ text, because }) => [
      ...(text === '' ? [] : [h('p', {}, h('b', {}, name), ' ', ...prose(text))]),
      ...(because.length === 0 ? [] : [reasons(because)]),
    ]);
    return h('div', { class: 'finding' }, ...lines);
  });
}

function reasons(because: WorkloadData['findings'][number]['because']): HTMLElement {
  const items = because.map(({ lead, text }) => {
    const words = leads[lead] ?? lead;
    return h(
      'li',
      { class: lead === 'from' ? 'deeper' : undefined },
      ...(words === '' ? [] : [h('i', {}, words), ' ']),
      ...prose(text),
    );
  });
  return h('ul', {}, ...items);
}

function prevention({ remedies, advice, workloads }: RunData): HTMLElement[] {
  const list = (texts: readonly string[]) => h('ul', {}, ...texts.map((text) => h('li', {}, ...prose(text))));
  if (remedies.length > 0) return answer('What would prevent it', list(remedies));
  if (advice.length > 0) return answer('What would prevent it', h('p', {}, 'In general:'), list(advice));
  const wrong = workloads.reduce((sum, { figures: f }) => sum + f.failed + f.stale, 0);
  return wrong === 0 ? [] : answer('What would prevent it', h('p', {}, 'The scenario names no remedy.'));
}

/** What was expected of the run, and the defaults and omissions that it rests on. */
export function fineprint(data: RunData): HTMLElement {
  const { expectations, restsOn, notModelled, events } = data;
  const bad = expectations.filter(({ state }) => state === 'NOT MET').length;
  const outcome = bad === 0 ? 'all met' : `${bad} NOT MET`;
  return h(
    'section',
    { class: 'fineprint', 'aria-label': 'What this rests on' },
    ...(expectations.length === 0
      ? []
      : [
          h(
            'details',
            { open: bad > 0 },
            h('summary', {}, `${counted(expectations.length, 'expectation')} of the scenario: ${outcome}`),
            h(
              'ul',
              {},
              ...expectations.map(({ state, text }) =>
                h('li', {}, h('b', { class: state === 'met' ? 'good' : 'bad' }, state), ' ', ...prose(text)),
              ),
            ),
          ),
        ]),
    h(
      'details',
      {},
      h('summary', {}, 'What this rests on: a simulation, with these defaults'),
      h(
        'p',
        {},
        `A run of dnspath ${data.version}, a simulator of the DNS path, with seed ${data.seed}, ${seconds(data.until)} long, with ${counted(events.length, 'event')}. Latencies are as this seed drew them.`,
      ),
      h(
        'ul',
        {},
        ...restsOn.map(({ what, value, source }) => h('li', {}, `${what}: `, h('b', {}, value), `; ${source}`)),
      ),
      ...(notModelled.length === 0 ? [] : [h('p', {}, `Not modelled: ${notModelled.join('; ')}.`)]),
    ),
  );
}

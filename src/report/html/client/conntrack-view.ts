import { unpack, unpackSteps } from '../packing.ts';
import { h } from './dom.ts';
import type { Run } from './run.ts';
import type { Cursor } from './state.ts';
import { grouped, seconds } from './words.ts';

interface Entry {
  readonly node: string;
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly replySource: string;
  readonly replyDestination: string;
  readonly lookup: number;
  readonly born: number;
  readonly ends: number;
  readonly astray: boolean;
  readonly steps: readonly Step[];
}

interface Step {
  readonly t: number;
  readonly seq: number;
  readonly left: number;
  readonly seenReply: boolean;
  readonly assured: boolean;
}

const mostRows = 15;
/** Entries of a port that a workload always uses belong to all its lookups. */
const ofPort = -2;

/** The nodes' connection tracking as it was at an instant. */
export class Conntrack {
  readonly element = h('div', { class: 'conntrack' });
  readonly #run: Run;
  readonly #entries: readonly Entry[];
  readonly #alive: readonly number[];

  constructor(run: Run) {
    this.#run = run;
    this.#entries = entriesOf(run);
    this.#alive = unpackSteps(run.data.conntrack.alive);
  }

  /** `lookup`: the entries of that one come first; undefined: those met last. */
  show(cursor: Cursor, lookup: number | undefined): void {
    const there = this.#entries.flatMap((entry) => {
      const last = lastStep(entry, cursor);
      return last !== undefined && cursor.t < entry.ends && last.t + last.left > cursor.t ? [{ entry, last }] : [];
    });
    const own =
      lookup === undefined ? there : there.filter(({ entry }) => entry.lookup === lookup || entry.lookup === ofPort);
    own.sort((a, b) => Number(b.entry.astray) - Number(a.entry.astray) || b.last.seq - a.last.seq);
    const rows = own.slice(0, mostRows).map(({ entry, last }) => rowOf(entry, last, cursor));
    const head = ['node', 'first packet, and the answers that it expects', 'left', ''].map((text) =>
      h('th', { scope: 'col' }, text),
    );
    const table = h('table', {}, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows));
    const { every, left } = this.#run.data.conntrack;
    const all = left === 0 ? there.length : Math.max(there.length, this.#alive[Math.round(cursor.t / every)] ?? 0);
    const words = all === 1 ? 'One entry in all' : `${grouped(all)} entries in all`;
    const which =
      rows.length === all ? '' : rows.length === 0 ? ', none of this lookup' : `, ${grouped(rows.length)} shown`;
    this.element.replaceChildren(
      ...(rows.length === 0 ? [] : [h('div', { class: 'scroll' }, table)]),
      h('p', { class: 'quiet' }, `${words}${which}.`),
    );
  }
}

function rowOf(entry: Entry, last: Step, { t }: Cursor): HTMLElement {
  const { node, protocol, source, destination, replySource, replyDestination, astray } = entry;
  const looks = `${astray ? 'astray' : ''} ${last.t === t ? 'now' : ''}`;
  const flags = [
    ...(last.seenReply ? [] : ['UNREPLIED']),
    ...(last.assured ? ['ASSURED'] : []),
    ...(astray ? ['no DNAT'] : []),
  ];
  return h(
    'tr',
    { class: looks.trim() === '' ? undefined : looks.trim() },
    h('th', { scope: 'row' }, node),
    h(
      'td',
      { class: 'mono' },
      `${protocol} ${source} → ${destination}`,
      h('small', {}, `answers ${replySource} → ${replyDestination}`),
    ),
    h('td', {}, seconds(last.t + last.left - t)),
    h('td', {}, flags.join(' ')),
  );
}

/** The last step up to the cursor. */
function lastStep({ steps }: Entry, { t, seq }: Cursor): Step | undefined {
  return steps.findLast((step) => step.t < t || (step.t === t && step.seq <= seq));
}

function entriesOf(run: Run): Entry[] {
  const { conntrack } = run.data;
  const texts = (column: string) => unpack(column).map((number) => run.text(number));
  const [protocol, source, destination] = [
    texts(conntrack.protocol),
    texts(conntrack.source),
    texts(conntrack.destination),
  ];
  const [replySource, replyDestination] = [texts(conntrack.replySource), texts(conntrack.replyDestination)];
  const [born, lasts] = [unpackSteps(conntrack.born), unpack(conntrack.lasts)];
  const [astray, counts, lookup] = [conntrack.astray, conntrack.steps, conntrack.lookup].map(unpack);
  const steps = stepsOf(run);
  let taken = 0;
  return unpack(conntrack.node).map((node, index) => {
    const count = counts?.[index] ?? 0;
    const own = steps.slice(taken, taken + count);
    taken += count;
    const from = born[index] ?? 0;
    const span = lasts[index] ?? 0;
    return {
      node: conntrack.nodes[node] ?? '',
      protocol: protocol[index] ?? '',
      source: source[index] ?? '',
      destination: destination[index] ?? '',
      replySource: replySource[index] ?? '',
      replyDestination: replyDestination[index] ?? '',
      lookup: lookup?.[index] ?? -1,
      born: from,
      ends: span < 0 ? Number.POSITIVE_INFINITY : from + span,
      astray: astray?.[index] === 1,
      steps: own,
    };
  });
}

function stepsOf({ data: { conntrack } }: Run): Step[] {
  const [times, seqs] = [unpackSteps(conntrack.stepTimes), unpackSteps(conntrack.stepSeqs)];
  const [left, flags] = [unpack(conntrack.stepLeft), unpack(conntrack.stepFlags)];
  return times.map((t, index) => {
    const flag = flags[index] ?? 0;
    return { t, seq: seqs[index] ?? 0, left: left[index] ?? 0, seenReply: flag % 2 === 1, assured: flag >= 2 };
  });
}

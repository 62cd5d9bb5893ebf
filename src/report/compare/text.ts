import type { Comparison } from '../../study/compare/compare.ts';
import type { InputDifference } from '../../study/compare/inputs.ts';
import { counted, inSeconds, instant } from '../../trace/words.ts';
import { lookAt, type Written } from '../look-at.ts';
import { coloured, cut, hanging, inBlocks, narrowTable, plain, type Style, type Styler } from '../terminal.ts';
import { linesWords, measured, measureNames, outcomeWords, seedsWords, verdictSentence } from './words.ts';

export interface CompareTextOptions extends Written {
  readonly colour: boolean;
  /** How the user named the two. */
  readonly labels: { readonly a: string; readonly b: string };
  /** What the cluster is in which Corefiles were run that came without one; a sentence each. */
  readonly surroundings: readonly string[];
}

/** What changes from A to B, on one screen of 80 columns. */
export function compareText(comparison: Comparison, options: CompareTextOptions): string {
  const style = options.colour ? coloured : plain;
  const blocks = [
    head(comparison, options, style),
    verdict(comparison, style),
    changes(comparison, style),
    parting(comparison, style),
    misfits(comparison, style),
    lookAt(options, style),
  ];
  return inBlocks(blocks);
}

function head(
  { a, b, inputs, until, workloads }: Comparison,
  { labels, surroundings }: CompareTextOptions,
  style: Styler,
): string[] {
  const lookups = workloads.reduce((sum, workload) => sum + workload.a.lookups, 0);
  const facts = `${counted(lookups, 'lookup')} of ${counted(workloads.length, 'workload')} in ${inSeconds(until)} each, seed ${a.world.seed}, dnspath ${a.version}`;
  return [
    ...hanging('A  ', `${labels.a} (${releaseOf(a)})`, style('bold', 'A  ')),
    ...hanging('B  ', `${labels.b} (${releaseOf(b)})`, style('bold', 'B  ')),
    ...surroundings.flatMap((sentence, i) => hanging(i === 0 ? 'in ' : '   ', sentence)),
    ...inputLines(inputs),
    style('dim', facts),
  ];
}

function releaseOf({ world }: Comparison['a']): string {
  const releases = new Set(world.coredns.map(({ release }) => `CoreDNS ${release}`));
  return releases.size === 0 ? 'no CoreDNS' : [...releases].join(', ');
}

const mostInputs = 8;

function inputLines(inputs: readonly InputDifference[]): string[] {
  if (inputs.length === 0) return ['Both say the same.'];
  const lines = inputs.slice(0, mostInputs).flatMap((input) => {
    if (input.kind === 'value')
      return hanging('   ', `${input.path}: ${input.a || '(not said)'} → ${input.b || '(not said)'}`);
    return changedLines(input);
  });
  const more = inputs.length - mostInputs;
  return [...lines, ...(more > 0 ? [`   and ${counted(more, 'more change')}`] : [])];
}

/** Longer texts do not stand beside each other: what goes is told above what comes. */
const longestBeside = 60;
const mostLines = 8;

function changedLines(input: Extract<InputDifference, { readonly kind: 'lines' }>): string[] {
  const [a, b] = [linesWords(input.a), linesWords(input.b)];
  const place = a.place === b.place ? a.place : `${a.place} → ${b.place}`;
  if (Math.max(a.text.length, b.text.length) <= longestBeside)
    return hanging(
      '   ',
      `${place}: ${a.text === 'nothing' ? '' : `${a.text} `}→ ${b.text === 'nothing' ? '(gone)' : b.text}`,
    );
  return [`   ${place}:`, ...marked('-', input.a.lines), ...marked('+', input.b.lines)];
}

/** Lines with a mark, indented by their braces. */
function marked(mark: string, all: readonly string[]): string[] {
  const left = all.length - mostLines;
  let depth = 0;
  const indented = all.map((line) => {
    if (line.startsWith('}')) depth = Math.max(0, depth - 1);
    const shown = cut(`${'    '.repeat(depth)}${line}`, 72);
    if (line.endsWith('{')) depth++;
    return `     ${mark} ${shown}`;
  });
  return [...indented.slice(0, mostLines), ...(left > 0 ? [`       and ${counted(left, 'more line')}`] : [])];
}

const verdictStyles: Readonly<Record<Comparison['verdict']['word'], Style>> = {
  better: 'green',
  worse: 'red',
  mixed: 'yellow',
  'the same': 'bold',
};

function verdict(comparison: Comparison, style: Styler): string[] {
  return hanging('', verdictSentence(comparison)).map((line) => style(verdictStyles[comparison.verdict.word], line));
}

function changes(comparison: Comparison, style: Styler): string[] {
  const { workloads } = comparison;
  const changed = workloads.filter((workload) => workload.changes.length > 0);
  const same = workloads.filter((workload) => workload.changes.length === 0).map(({ workload }) => workload);
  if (changed.length === 0) return [];
  const [header = '', ...rows] = narrowTable([
    ['workload', '', 'A', 'B', ''],
    ...changed.flatMap(({ workload, changes: all }) =>
      all.map(({ measure, judgement, isChance, ...values }, i) => [
        i === 0 ? workload : '',
        measureNames[measure],
        measured(measure, values.a),
        measured(measure, values.b),
        judgement ?? (isChance ? 'chance' : ''),
      ]),
    ),
  ]);
  return [
    style('bold', header),
    ...rows,
    ...hanging('', seedsWords(comparison)).map((line) => style('dim', line)),
    ...(same.length === 0 ? [] : hanging('', `Nothing changes for ${same.join(', ')}.`)),
  ];
}

function parting({ a, b, workloads, parting: where, felt }: Comparison, style: Styler): string[] {
  if (workloads.length === 0) return [];
  if (where === undefined) return ['The two runs are the same, step by step.'];
  const on =
    where.lookup === undefined
      ? ''
      : `, on the way of ${where.lookup.workload}'s lookup at ${instant(where.lookup.start)}`;
  const step = (side: 'a' | 'b') => {
    const own = where[side];
    const late = own !== undefined && instant(own.t) !== instant(where.t) ? `at ${instant(own.t)}: ` : '';
    return hanging(`  ${side.toUpperCase()}  `, own === undefined ? 'nothing of that kind' : late + own.words);
  };
  const lines = [
    ...hanging('', `They part at ${instant(where.t)}${on}:`).map((line) => style('bold', line)),
    ...step('a'),
    ...step('b'),
  ];
  if (felt === undefined) return [...lines, 'No lookup comes out otherwise for it.'];
  return [
    ...lines,
    style('bold', `First felt by ${felt.workload}, which looked ${cut(felt.a.name, 34)} up at ${instant(felt.start)}:`),
    ...hanging('  A  ', `${outcomeWords(felt.a)}${whyWords(a, felt.a)}`),
    ...hanging('  B  ', `${outcomeWords(felt.b)}${whyWords(b, felt.b)}`),
  ];
}

function whyWords({ analysis }: Comparison['a'], lookup: Parameters<Comparison['a']['analysis']['why']>[0]): string {
  const { short } = analysis.why(lookup);
  return short === '' ? '' : `: ${short}`;
}

function misfits({ misfits: all }: Comparison, style: Styler): string[] {
  if (all.length === 0) return [];
  return [style('bold', 'what does not fit'), ...all.flatMap(({ text }) => hanging('  ', text))];
}

import { grouped } from '../../engine/grouped.ts';
import { type Micros, millisecond, minute, second } from '../../engine/time.ts';
import { counted, inSeconds } from '../../trace/words.ts';
import { backdrop, label, placeEvents, small, type TimeChart } from './event-rules.ts';
import type { Box, Drawing } from './layers.ts';
import { chartWidth, cutText, textWidth } from './layout.ts';
import { addressPaint, failureOutline, failurePaint, ink } from './palette.ts';
import { axisRoom, overTime, type Parts, type Scale, toTime } from './scale.ts';

/** An attempt or a probe, when it began, and what it brought: `cut`: a part of a reply, handed on as one with TC. */
export interface Sent {
  readonly at: Micros;
  readonly outcome: Outcome;
}

type Outcome = 'answered' | 'cut' | 'failed';

export interface StormChart extends TimeChart {
  readonly upstreams: readonly {
    readonly name: string;
    /** Address and port. */
    readonly to: string;
    readonly attempts: readonly Sent[];
    readonly probes: readonly Sent[];
  }[];
  /** Names whose NS records the probes ask for. */
  readonly probed: readonly string[];
}

const left = 62;
const right = 20;
const wordsRoom = 18;
const plotHeight = 44;
const rowHeight = wordsRoom + plotHeight + 6;
/** Bars that differ by no more than this are drawn as one. */
const samePixels = 2;
/** Bins along the axis, at most. */
const mostBins = 48;

/** From the axis upwards; told apart without colour by how dark they are. */
const looks: readonly {
  readonly outcome: Outcome;
  readonly text: string;
  readonly fill: string;
  readonly outline: string;
}[] = [
  { outcome: 'answered', text: 'answered', fill: addressPaint(1).fill, outline: addressPaint(1).fill },
  { outcome: 'cut', text: 'cut, handed on with TC', fill: addressPaint(4).fill, outline: addressPaint(4).fill },
  {
    outcome: 'failed',
    text: 'failed: no reply that CoreDNS could use',
    fill: failurePaint.fill,
    outline: failureOutline,
  },
];
const outcomes = looks.map(({ outcome }) => outcome);

/** Bins in a row, in one bar. */
interface Stretch {
  readonly from: Micros;
  readonly to: Micros;
  readonly counts: Counts;
}

type Counts = Readonly<Record<Outcome, number>>;

interface Row {
  readonly name: string;
  readonly words: string;
  readonly sent: readonly Sent[];
}

/** How often each upstream was tried: a row for the attempts and, where there were any, one for its probes. */
export function drawStorm(chart: StormChart): Drawing {
  const width = chartWidth - left - right;
  const bin = binFor(chart.until);
  const scale: Scale = { until: Math.ceil(chart.until / bin) * bin, width };
  const events = placeEvents(chart.events, scale);
  const rows = rowsOf(chart);
  const top = events.height + 10;
  const axisY = top + rows.length * rowHeight;
  const binned = rows.map(({ sent }) => binsOf(sent, bin));
  const tallest = binned.flat().reduce((most, { counts }) => Math.max(most, sumOf(counts)), 1);
  const most = roundUp(tallest / (bin / second));
  const drawn = rows.map((row, index) => {
    return drawRow(row, stretchesOf(binned[index] ?? [], most), top + index * rowHeight, most, scale);
  });
  const legend = drawLegend(rows, bin, axisY + axisRoom + 12, scale);
  const told = rows.map(({ name, words }) => `${name === '' ? '' : `${name}: `}${words}`).join('; ');
  return {
    title: chart.title,
    subtitle: chart.subtitle,
    description: `${chart.title}. ${chart.subtitle}. ${told}.`,
    width,
    height: axisY + axisRoom + 40,
    left,
    right,
    bottom: 14,
    ...overTime(
      {
        bars: drawn.flatMap(({ bars }) => bars ?? []),
        boxes: [...events.boxes, ...drawn.flatMap(({ boxes }) => boxes), ...legend.boxes],
        lines: [...drawn.flatMap(({ lines }) => lines), ...events.lines(axisY)],
        marks: [],
        labels: [...events.labels, ...drawn.flatMap(({ labels }) => labels), ...legend.labels],
      },
      { until: scale.until, y: axisY, since: 'lookup' },
    ),
  };
}

function rowsOf({ upstreams, probed }: StormChart): Row[] {
  const asks = probed.map((name) => `NS? ${name}`).join(', ');
  return upstreams.flatMap(({ name, to, attempts, probes }) => [
    { name: name === to ? to : `${name} ${to}`, words: wordsOf('attempt', '', attempts), sent: attempts },
    ...(probed.length > 0 ? [{ name: '', words: wordsOf('probe', ` (${asks})`, probes), sent: probes }] : []),
  ]);
}

/** `1264 attempts: 1 cut, 1263 failed`, `1262 probes (NS? .), all answered`. */
function wordsOf(noun: string, what: string, sent: readonly Sent[]): string {
  const lead = `${counted(sent.length, noun)}${what}`;
  const counts = countsOf(sent);
  const [first, ...others] = outcomes.filter((outcome) => counts[outcome] > 0);
  if (first === undefined) return lead;
  if (others.length === 0) return `${lead}, ${sent.length === 1 ? '' : 'all '}${first}`;
  return `${lead}: ${[first, ...others].map((outcome) => `${counts[outcome]} ${outcome}`).join(', ')}`;
}

function countsOf(sent: readonly Sent[]): Counts {
  const counts = { answered: 0, cut: 0, failed: 0 };
  for (const { outcome } of sent) counts[outcome]++;
  return counts;
}

function sumOf({ answered, cut, failed }: Counts): number {
  return answered + cut + failed;
}

/** In order of time; empty bins are left out. */
function binsOf(sent: readonly Sent[], bin: Micros): Stretch[] {
  const bins = grouped(sent, ({ at }) => Math.floor(at / bin) * bin);
  const inOrder = [...bins].sort(([a], [b]) => a - b);
  return inOrder.map(([from, own]) => ({ from, to: from + bin, counts: countsOf(own) }));
}

/** Neighbours that differ by no more than chance makes them are one bar of their mean. */
function stretchesOf(bins: readonly Stretch[], most: number): Stretch[] {
  const stretches: Stretch[] = [];
  const alike = (a: Stretch, b: Stretch): boolean =>
    outcomes.every((outcome) => Math.abs(heightOf(a, outcome, most) - heightOf(b, outcome, most)) <= samePixels);
  for (const bin of bins) {
    const before = stretches.at(-1);
    if (before === undefined || before.to !== bin.from || !alike(before, bin)) stretches.push(bin);
    else stretches[stretches.length - 1] = { from: before.from, to: bin.to, counts: added(before.counts, bin.counts) };
  }
  return stretches;
}

function added(a: Counts, b: Counts): Counts {
  return { answered: a.answered + b.answered, cut: a.cut + b.cut, failed: a.failed + b.failed };
}

/** Pixels of a bar; what is there at all is seen. */
function heightOf({ from, to, counts }: Stretch, outcome: Outcome, most: number): number {
  const count = counts[outcome];
  return count === 0 ? 0 : Math.max(2, (plotHeight * count) / ((to - from) / second) / most);
}

/** Words, and below them the bars: what was answered, and what was cut or failed on top of it. */
function drawRow({ name, words }: Row, stretches: readonly Stretch[], top: number, most: number, scale: Scale): Parts {
  const bottom = top + wordsRoom + plotHeight;
  const shownName = cutText(name, scale.width / 2, small, true);
  const from = shownName === '' ? 0 : textWidth(shownName, small, true) + 8;
  const shown = cutText(words, scale.width - from, small);
  const y = top + 8;
  const grid = { x: 0, x2: scale.until, stroke: ink.line, width: 1, dash: [] };
  const tick = { align: 'right', size: 10, fill: ink.quiet } as const;
  return {
    bars: stretches.flatMap((stretch) => drawStretch(stretch, bottom, most)),
    boxes: [backdrop(0, toTime(scale, from + textWidth(shown, small) + 2), y, words)],
    lines: [
      { ...grid, y: bottom - plotHeight, y2: bottom - plotHeight },
      { ...grid, y: bottom, y2: bottom, stroke: ink.quiet },
    ],
    marks: [],
    labels: [
      ...(shownName === '' ? [] : [label(0, y, shownName, { bold: true })]),
      label(toTime(scale, from), y, shown),
      label(toTime(scale, -6), bottom - plotHeight, `${most}/s`, tick),
      label(toTime(scale, -6), bottom, '0', tick),
    ],
  };
}

function drawStretch(stretch: Stretch, bottom: number, most: number): Box[] {
  const { from, to, counts } = stretch;
  let y2 = bottom;
  return looks.flatMap(({ outcome, fill, outline }) => {
    const height = Math.round(heightOf(stretch, outcome, most) * 10) / 10;
    if (height === 0) return [];
    const about = `${inSeconds(from)} to ${inSeconds(to)}: ${counts[outcome]} ${outcome}`;
    const bar = { x: from, x2: to, y: y2 - height, y2, fill, outline, about };
    y2 -= height;
    return [bar];
  });
}

function drawLegend(rows: readonly Row[], bin: Micros, y: number, scale: Scale): Pick<Parts, 'boxes' | 'labels'> {
  const counts = countsOf(rows.flatMap(({ sent }) => sent));
  let x = 0;
  const drawn = looks
    .filter(({ outcome }) => counts[outcome] > 0)
    .map(({ text, fill, outline }) => {
      const at = x;
      x += 26 + textWidth(text, small) + 16;
      return {
        box: { x: toTime(scale, at), x2: toTime(scale, at + 20), y: y - 6, y2: y + 6, fill, outline, about: text },
        words: label(toTime(scale, at + 26), y, text),
      };
    });
  const text = `height of a bar: how many began in a second, counted over ${bin / second} s at least`;
  return {
    boxes: drawn.map(({ box }) => box),
    labels: [...drawn.map(({ words }) => words), label(0, y + 20, text, { fill: ink.quiet })],
  };
}

/** A round width of a bin, so that the axis has few enough of them. */
function binFor(until: Micros): Micros {
  const widths = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000].map((ms) => ms * millisecond);
  return widths.find((width) => until / width <= mostBins) ?? Math.ceil(until / mostBins / minute) * minute;
}

/** The next of 1, 2, 3, 4, 5, 6, 8 times a power of ten. */
function roundUp(value: number): number {
  let power = 1;
  while (power * 10 < value) power *= 10;
  return power * ([1, 2, 3, 4, 5, 6, 8].find((step) => step * power >= value) ?? 10);
}

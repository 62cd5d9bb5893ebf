import { type Micros, millisecond, minute, second } from '../../engine/time.ts';
import { counted, inSeconds } from '../../trace/words.ts';
import { backdrop, label, placeEvents, small } from './event-rules.ts';
import type { Drawing } from './layers.ts';
import { cutText, textWidth } from './layout.ts';
import { addressPaint, failureOutline, failurePaint, ink } from './palette.ts';
import { inUnit, type Parts, type Scale, ticks, toTime } from './scale.ts';

/** Something sent to an upstream, and whether it brought a usable reply. */
export interface Sent {
  readonly at: Micros;
  readonly failed: boolean;
}

export interface StormChart {
  readonly title: string;
  readonly subtitle: string;
  readonly until: Micros;
  readonly upstreams: readonly {
    readonly to: string;
    readonly queries: readonly Sent[];
    readonly probes: readonly Sent[];
  }[];
  readonly events: readonly { readonly at: Micros; readonly label: string }[];
}

const total = 800;
const left = 62;
const right = 20;
const wordsRoom = 18;
const plotHeight = 44;
const rowHeight = wordsRoom + plotHeight + 6;
const axisRoom = 44;
/** Bins along the axis, at most. */
const mostBins = 48;

const { fill: answeredFill } = addressPaint(1);
const answered = { fill: answeredFill, outline: answeredFill };
const failed = { fill: failurePaint.fill, outline: failureOutline };

interface Bin {
  readonly from: Micros;
  readonly answered: number;
  readonly failed: number;
}

interface Row {
  readonly name: string;
  readonly words: string;
  readonly bins: readonly Bin[];
}

/** How often each upstream was asked: a row for its queries and, where there were any, one for its probes. */
export function drawStorm(chart: StormChart): Drawing {
  const width = total - left - right;
  const bin = binFor(chart.until);
  const scale: Scale = { until: Math.ceil(chart.until / bin) * bin, width };
  const events = placeEvents(chart.events, scale);
  const rows = rowsOf(chart, bin);
  const top = events.height + 10;
  const axisY = top + rows.length * rowHeight;
  const counts = rows.flatMap(({ bins }) => bins.map((one) => one.answered + one.failed));
  const most = roundUp(counts.reduce((a, b) => Math.max(a, b), 1) / (bin / second));
  const drawn = rows.map((row, index) => drawRow(row, top + index * rowHeight, bin, most, scale));
  const legend = drawLegend(rows, bin, axisY + axisRoom + 12, scale);
  const unit = scale.until > 15 * minute ? minute : second;
  return {
    title: chart.title,
    subtitle: chart.subtitle,
    width,
    height: axisY + axisRoom + 32,
    left,
    right,
    bottom: 14,
    xDomain: [0, scale.until / unit],
    xAxis: {
      title: `time since the start of the lookup (${unit === minute ? 'minutes' : 'seconds'})`,
      values: ticks(scale.until / unit),
      y: axisY,
    },
    ...inUnit(
      {
        boxes: [...events.boxes, ...drawn.flatMap(({ boxes }) => boxes), ...legend.boxes],
        lines: [...drawn.flatMap(({ lines }) => lines), ...events.lines(axisY)],
        marks: [],
        labels: [...events.labels, ...drawn.flatMap(({ labels }) => labels), ...legend.labels],
      },
      unit,
    ),
  };
}

function rowsOf({ upstreams }: StormChart, bin: Micros): Row[] {
  const probed = upstreams.some(({ probes }) => probes.length > 0);
  return upstreams.flatMap(({ to, queries, probes }) => [
    rowOf(to, 'query', queries, bin),
    ...(probed ? [rowOf('', 'probe', probes, bin)] : []),
  ]);
}

function rowOf(name: string, noun: 'query' | 'probe', sent: readonly Sent[], bin: Micros): Row {
  const bins = new Map<number, Bin>();
  for (const { at, failed } of sent) {
    const from = Math.floor(at / bin) * bin;
    const known = bins.get(from) ?? { from, answered: 0, failed: 0 };
    const more = failed ? { failed: known.failed + 1 } : { answered: known.answered + 1 };
    bins.set(from, { ...known, ...more });
  }
  const failures = sent.filter(({ failed }) => failed).length;
  const kind = noun === 'probe' ? ' of health (`. NS`)' : '';
  const words = `${counted(sent.length, noun)}${kind}, ${failures} failed`;
  return { name, words, bins: [...bins.values()].sort((a, b) => a.from - b.from) };
}

/** Words, and below them a bar a bin: what was answered, and what failed on top of it. */
function drawRow({ name, words, bins }: Row, top: number, bin: Micros, most: number, scale: Scale): Parts {
  const bottom = top + wordsRoom + plotHeight;
  const tallOf = (count: number): number => (plotHeight * count) / (bin / second) / most;
  const gap = toTime(scale, 1.5);
  const boxes = bins.flatMap((one) => {
    const middle = bottom - tallOf(one.answered);
    const x = { x: one.from + gap, x2: one.from + bin - gap };
    const about = `${inSeconds(one.from)}: ${one.answered} answered, ${one.failed} failed`;
    return [
      ...(one.answered > 0 ? [{ ...x, y: middle, y2: bottom, ...answered, about }] : []),
      ...(one.failed > 0 ? [{ ...x, y: middle - tallOf(one.failed), y2: middle, ...failed, about }] : []),
    ];
  });
  const shownName = cutText(name, scale.width / 2, small, true);
  const from = shownName === '' ? 0 : textWidth(shownName, small, true) + 8;
  const shown = cutText(words, scale.width - from, small);
  const y = top + 8;
  const grid = { x: 0, x2: scale.until, stroke: ink.line, width: 1, dash: [] };
  const tick = { align: 'right', size: 10, fill: ink.quiet } as const;
  return {
    boxes: [backdrop(0, toTime(scale, from + textWidth(shown, small) + 2), y, words), ...boxes],
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

function drawLegend(rows: readonly Row[], bin: Micros, y: number, scale: Scale): Pick<Parts, 'boxes' | 'labels'> {
  const bins = rows.flatMap((row) => row.bins);
  const items = [
    { text: 'answered', look: answered, shown: bins.some((one) => one.answered > 0) },
    { text: 'failed: no reply that could be used', look: failed, shown: bins.some((one) => one.failed > 0) },
  ].filter(({ shown }) => shown);
  let x = 0;
  const drawn = items.map(({ text, look }) => {
    const at = x;
    x += 26 + textWidth(text, small) + 16;
    return {
      box: { x: toTime(scale, at), x2: toTime(scale, at + 20), y: y - 6, y2: y + 6, ...look, about: text },
      words: label(toTime(scale, at + 26), y, text),
    };
  });
  const text = `height of a bar: messages sent to the upstream per second, counted over ${bin / second} s`;
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

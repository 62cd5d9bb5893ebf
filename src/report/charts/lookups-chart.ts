import { type Micros, second } from '../../engine/time.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { counted, inSeconds } from '../../trace/words.ts';
import { backdrop, label, placeEvents, small, type TimeChart } from './event-rules.ts';
import type { Box, Drawing, Label, Line, Mark } from './layers.ts';
import { chartWidth, cutText, textWidth } from './layout.ts';
import { addressPaint, failureOutline, failurePaint, ink, otherPaint, type Paint } from './palette.ts';
import { axisRoom, overTime, type Parts, type Scale, toPixels, toTime } from './scale.ts';
import { type Outcome, outcomeOf, type Stretch, stretches } from './stretches.ts';

/** One workload's lookups, and one line below them that says what to see there. */
export interface Lane {
  readonly workload: string;
  readonly lookups: readonly JudgedLookup[];
  readonly finding: string;
  /** Where the finding begins. */
  readonly findingAt: Micros;
  /** Belongs to the next lane, and has no finding: stands close to it. */
  readonly close?: boolean;
}

interface Wait {
  readonly start: Micros;
  end: Micros;
}

export interface LookupsChart extends TimeChart {
  readonly lanes: readonly Lane[];
}

const right = 20;
const laneHeight = 58;
const closeLaneHeight = 32;
const barHeight = 22;
const legendRow = 20;

/** Who got which address, or no answer, and when: a lane a workload, events as rules across them. */
export function drawLookups(chart: LookupsChart): Drawing {
  const names = chart.lanes.map((lane) => cutText(lane.workload, 150, 12.5, true));
  const left = Math.max(90, ...names.map((name) => textWidth(name, 12.5, true) + 26));
  const width = chartWidth - left - right;
  const scale: Scale = { until: chart.until, width };
  const events = placeEvents(chart.events, scale);
  const lanesTop = events.height + 10;
  const tops = chart.lanes.map((_, index) => lanesTop + heightOf(chart.lanes.slice(0, index)));
  const axisY = lanesTop + heightOf(chart.lanes);
  const paints = paintsOf(chart.lanes);
  const legend = drawLegend(chart.lanes, paints, scale, axisY + axisRoom + 14, left);
  const height = axisY + axisRoom + legend.height;
  const lanes = chart.lanes.map((lane, index) =>
    drawLane(lane, names[index] ?? '', paints, scale, tops[index] ?? lanesTop),
  );
  return {
    title: chart.title,
    subtitle: chart.subtitle,
    width,
    height,
    left,
    right,
    bottom: 14,
    ...overTime(
      {
        boxes: [...events.boxes, ...lanes.flatMap((lane) => lane.boxes), ...legend.boxes],
        lines: [...events.lines(axisY), ...lanes.flatMap((lane) => lane.lines), ...legend.lines],
        marks: [...lanes.flatMap((lane) => lane.marks), ...legend.marks],
        labels: [...events.labels, ...lanes.flatMap((lane) => lane.labels), ...legend.labels],
      },
      { until: chart.until, y: axisY, since: 'run' },
    ),
  };
}

function heightOf(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { close }) => sum + (close === true ? closeLaneHeight : laneHeight), 0);
}

function paintsOf(lanes: readonly Lane[]): ReadonlyMap<string, Paint> {
  const answers = lanes
    .flatMap((lane) => lane.lookups)
    .filter((lookup) => lookup.verdict !== 'failed')
    .sort((a, b) => a.start - b.start);
  const texts = [...new Set(answers.map((lookup) => outcomeOf(lookup).text))];
  return new Map(texts.map((text, index) => [text, addressPaint(index)]));
}

function drawLane(lane: Lane, name: string, paints: ReadonlyMap<string, Paint>, scale: Scale, top: number): Parts {
  // Several threads return in another order than they began.
  const lookups = [...lane.lookups].sort((a, b) => a.start - b.start);
  const parts = stretches(lookups, scale.until).flatMap((stretch) => drawStretch(stretch, paints, scale, top));
  const finding = cutText(lane.finding, scale.width, small);
  const wide = textWidth(finding, small);
  const at = Math.max(0, Math.min(toPixels(scale, lane.findingAt), scale.width - wide));
  const middle = top + barHeight / 2;
  const findingY = top + barHeight + 13;
  const nameLabel = label(toTime(scale, -12), middle, name, { align: 'right', bold: true, size: 12.5 });
  return {
    boxes: [
      ...(finding === '' ? [] : [backdrop(toTime(scale, at - 2), toTime(scale, at + wide + 2), findingY, finding)]),
      ...parts.flatMap((part) => part.boxes),
    ],
    marks: apart(
      parts.flatMap((part) => part.marks),
      scale,
    ),
    lines: [
      { x: 0, x2: scale.until, y: middle, y2: middle, stroke: ink.line, width: 1, dash: [] },
      ...waitsIn(lookups, scale).map((wait) => waitLine(wait, top)),
    ],
    labels: [
      nameLabel,
      ...parts.flatMap((part) => part.labels),
      ...(finding === '' ? [] : [label(toTime(scale, at), findingY, finding)]),
    ],
  };
}

/** Crosses that would lie over the one before are left out. */
function apart(marks: readonly Mark[], scale: Scale): Mark[] {
  const kept: Mark[] = [];
  for (const mark of marks) {
    const before = kept.at(-1);
    if (before === undefined || toPixels(scale, mark.x - before.x) >= crossRoom || mark.y !== before.y) kept.push(mark);
  }
  return kept;
}

/** Pixels of a wait that are seen, however short it is on this scale. */
const leastWait = 3;

/** When somebody waited long for an answer: waits that overlap or nearly touch are one. Lookups in order of start. */
function waitsIn(lookups: readonly JudgedLookup[], scale: Scale): Wait[] {
  const least = toTime(scale, leastWait);
  const waits: Wait[] = [];
  for (const { start, end } of lookups) {
    if (end - start < second) continue;
    const open = waits.at(-1);
    if (open !== undefined && start <= open.end + least) open.end = Math.max(open.end, end);
    else waits.push({ start, end: Math.max(end, start + least) });
  }
  return waits;
}

/** Below the bar. */
function waitLine({ start, end }: Wait, top: number): Line {
  const y = top + barHeight + 4;
  return { x: start, x2: end, y, y2: y, stroke: ink.outline, width: 4, dash: [] };
}

/** Bars of one stretch, one above the other by share. Stale ones have an outline, failed ones are pale and crossed. */
function drawStretch(stretch: Stretch, paints: ReadonlyMap<string, Paint>, scale: Scale, top: number): Parts {
  const boxes: Box[] = [];
  const labels: Label[] = [];
  const marks: Mark[] = [];
  const middle = (stretch.from + stretch.to) / 2;
  const wide = toPixels(scale, stretch.to) - toPixels(scale, stretch.from);
  let y = top;
  for (const { outcome, lookups } of stretch.shares) {
    const tall = (barHeight * lookups) / stretch.lookups;
    const paint = paintOf(outcome, paints);
    const about = `${inSeconds(stretch.from)} to ${inSeconds(stretch.to)}: ${outcome.text}, ${outcome.verdict}, ${counted(lookups, 'lookup')}`;
    boxes.push({ ...boxOf(stretch.from, stretch.to, y, y + tall, outcome.verdict, paint), about });
    if (stretch.shares.length === 1) {
      const failed = outcome.verdict === 'failed';
      const half = (textWidth(outcome.text, small) + (failed ? crossRoom : 0)) / 2;
      const fits = 2 * half + 8 <= wide;
      if (failed) marks.push(cross(fits ? middle - toTime(scale, half - 4) : middle, y + tall / 2, about));
      if (fits) {
        const at = failed ? middle + toTime(scale, crossRoom / 2) : middle;
        labels.push(label(at, y + tall / 2, outcome.text, { align: 'center', fill: paint.ink }));
      }
    }
    y += tall;
  }
  return { boxes, labels, marks, lines: [] };
}

function paintOf(outcome: Outcome, paints: ReadonlyMap<string, Paint>): Paint {
  return outcome.verdict === 'failed' ? failurePaint : (paints.get(outcome.text) ?? addressPaint(0));
}

function boxOf(
  x: Micros,
  x2: Micros,
  y: number,
  y2: number,
  verdict: JudgedLookup['verdict'],
  { fill }: Paint,
): Omit<Box, 'about'> {
  const outlines = { right: fill, stale: ink.outline, failed: failureOutline };
  return { x, x2, y, y2, fill, outline: outlines[verdict] };
}

/** Pixels that a cross takes before a text. */
const crossRoom = 14;

/** An X; Vega's own `cross` is a plus. */
const crossShape = 'M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z';

function cross(x: Micros, y: number, about: string): Mark {
  return { x, y, shape: crossShape, size: 70, fill: ink.outline, about };
}

const waitText = 'waited 1 s or longer';

function waitLegend(x: Micros, x2: Micros, y: number): Line {
  return { x, x2, y, y2: y, stroke: ink.outline, width: 4, dash: [] };
}

/** Each answer that has a colour of its own, and how many have not. */
function answersOf(paints: ReadonlyMap<string, Paint>): [string, Paint][] {
  const all = [...paints].map(([text, paint]): [string, Paint] => [`answer ${text}`, paint]);
  const others = all.filter(([, paint]) => paint === otherPaint).length;
  return others < 2 ? all : [...all.slice(0, -others), [`${others} other answers`, otherPaint]];
}

/** What the colours and outlines mean; only what the chart shows. */
function drawLegend(
  lanes: readonly Lane[],
  paints: ReadonlyMap<string, Paint>,
  scale: Scale,
  top: number,
  left: number,
) {
  const verdicts = new Set(lanes.flatMap((lane) => lane.lookups.map((lookup) => lookup.verdict)));
  const neutral: Paint = { fill: '#ffffff', ink: ink.text };
  const waits = lanes.some(({ lookups }) => lookups.some(({ start, end }) => end - start >= second));
  const items: { text: string; paint: Paint; verdict: JudgedLookup['verdict'] }[] = [
    ...answersOf(paints).map(([text, paint]) => ({ text, paint, verdict: 'right' as const })),
    ...(verdicts.has('stale')
      ? [{ text: 'outlined: stale, no longer served when asked', paint: neutral, verdict: 'stale' as const }]
      : []),
    ...(verdicts.has('failed') ? [{ text: 'failed', paint: failurePaint, verdict: 'failed' as const }] : []),
  ];
  const parts: { boxes: Box[]; labels: Label[]; marks: Mark[] } = { boxes: [], labels: [], marks: [] };
  let x = 16 - left;
  let y = top;
  for (const { text, paint, verdict } of items) {
    const shown = cutText(text, 300, small);
    const wide = 26 + textWidth(shown, small) + 16;
    if (x + wide > scale.width && x > 16 - left) {
      x = 16 - left;
      y += legendRow;
    }
    const box = boxOf(toTime(scale, x), toTime(scale, x + 20), y - 6, y + 6, verdict, paint);
    parts.boxes.push({ ...box, about: shown });
    if (verdict === 'failed') parts.marks.push(cross(toTime(scale, x + 10), y, shown));
    parts.labels.push(label(toTime(scale, x + 26), y, shown));
    x += wide;
  }
  if (waits && x + 26 + textWidth(waitText, small) > scale.width) {
    x = 16 - left;
    y += legendRow;
  }
  const lines = waits ? [waitLegend(toTime(scale, x), toTime(scale, x + 20), y)] : [];
  if (waits) parts.labels.push(label(toTime(scale, x + 26), y, waitText));
  return { ...parts, lines, height: y - top + 24 };
}

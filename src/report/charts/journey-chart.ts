import { type Micros, millisecond, second } from '../../engine/time.ts';
import type { Journey, Section, Step } from '../../trace/journey.ts';
import type { Box, Drawing, Label, Line, Mark } from './layers.ts';
import { chartWidth, cutText, textWidth, wrapText } from './layout.ts';
import { ink } from './palette.ts';

const side = 16;
const timeColumn = 78;
const row = 27;
const headingRow = 30;
const lineHeight = 13;
const small = 10.5;

/** How notes and messages look, by what they say: fills that differ in lightness too, inks that stand out on white. */
const noteFills = {
  rewrite: '#e3e7ec',
  hit: '#f6c65b',
  miss: '#ffffff',
  source: '#bfe3f5',
  trouble: '#f4b08a',
} as const;
const messageInks = { query: '#0072b2', reply: '#00694d', lost: '#b34700' } as const;

type Parts = Pick<Drawing, 'boxes' | 'lines' | 'marks' | 'labels'>;
type Draft = { boxes: Box[]; lines: Line[]; marks: Mark[]; labels: Label[] };

/** One lookup hop by hop, from the top down; every step has a row of its own, so the axis names instants but has no scale. */
export function drawJourney(journey: Journey, title: string, subtitle: string): Drawing {
  const width = chartWidth - 2 * side;
  const lane = (width - timeColumn) / Math.max(1, journey.lanes.length);
  const columns: Columns = { width, lane, x: (index) => timeColumn + lane * (index + 0.5) };
  const draft: Draft = { boxes: [], lines: [], marks: [], labels: [] };
  let y = drawLanes(journey.lanes, columns, draft);
  for (const section of journey.sections) y = drawSection(section, journey.lanes.length, columns, y, draft);
  return {
    title,
    subtitle,
    width,
    height: y + 4,
    left: side,
    right: side,
    bottom: 12,
    xDomain: [0, width],
    ...rounded(draft),
  };
}

interface Columns {
  readonly width: number;
  /** Pixels from lane to lane. */
  readonly lane: number;
  readonly x: (lane: number) => number;
}

function rounded(parts: Parts): Parts {
  const to = (x: number): number => Math.round(x * 10) / 10;
  return {
    boxes: parts.boxes.map((box) => ({ ...box, x: to(box.x), x2: to(box.x2) })),
    lines: parts.lines.map((line) => ({ ...line, x: to(line.x), x2: to(line.x2) })),
    marks: parts.marks.map((mark) => ({ ...mark, x: to(mark.x) })),
    labels: parts.labels.map((label) => ({ ...label, x: to(label.x) })),
  };
}

function drawLanes(lanes: readonly string[], columns: Columns, draft: Draft): number {
  const lines = lanes.map((name) =>
    wrapText(name, columns.lane - 8, 12, true).map((l) => cutText(l, columns.lane - 8, 12, true)),
  );
  const tall = Math.max(1, ...lines.map((l) => l.length)) * 15;
  lines.forEach((texts, index) => {
    texts.forEach((text, n) => {
      const y = tall - (texts.length - n - 0.5) * 15;
      draft.labels.push({ x: columns.x(index), y, text, size: 12, fill: ink.text, align: 'center', bold: true });
    });
  });
  draft.labels.push({
    x: timeColumn - 12,
    y: tall - 7,
    text: 'since start',
    size: small,
    fill: ink.quiet,
    align: 'right',
    bold: false,
  });
  return tall + 8;
}

function drawSection(section: Section, lanes: number, columns: Columns, top: number, draft: Draft): number {
  const heading = wrapText(section.heading, columns.width - 16, 11.5, true);
  const headingTall = headingRow + (heading.length - 1) * 15;
  draft.boxes.push({
    x: 0,
    x2: columns.width,
    y: top,
    y2: top + headingTall - 6,
    fill: ink.box,
    outline: ink.box,
    about: section.heading,
  });
  heading.forEach((text, n) => {
    draft.labels.push({ x: 8, y: top + 12 + n * 15, text, size: 11.5, fill: ink.text, align: 'left', bold: true });
  });
  const from = top + headingTall;
  let y = from;
  let shown: Micros | undefined;
  for (const step of section.steps) {
    const tall = step.kind === 'message' ? row : noteHeight(step.label, columns);
    if (step.t !== shown) {
      const text = sinceStart(step.t - section.start);
      draft.labels.push({
        x: timeColumn - 12,
        y: y + tall / 2 + (step.kind === 'message' ? 5 : 0),
        text,
        size: small,
        fill: ink.quiet,
        align: 'right',
        bold: false,
      });
      shown = step.t;
    }
    if (step.kind === 'message') drawMessage(step, columns, y + tall / 2 + 5, draft);
    else drawNote(step, columns, y, tall, draft);
    y += tall;
  }
  for (let lane = 0; lane < lanes && section.steps.length > 0; lane++) {
    draft.lines.unshift({
      x: columns.x(lane),
      x2: columns.x(lane),
      y: from - 2,
      y2: y + 2,
      stroke: ink.line,
      width: 1.5,
      dash: [],
    });
  }
  return section.steps.length > 0 ? y + 10 : y;
}

/** `+0.40 ms`, `+5.00 s`. */
function sinceStart(span: Micros): string {
  return span >= second ? `+${(span / second).toFixed(2)} s` : `+${(span / millisecond).toFixed(2)} ms`;
}

function drawMessage(step: Extract<Step, { kind: 'message' }>, columns: Columns, y: number, draft: Draft): void {
  const [from, to] = [columns.x(step.from), columns.x(step.to)];
  const way = Math.sign(to - from);
  const end = step.tone === 'lost' ? from + (to - from) * 0.8 : to - way * 5;
  const stroke = messageInks[step.tone];
  draft.lines.push({ x: from, x2: end, y, y2: y, stroke, width: 1.8, dash: step.tone === 'reply' ? [5, 3] : [] });
  const room = Math.abs(to - from) - 14;
  const text = cutText(step.label, room, small);
  draft.labels.push({ x: (from + to) / 2, y: y - 8, text, size: small, fill: ink.text, align: 'center', bold: false });
  const head = way > 0 ? 'M-1,-.7L1,0L-1,.7Z' : 'M1,-.7L-1,0L1,.7Z';
  const cross = 'M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z';
  draft.marks.push({
    x: end,
    y,
    shape: step.tone === 'lost' ? cross : head,
    size: step.tone === 'lost' ? 90 : 60,
    fill: stroke,
    about: step.label,
  });
}

const noteLines = (label: string, { lane }: Columns) =>
  wrapText(label, lane - 18, small).map((l) => cutText(l, lane - 18, small));

function noteHeight(label: string, columns: Columns): number {
  return noteLines(label, columns).length * lineHeight + 14;
}

function drawNote(
  step: Extract<Step, { kind: 'note' }>,
  columns: Columns,
  y: number,
  tall: number,
  draft: Draft,
): void {
  const x = columns.x(step.lane);
  const lines = noteLines(step.label, columns);
  const half = Math.min(columns.lane / 2 - 4, Math.max(...lines.map((l) => textWidth(l, small))) / 2 + 7);
  draft.boxes.push({
    x: x - half,
    x2: x + half,
    y: y + 4,
    y2: y + tall - 2,
    fill: noteFills[step.tone],
    outline: ink.quiet,
    about: step.label,
  });
  lines.forEach((text, n) => {
    const middle = y + 4 + 4 + (n + 0.5) * lineHeight;
    draft.labels.push({ x, y: middle, text, size: small, fill: ink.text, align: 'center', bold: false });
  });
}

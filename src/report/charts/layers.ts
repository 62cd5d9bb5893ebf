import type { TopLevelSpec } from 'vega-lite';
import { fontFamily, textWidth, wrapText } from './layout.ts';
import { ink } from './palette.ts';

type UnitSpec = Extract<TopLevelSpec, { readonly layer: unknown }>['layer'][number];
/** A drawing as a Vega-Lite spec. */
export type Chart = ReturnType<typeof vegaLite>;
/** One layer of a chart: marks of one shape with their data inline. */
export type Layer = Chart['layer'][number];

/** A rectangle in the units of the two scales. */
export interface Box {
  readonly x: number;
  readonly x2: number;
  readonly y: number;
  readonly y2: number;
  readonly fill: string;
  readonly outline: string;
  readonly about: string;
}

/** A line in the units of the two scales; width and dashes in pixels. */
export interface Line {
  readonly x: number;
  readonly x2: number;
  readonly y: number;
  readonly y2: number;
  readonly stroke: string;
  readonly width: number;
  readonly dash: readonly number[];
}

/** A text in the units of the two scales; its size in pixels. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly fill: string;
  readonly align: 'left' | 'center' | 'right';
  readonly bold: boolean;
}

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly shape: string;
  readonly size: number;
  readonly fill: string;
  readonly about: string;
}

/** Everything that a chart draws. x in the units of its axis, y in pixels from the top. */
export interface Drawing {
  readonly title: string;
  readonly subtitle: string;
  /** What those read who do not see the picture; title and subtitle unless said. */
  readonly description?: string;
  /** Of the plot, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly xDomain: readonly [number, number];
  /** Absent: no axis. */
  readonly xAxis?: { readonly title: string; readonly values: readonly number[]; readonly y: number };
  /** Square, and behind everything else. */
  readonly bars?: readonly Box[];
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  readonly labels: readonly Label[];
}

const titleSize = 15;
const subtitleSize = 11.5;

/** The drawing as a Vega-Lite spec of a fixed size: no text's measure decides where anything stands. */
export function vegaLite(drawing: Drawing) {
  const { width, height, left, right, bottom } = drawing;
  const titleLines = wrapText(drawing.title, width + left + right - 32, titleSize, true);
  const subtitleLines = wrapText(drawing.subtitle, width + left + right - 32, subtitleSize);
  const top = 14 + titleLines.length * (titleSize + 4) + subtitleLines.length * (subtitleSize + 4) + 12;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: drawing.description ?? `${drawing.title}. ${drawing.subtitle}`,
    width,
    height,
    autosize: { type: 'none' },
    padding: { left, right, top, bottom },
    background: 'white',
    title: {
      text: titleLines,
      subtitle: subtitleLines,
      anchor: 'start',
      frame: 'group',
      dx: 16 - left,
      offset: 12,
      fontSize: titleSize,
      lineHeight: titleSize + 4,
      subtitleFontSize: subtitleSize,
      subtitleLineHeight: subtitleSize + 4,
      subtitlePadding: 5,
      color: ink.text,
      subtitleColor: ink.quiet,
    },
    config: { font: fontFamily, view: { stroke: null } },
    layer: [
      ...(drawing.bars !== undefined && drawing.bars.length > 0 ? [boxLayer(drawing, drawing.bars, square)] : []),
      ...(drawing.lines.length > 0 ? [lineLayer(drawing)] : []),
      ...(drawing.boxes.length > 0 ? [boxLayer(drawing, drawing.boxes, rounded)] : []),
      ...(drawing.marks.length > 0 ? [markLayer(drawing)] : []),
      ...labelLayers(drawing),
    ],
  } satisfies TopLevelSpec;
}

/** Width in pixels that a text takes in a drawing. */
export function labelWidth(label: Pick<Label, 'text' | 'size' | 'bold'>): number {
  return textWidth(label.text, label.size, label.bold);
}

const quantitative = 'quantitative' as const;

function xScale(drawing: Drawing) {
  const scale = { domain: [...drawing.xDomain], nice: false, zero: false };
  return { field: 'x', type: quantitative, scale, axis: axisOf(drawing) };
}

function axisOf({ xAxis, height }: Drawing) {
  if (xAxis === undefined) return null;
  return {
    title: xAxis.title,
    values: [...xAxis.values],
    offset: xAxis.y - height,
    grid: false,
    labelOverlap: false,
    labelFlush: false,
    labelColor: ink.quiet,
    titleColor: ink.quiet,
    titleFontWeight: 'normal' as const,
    domainColor: ink.quiet,
    tickColor: ink.quiet,
    labelFontSize: 11,
    titleFontSize: 11.5,
  };
}

function yScale({ height }: Drawing) {
  return { field: 'y', type: quantitative, scale: { domain: [0, height], reverse: true, nice: false }, axis: null };
}

const asGiven = (field: string) => ({ field, type: 'nominal' as const, scale: null });

const rounded = { cornerRadius: 2, strokeWidth: 1.5 };
const square = { strokeWidth: 1 };

function boxLayer(drawing: Drawing, boxes: readonly Box[], corners: typeof rounded | typeof square) {
  return {
    data: { values: boxes.map((box) => ({ ...box })) },
    mark: { type: 'rect', aria: false, ...corners },
    encoding: {
      x: xScale(drawing),
      x2: { field: 'x2' },
      y: yScale(drawing),
      y2: { field: 'y2' },
      fill: asGiven('fill'),
      stroke: asGiven('outline'),
      tooltip: { field: 'about', type: 'nominal' },
    },
  } satisfies UnitSpec;
}

function lineLayer(drawing: Drawing) {
  return {
    data: { values: drawing.lines.map((line) => ({ ...line, dash: [...line.dash] })) },
    mark: { type: 'rule', aria: false },
    encoding: {
      x: xScale(drawing),
      x2: { field: 'x2' },
      y: yScale(drawing),
      y2: { field: 'y2' },
      stroke: asGiven('stroke'),
      strokeWidth: { field: 'width', type: 'quantitative', scale: null },
      strokeDash: asGiven('dash'),
    },
  } satisfies UnitSpec;
}

function markLayer(drawing: Drawing) {
  return {
    data: { values: drawing.marks.map((mark) => ({ ...mark })) },
    mark: { type: 'point', aria: false, filled: true, opacity: 1 },
    encoding: {
      x: xScale(drawing),
      y: yScale(drawing),
      shape: asGiven('shape'),
      size: { field: 'size', type: 'quantitative', scale: null },
      fill: asGiven('fill'),
      tooltip: { field: 'about', type: 'nominal' },
    },
  } satisfies UnitSpec;
}

/** Alignment and weight are properties of a mark, not of its data: a layer each. */
function labelLayers(drawing: Drawing) {
  const looks = (['left', 'center', 'right'] as const).flatMap((align) =>
    [false, true].map((bold) => ({ align, bold })),
  );
  return looks.flatMap(({ align, bold }) => {
    const labels = drawing.labels.filter((label) => label.align === align && label.bold === bold);
    return labels.length === 0 ? [] : [labelLayer(drawing, labels, align, bold)];
  });
}

function labelLayer(drawing: Drawing, labels: readonly Label[], align: Label['align'], bold: boolean) {
  return {
    data: { values: labels.map(({ x, y, text, size, fill }) => ({ x, y, text, size, fill })) },
    mark: { type: 'text', aria: false, align, baseline: 'middle', fontWeight: bold ? 'bold' : 'normal' },
    encoding: {
      x: xScale(drawing),
      y: yScale(drawing),
      text: { field: 'text', type: 'nominal' },
      size: { field: 'size', type: 'quantitative', scale: null },
      fill: asGiven('fill'),
    },
  } satisfies UnitSpec;
}

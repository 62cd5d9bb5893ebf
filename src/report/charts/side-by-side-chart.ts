import { counted, inMilliseconds, inSeconds } from '../../trace/words.ts';
import type { SideBySide, SideCell } from '../side-by-side.ts';
import { label, small } from './event-rules.ts';
import type { Box, Drawing, Label } from './layers.ts';
import { chartWidth, cutText, textWidth } from './layout.ts';
import { addressPaint, failureOutline, failurePaint, ink } from './palette.ts';

const right = 16;
const rowHeight = 44;
const headRoom = 46;
const barHeight = 15;
const gap = 26;

interface SideChart {
  readonly side: SideBySide;
  readonly title: string;
  readonly subtitle: string;
  /** What had happened before each column: a label, or empty. */
  readonly heads: readonly string[];
}

/** A row a client, a column a moment: how long the lookup took as a bar, and below it what it cost in queries. */
export function drawSideBySide({ side, title, subtitle, heads }: SideChart): Drawing {
  const names = side.rows.map(({ workload }) => cutText(workload, 170, 12.5, true));
  const resolvers = side.rows.map(({ resolver }) => cutText(resolver, 170, small));
  const left =
    Math.max(...names.map((name) => textWidth(name, 12.5, true)), ...resolvers.map((r) => textWidth(r, small))) + 32;
  const width = chartWidth - left - right;
  const columnWidth = (width - gap * (side.times.length - 1)) / side.times.length;
  const longest = Math.max(...side.rows.flatMap(({ cells }) => cells.map(({ took }) => took)), 1);
  const boxes: Box[] = [];
  const labels = headLabels(side.times, heads, columnWidth);
  for (const [row, { workload, cells }] of side.rows.entries()) {
    const y = headRoom + row * rowHeight;
    labels.push(label(-14, y + 4, names[row] ?? '', { bold: true, size: 12.5, align: 'right' }));
    labels.push(label(-14, y + 20, resolvers[row] ?? '', { fill: ink.quiet, align: 'right' }));
    for (const [i, cell] of cells.entries()) {
      const x = i * (columnWidth + gap);
      boxes.push(barOf(cell, x, y - 4, Math.max(2, (columnWidth * cell.took) / longest), workload));
      // A frame tells that it failed where there is no room for the error.
      const fits = textWidth(wordsOf(cell), small) <= columnWidth + gap - 4;
      labels.push(label(x, y + 20, fits ? wordsOf(cell) : costOf(cell)));
    }
  }
  const height = headRoom + side.rows.length * rowHeight;
  const told = side.rows.map(({ workload, cells }) => `${workload}: ${cells.map(wordsOf).join('; ')}`);
  return {
    title,
    subtitle,
    description: `${title}. ${subtitle}. ${told.join('. ')}.`,
    width,
    height,
    left,
    right,
    bottom: 10,
    xDomain: [0, width],
    boxes,
    lines: [],
    marks: [],
    labels,
  };
}

/** When each column was, and what had happened before. */
function headLabels(times: SideBySide['times'], heads: readonly string[], columnWidth: number): Label[] {
  return times.flatMap((t, i) => {
    const x = i * (columnWidth + gap);
    const head = cutText(heads[i] ?? '', columnWidth + gap - 4, small);
    return [
      label(x, 4, `at ${inSeconds(t)}`, { bold: true }),
      ...(head === '' ? [] : [label(x, 19, head, { fill: ink.quiet })]),
    ];
  });
}

function barOf(cell: SideCell, x: number, y: number, long: number, workload: string): Box {
  const { fill } = cell.result === 'OK' ? addressPaint(1) : failurePaint;
  const outline = cell.result === 'OK' ? fill : failureOutline;
  return { x, x2: x + long, y, y2: y + barHeight, fill, outline, about: `${workload}: ${wordsOf(cell)}` };
}

/** `20 s, 16 queries`, `EAI_AGAIN, 5 s, 4 queries`. */
function wordsOf(cell: SideCell): string {
  return cell.result === 'OK' ? costOf(cell) : `${cell.result.replace(/ \[.*/, '')}, ${costOf(cell)}`;
}

function costOf({ took, queries }: SideCell): string {
  return `${inMilliseconds(took)}, ${counted(queries, 'query')}`;
}

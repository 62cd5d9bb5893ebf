import { type Micros, second } from '../../engine/time.ts';
import type { Drawing } from './layers.ts';

/** How time lies along a chart. */
export interface Scale {
  readonly until: Micros;
  readonly width: number;
}

/** Pixels below the axis for its numbers and its title. */
export const axisRoom = 44;

export type Parts = Pick<Drawing, 'bars' | 'boxes' | 'lines' | 'marks' | 'labels'>;

export const toPixels = ({ until, width }: Scale, t: Micros): number => (t / until) * width;
export const toTime = ({ until, width }: Scale, pixels: number): Micros => (pixels / width) * until;

/** What is drawn over time, and the axis of it, in seconds as all texts are. `parts`: their x in microseconds. */
export function overTime(
  parts: Parts,
  axis: { readonly until: Micros; readonly y: number; readonly since: 'run' | 'lookup' },
): Parts & Pick<Drawing, 'xDomain' | 'xAxis'> {
  const end = axis.until / second;
  return {
    xDomain: [0, end],
    xAxis: { title: `time since the start of the ${axis.since} (seconds)`, values: ticks(end), y: axis.y },
    ...inSeconds(parts),
  };
}

/** x from microseconds to seconds, to a thousandth of a pixel's worth. */
function inSeconds(parts: Parts): Parts {
  const x = (t: Micros): number => Math.round((t / second) * 10_000) / 10_000;
  const along = <T extends { readonly x: number; readonly x2: number }>(all: readonly T[]): T[] =>
    all.map((one) => ({ ...one, x: x(one.x), x2: x(one.x2) }));
  return {
    ...(parts.bars === undefined ? {} : { bars: along(parts.bars) }),
    boxes: along(parts.boxes),
    lines: along(parts.lines),
    marks: parts.marks.map((mark) => ({ ...mark, x: x(mark.x) })),
    labels: parts.labels.map((label) => ({ ...label, x: x(label.x) })),
  };
}

/** Round steps of 1, 2, 3 or 5 times a power of ten (or the clock's 15, 30, 60), about ten of them. */
function ticks(until: number): number[] {
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200];
  const step = steps.find((candidate) => until / candidate <= 13) ?? until;
  return Array.from(
    { length: Math.floor(until / step + 1e-9) + 1 },
    (_, index) => Math.round(index * step * 100) / 100,
  );
}

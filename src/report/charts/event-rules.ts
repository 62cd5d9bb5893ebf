import type { Micros } from '../../engine/time.ts';
import { inSeconds } from '../../trace/words.ts';
import type { Box, Label, Line } from './layers.ts';
import { cutText, stackRows, textWidth } from './layout.ts';
import { ink } from './palette.ts';
import { type Scale, toPixels, toTime } from './scale.ts';

const eventRow = 17;
export const small = 11;

/** What every chart along the time of a run has. */
export interface TimeChart {
  readonly title: string;
  readonly subtitle: string;
  /** The end of the run. */
  readonly until: Micros;
  /** In order of time. */
  readonly events: readonly { readonly at: Micros; readonly label: string }[];
}

/** Labels stand right of their rules; the earlier one higher, so that no rule runs through another's label. */
export function placeEvents(events: TimeChart['events'], scale: Scale) {
  const placed = events.map((event) => {
    const x = toPixels(scale, event.at);
    const text = cutText(`${inSeconds(event.at)}: ${event.label}`, scale.width - 10, small);
    const wide = textWidth(text, small) + 8;
    const leftwards = x + wide > scale.width && x >= wide;
    const from = leftwards ? x - wide : Math.max(0, Math.min(x, scale.width - wide));
    return { ...event, x, text, leftwards, from, to: from + wide };
  });
  const upwards = [
    ...placed.filter((e) => !e.leftwards).reverse(),
    ...placed.filter((e) => e.leftwards).sort((a, b) => Math.round(a.x) - Math.round(b.x) || b.at - a.at),
  ];
  const rows = stackRows(upwards);
  const height = eventRow * Math.max(0, ...rows.map((row) => row + 1));
  const labelled = upwards.map((event, index) => ({ ...event, y: height - ((rows[index] ?? 0) + 0.5) * eventRow }));
  return {
    height,
    labels: labelled.map(({ from, to, text, leftwards, y }) =>
      leftwards ? label(toTime(scale, to - 4), y, text, { align: 'right' }) : label(toTime(scale, from + 4), y, text),
    ),
    lines: (bottom: number): Line[] =>
      labelled.filter(isTallest).map(({ at, y }) => {
        return { x: at, x2: at, y: y - eventRow / 2 + 2, y2: bottom, stroke: ink.text, width: 1.2, dash: [4, 3] };
      }),
    boxes: labelled.map(({ from, to, text, y, leftwards }) =>
      backdrop(toTime(scale, from + (leftwards ? 0 : 2)), toTime(scale, to - (leftwards ? 2 : 0)), y, text),
    ),
  };
}

/** Of rules on one pixel only the tallest is drawn: dashes over dashes would make a solid line. */
function isTallest<E extends { readonly x: number; readonly y: number }>(event: E, index: number, all: readonly E[]) {
  return !all.some(
    (other, i) => Math.abs(other.x - event.x) < 1 && (other.y < event.y || (other.y === event.y && i < index)),
  );
}

/** White behind a text, so that no line runs through it. */
export function backdrop(x: Micros, x2: Micros, y: number, about: string): Box {
  return { x, x2, y: y - 7, y2: y + 7, fill: 'white', outline: 'white', about };
}

export function label(x: Micros, y: number, text: string, look: Partial<Label> = {}): Label {
  return { x, y, text, size: small, fill: ink.text, align: 'left', bold: false, ...look };
}

import type { Micros } from '../../engine/time.ts';
import { inSeconds } from '../../trace/words.ts';
import type { Box, Label, Line } from './layers.ts';
import { cutText, stackRows, textWidth } from './layout.ts';
import { ink } from './palette.ts';
import { type Scale, toPixels, toTime } from './scale.ts';

const eventRow = 17;
export const small = 11;

/** Labels stand right of their rules; the earlier one higher, so that no rule runs through another's label. */
export function placeEvents(events: readonly { readonly at: Micros; readonly label: string }[], scale: Scale) {
  const placed = events.map((event) => {
    const x = toPixels(scale, event.at);
    const text = cutText(`${inSeconds(event.at)}: ${event.label}`, scale.width - 10, small);
    const wide = textWidth(text, small) + 8;
    const leftwards = x + wide > scale.width && x >= wide;
    const from = leftwards ? x - wide : Math.max(0, Math.min(x, scale.width - wide));
    return { ...event, text, leftwards, from, to: from + wide };
  });
  const upwards = [...placed.filter((e) => !e.leftwards).reverse(), ...placed.filter((e) => e.leftwards)];
  const rows = stackRows(upwards);
  const height = eventRow * Math.max(0, ...rows.map((row) => row + 1));
  const labelled = upwards.map((event, index) => ({ ...event, y: height - ((rows[index] ?? 0) + 0.5) * eventRow }));
  return {
    height,
    labels: labelled.map(({ from, to, text, leftwards, y }) =>
      leftwards ? label(toTime(scale, to - 4), y, text, { align: 'right' }) : label(toTime(scale, from + 4), y, text),
    ),
    lines: (bottom: number): Line[] =>
      labelled.map(({ at, y }) => {
        return { x: at, x2: at, y: y - eventRow / 2 + 2, y2: bottom, stroke: ink.text, width: 1.2, dash: [4, 3] };
      }),
    boxes: labelled.map(({ from, to, text, y, leftwards }) =>
      backdrop(toTime(scale, from + (leftwards ? 0 : 2)), toTime(scale, to - (leftwards ? 2 : 0)), y, text),
    ),
  };
}

/** White behind a text, so that no line runs through it. */
export function backdrop(x: Micros, x2: Micros, y: number, about: string): Box {
  return { x, x2, y: y - 7, y2: y + 7, fill: 'white', outline: 'white', about };
}

export function label(x: Micros, y: number, text: string, look: Partial<Label> = {}): Label {
  return { x, y, text, size: small, fill: ink.text, align: 'left', bold: false, ...look };
}

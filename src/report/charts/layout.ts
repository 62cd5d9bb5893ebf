/** Text is measured by a rule of thumb, never by a canvas, so that every machine places it the same. */

/** Pixels that every chart is wide. */
export const chartWidth = 800;

/** Fonts of about the same width, wherever the picture is opened. */
export const fontFamily = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

/** Advance widths of DejaVu Sans in hundredths of an em. */
const advances: ReadonlyMap<string, number> = new Map(
  Object.entries({
    28: "ijl'IJ",
    33: ' ,.·’',
    35: '/:;\\|f-',
    40: '()[]t!r',
    48: '"',
    52: 'szc*_`?',
    59: 'LFkvxy',
    62: 'PTYaoe',
    67: 'KAV',
    73: 'BRXZCU',
    79: 'HNDGOQ&',
    85: 'w#+<=>^~M→←×',
    100: 'mW%@…—',
  }).flatMap(([hundredths, characters]) =>
    [...characters].map((character) => [character, Number(hundredths)] as const),
  ),
);
/** Digits and most small letters. */
const commonAdvance = 64;

/** Width of a text in pixels, in DejaVu Sans of that size; a little over rather than under. */
export function textWidth(text: string, fontSize: number, bold = false): number {
  let hundredths = 0;
  for (const character of text) hundredths += advances.get(character) ?? commonAdvance;
  return Math.ceil((hundredths / 100) * fontSize * (bold ? 1.13 : 1.01));
}

/** Breaks a text into lines no wider than `width` pixels; a single longer word keeps a line of its own. */
export function wrapText(text: string, width: number, fontSize: number, bold = false): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, fontSize, bold) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines;
}

/** Cuts a text to `width` pixels, with an ellipsis where something is missing. */
export function cutText(text: string, width: number, fontSize: number, bold = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  let cut = text;
  while (cut !== '' && textWidth(`${cut}…`, fontSize, bold) > width) cut = cut.slice(0, -1);
  return `${cut.trimEnd()}…`;
}

/** A stretch of a row in pixels. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A row for each stretch, 0 first: always beyond the rows of those before it that it touches. */
export function stackRows(stretches: readonly Stretch[]): number[] {
  const rows: number[] = [];
  stretches.forEach((stretch, index) => {
    const touched = rows.filter((_, other) => {
      const { from, to } = stretches[other] ?? stretch;
      return other < index && stretch.from < to && from < stretch.to;
    });
    rows.push(Math.max(-1, ...touched) + 1);
  });
  return rows;
}

/** What a terminal shows: 80 columns, colours only when told so. */
export const columns = 80;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Puts a style around a text, or leaves it as it is. */
export type Styler = (style: Style, text: string) => string;

export const plain: Styler = (_style, text) => text;
export const coloured: Styler = (style, text) => {
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};

/** A blank at which a line must not end: between a number and its unit, and in what stands between backquotes. */
const glue = '\u00a0';

/** Breaks a text into lines of at most `width` characters; longer words keep lines of their own. */
export function wrap(text: string, width: number): string[] {
  const glued = text
    .replace(/(\d) (m?s)\b/g, `$1${glue}$2`)
    .replace(/`[^`]{1,40}`/g, (quoted) => quoted.replaceAll(' ', glue));
  return wrapWords(glued.split(' '), width).map((line) => line.replaceAll(glue, ' '));
}

function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** A paragraph of 80 columns: the first line begins with `lead`, the others hang below its end. */
export function hanging(lead: string, text: string, styledLead = lead): string[] {
  const indent = ' '.repeat(lead.length);
  return wrap(text, columns - lead.length).map((line, index) => (index === 0 ? styledLead : indent) + line);
}

/** Blocks of lines with a blank line between; empty ones are left out. */
export function inBlocks(blocks: readonly (readonly string[])[]): string {
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

/** Rows in columns two spaces apart: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** As `table`, but the first column is cut where the others leave it too little of 80 columns. */
export function narrowTable(rows: readonly (readonly string[])[]): string[] {
  const others = table(rows.map(([, ...others]) => ['', ...others]));
  const left = columns - Math.max(0, ...others.map((line) => line.length));
  return table(rows.map(([first = '', ...others]) => [cut(first, left), ...others]));
}

/** A text of at most `width` characters, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

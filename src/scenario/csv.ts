import { CsvError, parse } from 'csv-parse/sync';
import type { Micros } from '../engine/time.ts';
import type { Problems, Source } from '../problem/problem.ts';
import { parseDuration } from './duration.ts';

interface CsvRow {
  /** From 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Rows of a CSV text; `#` begins a comment, empty lines are left out. A quote that is not closed is a problem. */
export function readCsv(source: Source, problems: Problems): CsvRow[] {
  const rows: CsvRow[] = [];
  try {
    parse(source.text, {
      comment: '#',
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      bom: true,
      on_record: (fields: string[], { lines }) => {
        rows.push({ line: lines, fields });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    const hint = 'check the quotes of this row and those before it';
    problems.push({ code: 'bad-csv', message: error.message, hint, file: source.file, line, column: 1 });
  }
  return rows;
}

/** Durations in the first column, in rising order; a first row that holds none is the heading. */
export function readDurations(source: Source, problems: Problems): Micros[] {
  const found: Micros[] = [];
  const rows = readCsv(source, problems);
  for (const [i, { line, fields }] of rows.entries()) {
    const [text = ''] = fields;
    const span = parseDuration(text);
    if (span !== undefined) found.push(span);
    else if (i > 0)
      problems.push({
        code: 'bad-duration',
        message: `${JSON.stringify(text)} is not a duration`,
        hint: 'write a number and a unit (us, ms, s), such as 0.31ms',
        file: source.file,
        line,
        column: 1,
      });
  }
  if (found.length === 0 && problems.length === 0)
    problems.push({
      code: 'no-durations',
      message: 'holds no duration',
      hint: 'write one a row, such as 0.31ms, in the first column',
      file: source.file,
      line: 1,
      column: 1,
    });
  return found.sort((a, b) => a - b);
}

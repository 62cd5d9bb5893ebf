import { madeOnce } from './made-once.ts';
import type { RecordHeader, RecordKind, TraceId } from './recorder.ts';
import type { Micros } from './time.ts';

/** Columns that every record has: t, seq, at, trace, cause. */
export const headerWidth = 5;

/** Where the cells of rows stand. */
export interface Cells {
  cell(index: number, column: number): number;
  textOf(index: number, column: number): string;
}

// By symbols: a column may have any name.
const table = Symbol('table');
const place = Symbol('place');

/** A row reads a cell when it is asked for it: most readers want few of them, and there are millions. */
class TableRow implements RecordHeader {
  readonly [table]: Cells;
  readonly [place]: number;

  constructor(cells: Cells, index: number) {
    this[table] = cells;
    this[place] = index;
  }

  get t(): Micros {
    return this[table].cell(this[place], 0);
  }

  get seq(): number {
    return this[table].cell(this[place], 1);
  }

  get at(): string {
    return this[table].textOf(this[place], 2);
  }

  get trace(): TraceId {
    return this[table].cell(this[place], 3);
  }

  get cause(): string {
    return this[table].textOf(this[place], 4);
  }
}

/** Makes rows of a kind. */
export type RowClass = new (cells: Cells, index: number) => RecordHeader;

/** One class a kind for all runs, so that what reads rows meets one shape. */
export const rowClassOf = madeOnce((kind: RecordKind): RowClass => {
  const OwnRow = class extends TableRow {};
  for (const [number, [name, type]] of Object.entries(kind.columns).entries()) {
    const column = headerWidth + number;
    const readers = {
      text(this: TableRow) {
        return this[table].textOf(this[place], column);
      },
      number(this: TableRow) {
        return this[table].cell(this[place], column);
      },
      flag(this: TableRow) {
        return this[table].cell(this[place], column) === 1;
      },
    };
    Object.defineProperty(OwnRow.prototype, name, { get: readers[type] });
  }
  return OwnRow;
});

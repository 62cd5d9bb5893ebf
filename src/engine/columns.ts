import {
  type Column,
  type Columns,
  type Fields,
  noTrace,
  type RecordHeader,
  type RecordKind,
  type Sink,
  type TraceId,
} from './recorder.ts';

/** A record read back. */
export type Row<C extends Columns> = RecordHeader & Fields<C>;

type RowOfAnyKind = RecordHeader & Readonly<Record<string, string | number | boolean>>;

/** Each text once; a column of texts holds small integers. */
class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#texts.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }
}

const perChunk = 4096;

/** Columns that every record has: t, seq, at, trace, cause. */
const headerWidth = 5;

/** The rows of one kind, one after the other in typed arrays that never move; texts by their ids. */
class Table {
  readonly #names: readonly string[];
  readonly #types: readonly Column[];
  readonly #width: number;
  readonly #texts: Texts;
  readonly #chunks: Float64Array[] = [];
  #last = new Float64Array(0);
  #length = 0;

  constructor(columns: Columns, texts: Texts) {
    this.#names = Object.keys(columns);
    this.#types = Object.values(columns);
    this.#width = headerWidth + this.#names.length;
    this.#texts = texts;
  }

  get length(): number {
    return this.#length;
  }

  push(header: RecordHeader, fields: Readonly<Record<string, string | number | boolean>>): void {
    let at = (this.#length++ % perChunk) * this.#width;
    if (at === 0) {
      this.#last = new Float64Array(perChunk * this.#width);
      this.#chunks.push(this.#last);
    }
    const values = this.#last;
    values[at++] = header.t;
    values[at++] = header.seq;
    values[at++] = this.#texts.id(header.at);
    values[at++] = header.trace;
    values[at++] = this.#texts.id(header.cause);
    let column = 0;
    for (const name in fields) {
      const value = fields[name];
      const place = at + (this.#names[column] === name ? column : this.#names.indexOf(name));
      values[place] = typeof value === 'string' ? this.#texts.id(value) : Number(value);
      column++;
    }
  }

  *rows(): Generator<RowOfAnyKind, undefined> {
    for (let index = 0; index < this.#length; index++) {
      const values = this.#chunks[Math.floor(index / perChunk)];
      if (values !== undefined) yield this.#row(values, (index % perChunk) * this.#width);
    }
    return undefined;
  }

  #row(values: Float64Array, offset: number): RowOfAnyKind {
    const number = (column: number): number => values[offset + column] ?? Number.NaN;
    const row: Record<string, string | number | boolean> & RecordHeader = {
      t: number(0),
      seq: number(1),
      at: this.#texts.text(number(2)),
      trace: number(3),
      cause: this.#texts.text(number(4)),
    };
    for (const [i, name] of this.#names.entries()) {
      const value = number(headerWidth + i);
      const type = this.#types[i];
      row[name] = type === 'text' ? this.#texts.text(value) : type === 'flag' ? value === 1 : value;
    }
    return row;
  }
}

/** A record of any kind, as it is written to `events.jsonl`. */
export interface AnyRow {
  readonly kind: string;
  readonly row: RowOfAnyKind;
}

/** Keeps all records of a run in typed columns. */
export class ColumnStore implements Sink {
  readonly #texts = new Texts();
  readonly #tables = new Map<string, Table>();
  readonly #parents: TraceId[] = [noTrace];

  trace(_id: TraceId, parent: TraceId): void {
    this.#parents.push(parent);
  }

  write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void {
    let table = this.#tables.get(kind.name);
    if (table === undefined) {
      table = new Table(kind.columns, this.#texts);
      this.#tables.set(kind.name, table);
    }
    table.push(header, fields);
  }

  /** All rows of a kind, in order of time. */
  *rows<C extends Columns>(kind: RecordKind<string, C>): Generator<Row<C>> {
    const table = this.#tables.get(kind.name);
    if (table !== undefined) yield* table.rows() as Generator<Row<C>>;
  }

  count(kind: RecordKind): number {
    return this.#tables.get(kind.name)?.length ?? 0;
  }

  /** Rows of every kind, in the order they were written. */
  *all(): Generator<AnyRow> {
    const cursors = [...this.#tables].map(([kind, table]) => ({ kind, rows: table.rows() }));
    /** The next row of each kind, by its sequence number. */
    const waiting = new Map<number, { row: RowOfAnyKind; cursor: (typeof cursors)[number] }>();
    const advance = (cursor: (typeof cursors)[number]): void => {
      const { value: row } = cursor.rows.next();
      if (row !== undefined) waiting.set(row.seq, { row, cursor });
    };
    for (const cursor of cursors) advance(cursor);
    for (let seq = 0; waiting.size > 0; seq++) {
      const next = waiting.get(seq);
      if (next === undefined) continue;
      waiting.delete(seq);
      yield { kind: next.cursor.kind, row: next.row };
      advance(next.cursor);
    }
  }

  /** The strand that caused this one; 0 at the root. */
  parentOf(trace: TraceId): TraceId {
    return this.#parents[trace] ?? noTrace;
  }

  /** Is `trace` the strand `root` or one that it caused? */
  descends(trace: TraceId, root: TraceId): boolean {
    for (let id = trace; id !== 0 && id >= root; id = this.parentOf(id)) if (id === root) return true;
    return false;
  }
}

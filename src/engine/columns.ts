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

const rowsPerChunk = 4096;
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
    let at = (this.#length++ % rowsPerChunk) * this.#width;
    if (at === 0) {
      this.#last = new Float64Array(rowsPerChunk * this.#width);
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

  sequence(index: number): number {
    return this.#at(index, 1);
  }

  row(index: number): RowOfAnyKind {
    const header: RecordHeader = {
      t: this.#at(index, 0),
      seq: this.#at(index, 1),
      at: this.#texts.text(this.#at(index, 2)),
      trace: this.#at(index, 3),
      cause: this.#texts.text(this.#at(index, 4)),
    };
    const fields: Record<string, string | number | boolean> = {};
    for (const [i, name] of this.#names.entries()) {
      const value = this.#at(index, headerWidth + i);
      const type = this.#types[i];
      fields[name] = type === 'text' ? this.#texts.text(value) : type === 'flag' ? value === 1 : value;
    }
    return Object.assign(header, fields);
  }

  #at(index: number, column: number): number {
    const chunk = this.#chunks[Math.floor(index / rowsPerChunk)];
    return chunk?.[(index % rowsPerChunk) * this.#width + column] ?? Number.NaN;
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
    if (table === undefined) return;
    for (let i = 0; i < table.length; i++) yield table.row(i) as Row<C>;
  }

  count(kind: RecordKind): number {
    return this.#tables.get(kind.name)?.length ?? 0;
  }

  /** Rows of every kind, merged in the order they were written. */
  *all(): Generator<AnyRow> {
    const cursors = [...this.#tables].map(([kind, table]) => ({ kind, table, next: 0 }));
    for (;;) {
      let first: (typeof cursors)[number] | undefined;
      for (const cursor of cursors) {
        if (cursor.next >= cursor.table.length) continue;
        if (first === undefined || cursor.table.sequence(cursor.next) < first.table.sequence(first.next))
          first = cursor;
      }
      if (first === undefined) return;
      yield { kind: first.kind, row: first.table.row(first.next++) };
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

import type { Column, Columns, Fields, RecordHeader, RecordKind, Sink, TraceId } from './recorder.ts';

/** A record read back. */
export type Row<C extends Columns> = RecordHeader & Fields<C>;

type Numbers = Float64Array | Int32Array | Uint8Array;

/** A growing typed array. */
class Growing<A extends Numbers> {
  #values: A;
  readonly #make: (length: number) => A;
  #length = 0;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(256);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const bigger = this.#make(this.#values.length * 2);
      bigger.set(this.#values);
      this.#values = bigger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }
}

const floats = () => new Growing((n) => new Float64Array(n));
const integers = () => new Growing((n) => new Int32Array(n));
const bytes = () => new Growing((n) => new Uint8Array(n));

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

interface Cell {
  readonly name: string;
  readonly type: Column;
  readonly values: Growing<Numbers>;
}

/** The rows of one kind. */
class Table {
  readonly t = floats();
  readonly seq = floats();
  readonly at = integers();
  readonly trace = integers();
  readonly cause = integers();
  readonly cells: readonly Cell[];
  readonly #texts: Texts;

  constructor(columns: Columns, texts: Texts) {
    this.#texts = texts;
    this.cells = Object.entries(columns).map(([name, type]) => ({
      name,
      type,
      values: type === 'number' ? floats() : type === 'text' ? integers() : bytes(),
    }));
  }

  push(header: RecordHeader, fields: Readonly<Record<string, string | number | boolean>>): void {
    this.t.push(header.t);
    this.seq.push(header.seq);
    this.at.push(this.#texts.id(header.at));
    this.trace.push(header.trace);
    this.cause.push(this.#texts.id(header.cause));
    for (const cell of this.cells) {
      const value = fields[cell.name];
      cell.values.push(typeof value === 'string' ? this.#texts.id(value) : Number(value));
    }
  }

  row(index: number): Record<string, string | number | boolean> {
    const row: Record<string, string | number | boolean> = {
      t: this.t.at(index),
      seq: this.seq.at(index),
      at: this.#texts.text(this.at.at(index)),
      trace: this.trace.at(index),
      cause: this.#texts.text(this.cause.at(index)),
    };
    for (const { name, type, values } of this.cells) {
      const value = values.at(index);
      row[name] = type === 'text' ? this.#texts.text(value) : type === 'flag' ? value === 1 : value;
    }
    return row;
  }
}

/** A record of any kind, as it is written to `events.jsonl`. */
export interface AnyRow {
  readonly kind: string;
  readonly row: Readonly<Record<string, string | number | boolean>>;
}

/** Keeps all records of a run in typed columns. */
export class ColumnStore implements Sink {
  readonly #texts = new Texts();
  readonly #tables = new Map<string, Table>();
  readonly #parents = integers();

  constructor() {
    this.#parents.push(0);
  }

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
    for (let i = 0; i < table.t.length; i++) yield table.row(i) as Row<C>;
  }

  count(kind: RecordKind): number {
    return this.#tables.get(kind.name)?.t.length ?? 0;
  }

  /** Rows of every kind, merged in the order they were written. */
  *all(): Generator<AnyRow> {
    const cursors = [...this.#tables].map(([kind, table]) => ({ kind, table, next: 0 }));
    for (;;) {
      let first: (typeof cursors)[number] | undefined;
      for (const cursor of cursors) {
        if (cursor.next >= cursor.table.t.length) continue;
        if (first === undefined || cursor.table.seq.at(cursor.next) < first.table.seq.at(first.next)) first = cursor;
      }
      if (first === undefined) return;
      yield { kind: first.kind, row: first.table.row(first.next++) };
    }
  }

  /** The strand that caused this one; 0 at the root. */
  parentOf(trace: TraceId): TraceId {
    return this.#parents.at(trace);
  }

  /** Is `trace` the strand `root` or one that it caused? */
  descends(trace: TraceId, root: TraceId): boolean {
    for (let id = trace; id !== 0 && id >= root; id = this.#parents.at(id)) if (id === root) return true;
    return false;
  }
}

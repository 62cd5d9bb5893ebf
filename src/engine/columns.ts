import { ByRoot, type Place } from './by-root.ts';
import {
  type Columns,
  type Fields,
  noTrace,
  type RecordHeader,
  type RecordKind,
  type Sink,
  type TraceId,
} from './recorder.ts';
import { type Cells, headerWidth, type RowClass, rowClassOf } from './row.ts';
import type { Micros } from './time.ts';

/** A record read back. It has no properties of its own: `{ ...row }` is empty. */
export type Row<C extends Columns> = RecordHeader & Fields<C>;

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

  sameAs(other: Texts): boolean {
    return this.#texts.length === other.#texts.length && this.#texts.every((text, id) => text === other.#texts[id]);
  }
}

/** Rows of a chunk: two to this power. */
const chunkBits = 9;
const perChunk = 1 << chunkBits;
/** Many a kind has few rows: the first chunk begins with room for so many, and grows until it is as the others. */
const atFirst = 8;
const growth = 4;

/** The rows of one kind, for those who read cell by cell. */
export interface CellTable {
  readonly kind: string;
  /** Of the kind itself; cells of `t`, `seq`, `at`, `trace` and `cause` are before theirs. */
  readonly columns: Columns;
  /** A text stands by its id. */
  cell(index: number, column: number): number;
}

/** The rows of one kind, one after the other in typed arrays; texts by their ids. */
class Table implements CellTable, Cells {
  readonly kind: string;
  readonly columns: Columns;
  readonly #names: readonly string[];
  readonly #row: RowClass;
  readonly #width: number;
  readonly #texts: Texts;
  readonly #chunks: Float64Array[] = [];
  /** What each column said last. */
  readonly #lastTexts: (string | undefined)[];
  readonly #lastIds: number[];
  #last = new Float64Array(0);
  #length = 0;

  constructor(kind: RecordKind, texts: Texts) {
    this.kind = kind.name;
    this.columns = kind.columns;
    this.#names = Object.keys(kind.columns);
    this.#row = rowClassOf(kind);
    this.#width = headerWidth + this.#names.length;
    this.#texts = texts;
    this.#lastTexts = new Array(this.#width).fill(undefined);
    this.#lastIds = new Array(this.#width).fill(0);
  }

  get length(): number {
    return this.#length;
  }

  push(header: RecordHeader, fields: Readonly<Record<string, string | number | boolean>>): void {
    let at = (this.#length++ & (perChunk - 1)) * this.#width;
    if (at === 0) this.#begin();
    else if (at === this.#last.length) this.#grow();
    const values = this.#last;
    values[at++] = header.t;
    values[at++] = header.seq;
    values[at++] = this.#id(header.at, 2);
    values[at++] = header.trace;
    values[at++] = this.#id(header.cause, 4);
    let next = 0;
    for (const name in fields) {
      const value = fields[name];
      const column = this.#names[next] === name ? next : this.#names.indexOf(name);
      if (typeof value === 'string') values[at + column] = this.#id(value, headerWidth + column);
      else values[at + column] = typeof value === 'number' ? value : Number(value);
      next++;
    }
  }

  #begin(): void {
    const rows = this.#chunks.length === 0 ? atFirst : perChunk;
    this.#last = new Float64Array(rows * this.#width);
    this.#chunks.push(this.#last);
  }

  #grow(): void {
    const larger = new Float64Array(this.#last.length * growth);
    larger.set(this.#last);
    this.#last = larger;
    this.#chunks[this.#chunks.length - 1] = larger;
  }

  /** Many a column says the same from row to row. */
  #id(text: string, column: number): number {
    if (this.#lastTexts[column] !== text) {
      this.#lastTexts[column] = text;
      this.#lastIds[column] = this.#texts.id(text);
    }
    return this.#lastIds[column] ?? 0;
  }

  row(index: number): RecordHeader {
    return new this.#row(this, index);
  }

  time(index: number): Micros {
    return this.cell(index, 0);
  }

  sequence(index: number): number {
    return this.cell(index, 1);
  }

  sameAs(other: Table): boolean {
    if (this.kind !== other.kind || this.#length !== other.#length) return false;
    return this.#chunks.every((chunk, i) => {
      const its = other.#chunks[i];
      return its !== undefined && chunk.every((value, at) => Object.is(value, its[at]));
    });
  }

  traceOf(index: number): TraceId {
    return this.cell(index, 3);
  }

  cell(index: number, column: number): number {
    return this.#chunks[index >> chunkBits]?.[(index & (perChunk - 1)) * this.#width + column] ?? Number.NaN;
  }

  textOf(index: number, column: number): string {
    return this.#texts.text(this.cell(index, column));
  }
}

/** A record of any kind. */
export interface AnyRow {
  readonly kind: string;
  readonly row: RecordHeader;
}

/** Keeps all records of a run in typed columns. */
export class ColumnStore implements Sink {
  readonly #texts = new Texts();
  readonly #tables = new Map<string, Table>();
  readonly #parents: TraceId[] = [noTrace];
  /** Made when it is first asked for, and anew when there is more. */
  #index: { readonly rows: number; readonly byRoot: ByRoot<Table> } | undefined;

  trace(_id: TraceId, parent: TraceId): void {
    this.#parents.push(parent);
  }

  write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void {
    let table = this.#tables.get(kind.name);
    if (table === undefined) {
      table = new Table(kind, this.#texts);
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

  /** Rows of every kind, in the order they were written. */
  *all(): Generator<AnyRow> {
    for (const { table, index } of this.#places()) yield { kind: table.kind, row: table.row(index) };
  }

  /** Where the rows of every kind stand, in the order they were written. `wanted` tells which of them. */
  places(wanted: (kind: string, trace: TraceId) => boolean): Generator<Place<CellTable>> {
    return this.#places(wanted);
  }

  /** The text of a cell. */
  text(id: number): string {
    return this.#texts.text(id);
  }

  *#places(wanted: (kind: string, trace: TraceId) => boolean = () => true): Generator<Place<Table>> {
    const tables = [...this.#tables.values()];
    const length = Math.max(0, ...tables.map((table) => table.sequence(table.length - 1) + 1));
    const tableOf = new Int32Array(length).fill(-1);
    for (const [place, table] of tables.entries()) {
      for (let i = 0; i < table.length; i++) tableOf[table.sequence(i)] = place;
    }
    const next = new Int32Array(tables.length);
    for (const place of tableOf) {
      const table = tables[place];
      if (table === undefined) continue;
      const index = next[place] ?? 0;
      next[place] = index + 1;
      if (wanted(table.kind, table.traceOf(index))) yield { table, index };
    }
  }

  /** Time, sequence number and strand of every record, kind by kind. */
  *marks(): Generator<Pick<RecordHeader, 't' | 'seq' | 'trace'>> {
    for (const table of this.#tables.values()) {
      for (let i = 0; i < table.length; i++)
        yield { t: table.time(i), seq: table.sequence(i), trace: table.traceOf(i) };
    }
  }

  /** Do both hold the very same records? */
  sameAs(other: ColumnStore): boolean {
    const [own, its] = [[...this.#tables.values()], [...other.#tables.values()]];
    const sameTables =
      own.length === its.length && own.every((table, i) => its[i] !== undefined && table.sameAs(its[i]));
    return sameTables && this.#texts.sameAs(other.#texts) && isSameList(this.#parents, other.#parents);
  }

  /** Ids of strands are below this. */
  get traces(): number {
    return this.#parents.length;
  }

  /** Rows of every kind that is wanted that descend from a root, in the order they were written. */
  *below(root: TraceId, wanted: (kind: string) => boolean = () => true): Generator<AnyRow> {
    for (const { table, index } of this.#byRoot().below(root)) {
      if (wanted(table.kind)) yield { kind: table.kind, row: table.row(index) };
    }
  }

  #byRoot(): ByRoot<Table> {
    const tables = [...this.#tables.values()];
    const rows = tables.reduce((sum, { length }) => sum + length, 0);
    if (this.#index?.rows !== rows) this.#index = { rows, byRoot: new ByRoot(tables, this.#parents) };
    return this.#index.byRoot;
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

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

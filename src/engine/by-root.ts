import { noTrace, type TraceId } from './recorder.ts';

/** The rows of one kind, told apart by their place. */
export interface Rows {
  readonly length: number;
  traceOf(index: number): TraceId;
  sequence(index: number): number;
}

/** A row's table and its place there. */
export interface Place<T> {
  readonly table: T;
  readonly index: number;
}

/** Where the rows are that descend from a root: a strand that nothing else caused. */
export class ByRoot<T extends Rows> {
  readonly #tables: readonly T[];
  /** Number of the first row of each table, counted through all tables. */
  readonly #firsts: readonly number[];
  /** The last row of each root, and for each row the one before it of the same root; -1: none. */
  readonly #last: Int32Array;
  readonly #before: Int32Array;
  readonly #roots: Int32Array;

  /** `parents` of each strand by its number: a strand is younger than its parent. */
  constructor(tables: readonly T[], parents: readonly TraceId[]) {
    this.#roots = rootsOf(parents);
    this.#tables = tables;
    let rows = 0;
    this.#firsts = tables.map(({ length }) => {
      rows += length;
      return rows - length;
    });
    this.#last = new Int32Array(parents.length).fill(-1);
    this.#before = new Int32Array(rows);
    for (const [number, table] of tables.entries()) this.#add(table, this.#firsts[number] ?? 0);
  }

  rootOf(trace: TraceId): TraceId {
    return this.#roots[trace] ?? noTrace;
  }

  /** In the order in which they were written. */
  below(root: TraceId): readonly Place<T>[] {
    const found: (Place<T> & { readonly sequence: number })[] = [];
    // From a row the way leads to lower numbers only, and so from table to table.
    let number = this.#tables.length - 1;
    for (let row = this.#last[root] ?? -1; row >= 0; row = this.#before[row] ?? -1) {
      while (row < (this.#firsts[number] ?? 0)) number--;
      const table = this.#tables[number];
      if (table === undefined) continue;
      const index = row - (this.#firsts[number] ?? 0);
      found.push({ table, index, sequence: table.sequence(index) });
    }
    return found.sort((a, b) => a.sequence - b.sequence);
  }

  #add(table: T, first: number): void {
    for (let index = 0; index < table.length; index++) {
      const root = this.rootOf(table.traceOf(index));
      this.#before[first + index] = this.#last[root] ?? -1;
      this.#last[root] = first + index;
    }
  }
}

function rootsOf(parents: readonly TraceId[]): Int32Array {
  const roots = new Int32Array(parents.length);
  for (let id = 1; id < parents.length; id++) {
    const parent = parents[id] ?? noTrace;
    roots[id] = parent === noTrace ? id : (roots[parent] ?? id);
  }
  return roots;
}

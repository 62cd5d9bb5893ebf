import { ColumnStore, type Row } from './columns.ts';
import type { Columns, Fields, RecordHeader, RecordKind } from './recorder.ts';

/** Keeps records of some kinds: who reads few need not pay for the others. */
export class Kept extends ColumnStore {
  readonly #kinds: ReadonlySet<RecordKind>;

  constructor(...kinds: readonly RecordKind[]) {
    super();
    this.#kinds = new Set(kinds);
  }

  tally(kind: RecordKind): boolean {
    return !this.#kinds.has(kind);
  }

  override write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void {
    if (this.#kinds.has(kind)) super.write(kind, header, fields);
  }

  override rows<C extends Columns>(kind: RecordKind<string, C>): Generator<Row<C>> {
    if (!this.#kinds.has(kind)) throw new Error(`records of ${kind.name} are not kept`);
    return super.rows(kind);
  }

  override count(kind: RecordKind): number {
    if (!this.#kinds.has(kind)) throw new Error(`records of ${kind.name} are not kept`);
    return super.count(kind);
  }
}

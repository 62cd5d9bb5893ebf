import { ColumnStore, type Row } from '../../src/engine/columns.ts';
import type { Columns, Fields, RecordHeader, RecordKind } from '../../src/engine/recorder.ts';

/** Keeps records of some kinds: an adapter reads few, and what is not kept costs little. */
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

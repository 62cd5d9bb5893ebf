import type { Columns, Fields, RecordHeader, RecordKind, Sink } from '../src/engine/recorder.ts';

/** Counts records by kind, and by kind and cause, and keeps none. */
export class Counters implements Sink {
  readonly #counts = new Map<RecordKind, Map<string, { count: number }>>();

  trace(): void {}

  write<C extends Columns>(kind: RecordKind<string, C>, { cause }: RecordHeader, _: Fields<C>): void {
    this.tally(kind, cause);
  }

  tally(kind: RecordKind, cause: string): true {
    let causes = this.#counts.get(kind);
    if (causes === undefined) {
      causes = new Map();
      this.#counts.set(kind, causes);
    }
    const known = causes.get(cause);
    if (known === undefined) causes.set(cause, { count: 1 });
    else known.count++;
    return true;
  }

  count(kind: RecordKind, cause?: string): number {
    const causes = this.#counts.get(kind);
    if (causes === undefined) return 0;
    if (cause !== undefined) return causes.get(cause)?.count ?? 0;
    return [...causes.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

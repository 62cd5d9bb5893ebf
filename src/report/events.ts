import type { ColumnStore } from '../engine/columns.ts';
import type { Columns, Fields, RecordHeader, RecordKind, Sink } from '../engine/recorder.ts';
import { toSeconds } from '../engine/time.ts';

/** One record as a line of JSON. Fields that do not apply are left out. */
function eventLine(kind: string, header: RecordHeader, fields: Readonly<Record<string, unknown>>): string {
  const { t, seq, at, trace, cause } = header;
  let line = `{"t":${toSeconds(t)},"seq":${seq},"at":${JSON.stringify(at)},"kind":"${kind}","cause":${JSON.stringify(cause)},"trace":${trace}`;
  for (const name in fields) {
    const value = fields[name];
    if (!Number.isNaN(value)) line += `,"${name}":${JSON.stringify(value)}`;
  }
  return `${line}}\n`;
}

/** `events.jsonl`: every record of the run, one a line, in the order written. */
export function* eventLines(store: ColumnStore): Generator<string> {
  for (const { kind, row } of store.all()) {
    const { t, seq, at, trace, cause, ...fields } = row;
    yield eventLine(kind, { t, seq, at, trace, cause }, fields);
  }
}

/** Hands every record on as a line at once, and keeps none: for runs too long for memory. */
export class EventStream implements Sink {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  trace(): void {}

  write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void {
    this.#write(eventLine(kind.name, header, fields));
  }
}

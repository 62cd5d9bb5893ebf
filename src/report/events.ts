import { type CellTable, type ColumnStore, headerWidth } from '../engine/columns.ts';
import type { Column, Columns, Fields, RecordHeader, RecordKind, Sink } from '../engine/recorder.ts';
import { toSeconds } from '../engine/time.ts';
import { type Gap, Storms } from './storms.ts';

/** One record as a line of JSON. Fields that do not apply are left out. */
function eventLine(
  kind: string,
  { t, seq, at, trace, cause }: RecordHeader,
  fields: Readonly<Record<string, string | number | boolean>>,
): string {
  let line = `{"t":${toSeconds(t)},"seq":${seq},"at":${JSON.stringify(at)},"kind":"${kind}","cause":${JSON.stringify(cause)},"trace":${trace}`;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === 'string') line += `,"${name}":${JSON.stringify(value)}`;
    else if (typeof value === 'boolean' || Number.isFinite(value)) line += `,"${name}":${value}`;
    else if (!Number.isNaN(value)) line += `,"${name}":null`;
  }
  return `${line}}\n`;
}

/**
 * `events.jsonl`: the records of the run, one a line, in the order written. Unless `all` are wanted, a line of kind
 * `left-out` stands for the strands in the middle of a storm, and what a capture saw stands in `tcpdump.txt` alone.
 */
export function* eventLines(store: ColumnStore, { all }: { readonly all: boolean }): Generator<string> {
  const storms = all ? undefined : new Storms(store);
  const gaps = storms?.gaps() ?? [];
  const lines = new Map<CellTable, KindLines>();
  let passed = 0;
  for (const { table, index } of store.places((name, trace) => storms?.shows(name, trace) ?? true)) {
    for (let gap = gaps[passed]; gap !== undefined && gap.seq < table.cell(index, 1); gap = gaps[++passed])
      yield gapLine(gap);
    let ofKind = lines.get(table);
    if (ofKind === undefined) {
      ofKind = new KindLines(table, store);
      lines.set(table, ofKind);
    }
    yield ofKind.line(index);
  }
  for (const gap of gaps.slice(passed)) yield gapLine(gap);
}

/** Rows of one kind as `eventLine` writes them; what is the same in many of them is put together once. */
class KindLines {
  readonly #table: CellTable;
  readonly #store: ColumnStore;
  readonly #columns: readonly { readonly type: Column; readonly key: string; readonly texts: Map<number, string> }[];
  /** From `at` to `trace`, by the ids of place and cause. */
  readonly #middles = new Map<number, Map<number, string>>();

  constructor(table: CellTable, store: ColumnStore) {
    this.#table = table;
    this.#store = store;
    this.#columns = Object.entries(table.columns).map(([name, type]) => ({
      type,
      key: `,"${name}":`,
      texts: new Map<number, string>(),
    }));
  }

  line(index: number): string {
    const table = this.#table;
    const middle = this.#middle(table.cell(index, 2), table.cell(index, 4));
    let line = `{"t":${toSeconds(table.cell(index, 0))},"seq":${table.cell(index, 1)}${middle}${table.cell(index, 3)}`;
    let place = headerWidth;
    for (const { type, key, texts } of this.#columns) {
      const value = table.cell(index, place++);
      if (type === 'text') line += texts.get(value) ?? this.#textOf(value, key, texts);
      else if (type === 'flag') line += key + (value === 1);
      else if (Number.isFinite(value)) line += key + value;
      else if (!Number.isNaN(value)) line += `${key}null`;
    }
    return `${line}}\n`;
  }

  #textOf(id: number, key: string, texts: Map<number, string>): string {
    const text = key + JSON.stringify(this.#store.text(id));
    texts.set(id, text);
    return text;
  }

  #middle(at: number, cause: number): string {
    let ofPlace = this.#middles.get(at);
    if (ofPlace === undefined) {
      ofPlace = new Map();
      this.#middles.set(at, ofPlace);
    }
    let middle = ofPlace.get(cause);
    if (middle === undefined) {
      const [place, why] = [at, cause].map((id) => JSON.stringify(this.#store.text(id)));
      middle = `,"at":${place},"kind":"${this.#table.kind}","cause":${why},"trace":`;
      ofPlace.set(cause, middle);
    }
    return middle;
  }
}

function gapLine({ t, seq, trace, strands, records, until }: Gap): string {
  const header = { t, seq, at: '', trace, cause: 'storm' };
  return eventLine('left-out', header, { strands, records, until: toSeconds(until), with: '--all-events' });
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

import type { CellTable, ColumnStore } from '../engine/columns.ts';
import type { Columns, Fields, RecordHeader, RecordKind, Sink, TraceId } from '../engine/recorder.ts';
import { headerWidth } from '../engine/row.ts';
import { toSeconds } from '../engine/time.ts';
import { Octets, octetsOf, type TakeOctets } from './octets.ts';
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
 * `left-out` stands for the strands in the middle of a storm or of a list of those that are `alike`, and what a capture
 * saw stands in `tcpdump.txt` alone.
 */
export function writeEvents(
  store: ColumnStore,
  wanted: 'all' | { readonly alike: readonly (readonly TraceId[])[] },
  take: TakeOctets,
): void {
  const file = new Octets(take);
  const storms = wanted === 'all' ? undefined : new Storms(store, wanted.alike);
  const gaps = storms?.gaps() ?? [];
  const texts = new QuotedTexts(store);
  const lines = new Map<CellTable, KindLines>();
  let passed = 0;
  for (const { table, index } of store.places((name, trace) => storms?.shows(name, trace) ?? true)) {
    for (let gap = gaps[passed]; gap !== undefined && gap.seq < table.cell(index, 1); gap = gaps[++passed])
      file.text(gapLine(gap));
    let ofKind = lines.get(table);
    if (ofKind === undefined) {
      ofKind = new KindLines(table, texts);
      lines.set(table, ofKind);
    }
    ofKind.write(index, file);
  }
  for (const gap of gaps.slice(passed)) file.text(gapLine(gap));
  file.flush();
}

/** Each text as JSON has it. */
class QuotedTexts {
  readonly #store: ColumnStore;
  readonly #octets: Uint8Array[] = [];

  constructor(store: ColumnStore) {
    this.#store = store;
  }

  text(id: number): string {
    return JSON.stringify(this.#store.text(id));
  }

  octets(id: number): Uint8Array {
    let octets = this.#octets[id];
    if (octets === undefined) {
      octets = octetsOf(this.text(id));
      this.#octets[id] = octets;
    }
    return octets;
  }
}

/** Writes what a column says: its key and a value. */
interface LineColumn {
  write(value: number, file: Octets): void;
}

/** A column with more values than these has seldom said one before. */
const mostParts = 256;

/** The key with each of the first values that stood there is put together once. */
class TextColumn implements LineColumn {
  readonly #key: string;
  readonly #keyOctets: Uint8Array;
  readonly #texts: QuotedTexts;
  readonly #parts = new Map<number, Uint8Array>();
  #last = Number.NaN;
  #lastPart = nothing;

  constructor(key: string, texts: QuotedTexts) {
    this.#key = key;
    this.#keyOctets = octetsOf(key);
    this.#texts = texts;
  }

  write(id: number, file: Octets): void {
    if (id === this.#last) {
      file.put(this.#lastPart);
      return;
    }
    const part = this.#parts.get(id) ?? this.#newPart(id);
    if (part === undefined) {
      file.put(this.#keyOctets);
      file.put(this.#texts.octets(id));
      return;
    }
    this.#last = id;
    this.#lastPart = part;
    file.put(part);
  }

  #newPart(id: number): Uint8Array | undefined {
    if (this.#parts.size === mostParts) return undefined;
    const part = octetsOf(this.#key + this.#texts.text(id));
    this.#parts.set(id, part);
    return part;
  }
}

/** NaN: absent. */
class NumberColumn implements LineColumn {
  readonly #key: Uint8Array;

  constructor(key: string) {
    this.#key = octetsOf(key);
  }

  write(value: number, file: Octets): void {
    if (Number.isNaN(value)) return;
    file.put(this.#key);
    if (Number.isFinite(value)) file.number(value);
    else file.text('null');
  }
}

class FlagColumn implements LineColumn {
  readonly #yes: Uint8Array;
  readonly #no: Uint8Array;

  constructor(key: string) {
    this.#yes = octetsOf(`${key}true`);
    this.#no = octetsOf(`${key}false`);
  }

  write(value: number, file: Octets): void {
    file.put(value === 1 ? this.#yes : this.#no);
  }
}

const nothing = octetsOf('');
const begin = octetsOf('{"t":');
const sequence = octetsOf(',"seq":');
const end = octetsOf('}\n');

/** Writes rows of one kind as `eventLine` does. */
class KindLines {
  readonly #table: CellTable;
  readonly #texts: QuotedTexts;
  readonly #columns: readonly LineColumn[];
  /** From `at` to `trace`, by the ids of place and cause. */
  readonly #middles = new Map<number, Map<number, Uint8Array>>();

  constructor(table: CellTable, texts: QuotedTexts) {
    this.#table = table;
    this.#texts = texts;
    this.#columns = Object.entries(table.columns).map(([name, type]) => {
      const key = `,"${name}":`;
      if (type === 'text') return new TextColumn(key, texts);
      return type === 'flag' ? new FlagColumn(key) : new NumberColumn(key);
    });
  }

  write(index: number, file: Octets): void {
    const table = this.#table;
    file.put(begin);
    file.seconds(table.cell(index, 0));
    file.put(sequence);
    file.number(table.cell(index, 1));
    file.put(this.#middle(table.cell(index, 2), table.cell(index, 4)));
    file.number(table.cell(index, 3));
    let place = headerWidth;
    for (const column of this.#columns) column.write(table.cell(index, place++), file);
    file.put(end);
  }

  #middle(at: number, cause: number): Uint8Array {
    let ofPlace = this.#middles.get(at);
    if (ofPlace === undefined) {
      ofPlace = new Map();
      this.#middles.set(at, ofPlace);
    }
    let middle = ofPlace.get(cause);
    if (middle === undefined) {
      const [place, why] = [at, cause].map((id) => this.#texts.text(id));
      middle = octetsOf(`,"at":${place},"kind":"${this.#table.kind}","cause":${why},"trace":`);
      ofPlace.set(cause, middle);
    }
    return middle;
  }
}

function gapLine({ t, seq, trace, cause, strands, records, until }: Gap): string {
  const header = { t, seq, at: '', trace, cause };
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

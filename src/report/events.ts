import type { CellTable, ColumnStore } from '../engine/columns.ts';
import type { Column, Columns, Fields, RecordHeader, RecordKind, Sink } from '../engine/recorder.ts';
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
 * `left-out` stands for the strands in the middle of a storm, and what a capture saw stands in `tcpdump.txt` alone.
 */
export function writeEvents(store: ColumnStore, { all }: { readonly all: boolean }, take: TakeOctets): void {
  const file = new Octets(take);
  const storms = all ? undefined : new Storms(store);
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
  readonly #octets = new Map<number, Uint8Array>();

  constructor(store: ColumnStore) {
    this.#store = store;
  }

  text(id: number): string {
    return JSON.stringify(this.#store.text(id));
  }

  octets(id: number): Uint8Array {
    let octets = this.#octets.get(id);
    if (octets === undefined) {
      octets = octetsOf(this.text(id));
      this.#octets.set(id, octets);
    }
    return octets;
  }
}

/** A column of a kind: its key, and the key with each of the first values that stood there. */
interface LineColumn {
  readonly type: Column;
  readonly key: string;
  readonly keyOctets: Uint8Array;
  readonly parts: Map<number, Uint8Array>;
}

/** What a column with more values than these says has seldom been said before. */
const mostParts = 256;

const begin = octetsOf('{"t":');
const sequence = octetsOf(',"seq":');
const end = octetsOf('}\n');

/** Writes rows of one kind as `eventLine` does; what is the same in many of them is put together once. */
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
      return { type, key, keyOctets: octetsOf(key), parts: new Map<number, Uint8Array>() };
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
    for (const column of this.#columns) {
      const value = table.cell(index, place++);
      const part = column.parts.get(value);
      if (part !== undefined) file.put(part);
      else if (column.parts.size < mostParts) file.put(this.#newPart(column, value));
      else if (column.type === 'text') {
        file.put(column.keyOctets);
        file.put(this.#texts.octets(value));
      } else if (Number.isFinite(value)) {
        file.put(column.keyOctets);
        file.number(value);
      } else file.put(this.#newPart(column, value));
    }
    file.put(end);
  }

  #newPart({ type, key, parts }: LineColumn, value: number): Uint8Array {
    const octets = octetsOf(Number.isNaN(value) ? '' : key + this.#json(type, value));
    parts.set(value, octets);
    return octets;
  }

  #json(type: Column, value: number): string {
    if (type === 'text') return this.#texts.text(value);
    return JSON.stringify(type === 'flag' ? value === 1 : value);
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

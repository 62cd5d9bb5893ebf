import type { ColumnStore } from '../engine/columns.ts';
import type { Columns, Fields, RecordHeader, RecordKind, Sink } from '../engine/recorder.ts';
import { toSeconds } from '../engine/time.ts';
import { type Gap, Storms } from './storms.ts';

const ofEveryRecord: ReadonlySet<string> = new Set(['t', 'seq', 'at', 'trace', 'cause']);

/** One record as a line of JSON. Fields that do not apply are left out. */
function eventLine(
  kind: string,
  { t, seq, at, trace, cause }: RecordHeader,
  fields: Readonly<Record<string, unknown>>,
  quote: (text: string) => string,
): string {
  let line = `{"t":${toSeconds(t)},"seq":${seq},"at":${quote(at)},"kind":"${kind}","cause":${quote(cause)},"trace":${trace}`;
  for (const name in fields) {
    if (ofEveryRecord.has(name)) continue;
    const value = fields[name];
    if (typeof value === 'string') line += `,"${name}":${quote(value)}`;
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
  const quoted = new Map<string, string>();
  const quote = (text: string): string => {
    let known = quoted.get(text);
    if (known === undefined) {
      known = JSON.stringify(text);
      quoted.set(text, known);
    }
    return known;
  };
  const storms = all ? undefined : new Storms(store);
  const gaps = storms?.gaps() ?? [];
  let passed = 0;
  for (const { kind, row } of store.all((name, trace) => storms?.shows(name, trace) ?? true)) {
    for (let gap = gaps[passed]; gap !== undefined && gap.seq < row.seq; gap = gaps[++passed])
      yield gapLine(gap, quote);
    yield eventLine(kind, row, row, quote);
  }
  for (const gap of gaps.slice(passed)) yield gapLine(gap, quote);
}

function gapLine({ t, seq, trace, strands, records, until }: Gap, quote: (text: string) => string): string {
  const header = { t, seq, at: '', trace, cause: 'storm' };
  return eventLine('left-out', header, { strands, records, until: toSeconds(until), with: '--all-events' }, quote);
}

/** Hands every record on as a line at once, and keeps none: for runs too long for memory. */
export class EventStream implements Sink {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  trace(): void {}

  write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void {
    this.#write(eventLine(kind.name, header, fields, JSON.stringify));
  }
}

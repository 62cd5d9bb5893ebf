import type { Micros } from './time.ts';

/** Column types of a record kind: text, a number (NaN: absent), or a yes/no. */
export type Column = 'text' | 'number' | 'flag';
export type Columns = Readonly<Record<string, Column>>;
type Value<C extends Column> = C extends 'text' ? string : C extends 'number' ? number : boolean;
export type Fields<C extends Columns> = { readonly [K in keyof C]: Value<C[K]> };

/** A kind of record, declared once in a room's `records.ts`. */
export interface RecordKind<N extends string = string, C extends Columns = Columns> {
  readonly name: N;
  readonly columns: C;
}

/** Declares a kind of record. `name` is `room.what`, such as `conntrack.event`. */
export function recordKind<const N extends string, const C extends Columns>(name: N, columns: C): RecordKind<N, C> {
  return { name, columns };
}

/** Id of a strand of causality: a lookup, a query made for it, a packet of that query. 0: none. */
export type TraceId = number;
export const noTrace: TraceId = 0;

/** What every record carries beside its own fields. */
export interface RecordHeader {
  readonly t: Micros;
  readonly seq: number;
  /** Where it happened: a host's or a process's name. */
  readonly at: string;
  readonly trace: TraceId;
  /** Why it happened: a short code of the room's, or empty. */
  readonly cause: string;
}

/** Where records go: columns in memory, a stream, or counters. */
export interface Sink {
  trace(id: TraceId, parent: TraceId): void;
  write<C extends Columns>(kind: RecordKind<string, C>, header: RecordHeader, fields: Fields<C>): void;
  /** Takes a record by its kind and cause alone, where the sink needs no more of it; false: it wants it written. */
  tally?(kind: RecordKind, cause: string): boolean;
}

/** Every room writes what happens here; the clock is the simulation's. */
export class Recorder {
  clock: () => Micros = () => 0;
  readonly #sink: Sink;
  #sequence = 0;
  #traces = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** A new strand that exists because of `parent`. */
  trace(parent: TraceId): TraceId {
    const id = ++this.#traces;
    this.#sink.trace(id, parent);
    return id;
  }

  /** Asked before fields that take effort to put together: true where the sink only counts such, and now has counted. */
  counted(kind: RecordKind, cause: string): boolean {
    if (this.#sink.tally?.(kind, cause) !== true) return false;
    this.#sequence++;
    return true;
  }

  write<N extends string, C extends Columns>(
    kind: RecordKind<N, C>,
    at: string,
    trace: TraceId,
    cause: string,
    fields: Fields<C>,
  ): void {
    this.#sink.write(kind, { t: this.clock(), seq: this.#sequence++, at, trace, cause }, fields);
  }
}

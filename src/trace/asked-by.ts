import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Explanation } from './explanation.ts';
import type { Quote } from './quote.ts';
import { processTitle, shortPlace, withoutDot } from './words.ts';

/** The line of a Corefile for which somebody was asked on a strand. */
export interface AskedBy {
  /** The line and its place, and the block where it is one for some names only; empty: there is none. */
  readonly line: (strand: TraceId) => string;
  /** As a sentence; empty: there is none. */
  readonly sentence: (strand: TraceId) => string;
  /** Does the line stand in a block for some names only, as of a stub zone? */
  readonly isForSome: (strand: TraceId) => boolean;
}

/** Failures of the one who was asked; what it says of a name is its own affair, unless a block for some names sent them there. */
const silence: readonly string[] = ['no-such-host', 'server-silent'];
const answers: readonly string[] = ['refused', 'servfail', 'nxdomain'];

export function askedByIn(store: ColumnStore, quote: Quote): AskedBy {
  const attempts = new Map([...store.rows(attemptRecord)].map((row) => [row.upstream, row]));
  // Read when the first failure asks for it.
  let zones: Map<TraceId, string> | undefined;
  const zoneOf = (strand: TraceId): string => {
    const row = attempts.get(strand);
    if (row === undefined) return '.';
    zones ??= new Map([...store.rows(coreDnsRequest)].map(({ trace, zone }) => [trace, zone]));
    return zones.get(row.trace) ?? '.';
  };
  const line = (strand: TraceId): string => {
    const row = attempts.get(strand);
    const quoted = row === undefined ? '' : quote(row.at, row.place, row.t);
    if (row === undefined || quoted === '') return '';
    const zone = zoneOf(strand);
    return `\`${quoted}\` (${shortPlace(row.place)})${zone === '.' ? '' : `, in the block of ${withoutDot(zone)}`}`;
  };
  return {
    line,
    sentence: (strand) => {
      const row = attempts.get(strand);
      const because = line(strand);
      return row === undefined || because === ''
        ? ''
        : ` ${processTitle(row.at)} asked ${row.to} because of ${because}.`;
    },
    isForSome: (strand) => zoneOf(strand) !== '.',
  };
}

/** A failure with the line that led to whoever failed. */
export function withAsker(why: Explanation, askedBy: AskedBy): Explanation {
  const matters = silence.includes(why.cause) || (answers.includes(why.cause) && askedBy.isForSome(why.strand));
  if (!matters) return why;
  const { cause, strand, holders, hops, short, sentence } = why;
  return { cause, strand, holders, hops, short, sentence: sentence + askedBy.sentence(strand) };
}

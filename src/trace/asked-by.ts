import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Quote } from './quote.ts';
import { processTitle, shortPlace } from './words.ts';

/** The line of a Corefile for which somebody was asked on a strand, as a sentence; empty: there is none. */
export type AskedBy = (strand: TraceId) => string;

export function askedByIn(store: ColumnStore, quote: Quote): AskedBy {
  const attempts = new Map([...store.rows(attemptRecord)].map((row) => [row.upstream, row]));
  return (strand) => {
    const row = attempts.get(strand);
    const line = row === undefined ? '' : quote(row.at, row.place, row.t);
    return row === undefined || line === ''
      ? ''
      : ` ${processTitle(row.at)} asked ${row.to} because of \`${line}\` (${shortPlace(row.place)}).`;
  };
}

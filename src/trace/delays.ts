import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { queryMade, replyCame, threadCame, turnCame } from '../resolver/records.ts';
import type { Strands } from './deciding.ts';
import { troubleOf } from './failed.ts';
import type { JudgedLookup } from './lookup.ts';
import type { SharedWith } from './shared-lookups.ts';
import type { UpstreamQuery } from './upstream-queries.ts';
import { inSeconds, processTitle } from './words.ts';

/** What a right answer was late for, in a few words; empty: for nothing. `asked`: what CoreDNS asked for a lookup. */
export function delaysIn(
  store: ColumnStore,
  strands: Strands,
  shared: SharedWith,
  asked: (lookup: TraceId) => readonly UpstreamQuery[],
): (lookup: JudgedLookup) => string {
  let sent: ReadonlyMap<TraceId, Micros> | undefined;
  let answered: ReadonlyMap<TraceId, TraceId> | undefined;
  let threads: ReadonlyMap<TraceId, Row<typeof threadCame.columns>> | undefined;
  let turns: ReadonlyMap<TraceId, Micros> | undefined;
  return (lookup) => {
    const trouble = troubleOf(lookup, strands);
    const took = lookup.end - lookup.start;
    if (trouble === '' && took < second) return '';
    sent ??= new Map([...store.rows(queryMade)].map(({ trace, t }) => [trace, t]));
    answered ??= answeredQueries(store);
    threads ??= new Map([...store.rows(threadCame)].map((row) => [row.trace, row]));
    turns ??= new Map([...store.rows(turnCame)].map(({ trace, waited }) => [trace, waited]));
    const own = shared(lookup.trace) ?? lookup.trace;
    const turn = turns.get(own) ?? 0;
    if (turn > 0 && 2 * turn >= took)
      return `it waited ${inSeconds(turn)} for another look-up of that name in its program, which came to nothing`;
    const thread = threads.get(own);
    if (thread !== undefined && 2 * thread.waited >= took)
      return `it waited ${inSeconds(thread.waited)} until one of the ${thread.threads} threads that may wait for libc was free`;
    const query = queryThatCost(answered.get(own), lookup, sent, strands);
    const inTime = (trace: TraceId) => query === undefined || strands.descends(trace, query);
    return (
      troubleOf(lookup, strands, ({ header }) => inTime(header.trace)) ||
      slowest(asked(own).filter(({ header }) => header.t <= lookup.end && inTime(header.trace))) ||
      trouble
    );
  };
}

/** That which was answered, where most of the time went by after it was sent; else the last before it that something went wrong with. */
function queryThatCost(
  answered: TraceId | undefined,
  { trace, start, end }: JudgedLookup,
  sent: ReadonlyMap<TraceId, Micros>,
  strands: Strands,
): TraceId | undefined {
  if (answered === undefined) return undefined;
  const sentAt = sent.get(answered) ?? end;
  if (2 * (end - sentAt) >= end - start) return answered;
  let last: { readonly t: Micros; readonly query: TraceId } | undefined;
  for (const { header, weight } of strands.evidence(trace)) {
    const query = strands.queryOf(header.trace);
    const isBefore = weight !== 'turn' && header.t <= sentAt && query !== undefined && query !== answered;
    if (isBefore && (last === undefined || header.t >= last.t)) last = { t: header.t, query };
  }
  return last?.query;
}

/** The last query of each lookup that brought an address. */
function answeredQueries(store: ColumnStore): ReadonlyMap<TraceId, TraceId> {
  const last = new Map<TraceId, TraceId>();
  for (const { trace, cause, answers } of store.rows(replyCame))
    if (cause === 'used' && answers > 0) last.set(store.parentOf(trace), trace);
  return last;
}

/** The answer of an upstream that took longest, where that is a second or more. */
function slowest(queries: readonly UpstreamQuery[]): string {
  let longest: UpstreamQuery | undefined;
  const took = ({ header, sentAt }: UpstreamQuery) => header.t - sentAt;
  for (const one of queries)
    if (one.outcome !== 'failed' && took(one) >= second && (longest === undefined || took(one) > took(longest)))
      longest = one;
  if (longest === undefined) return '';
  return `${longest.to} needed ${inSeconds(took(longest))} to answer ${processTitle(longest.header.at)}`;
}

import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Explanation } from './explanation.ts';
import type { Quote } from './quote.ts';
import { probesIn } from './upstream-queries.ts';
import { processTitle, shortPlace, withoutDot } from './words.ts';

type Attempt = Row<typeof attemptRecord.columns>;
type Request = Row<typeof coreDnsRequest.columns>;

/** The line of a Corefile for which somebody was asked on a strand. */
export interface AskedBy {
  /** The line and its place, and the block where it is one for some names only; empty: there is none. */
  readonly line: (strand: TraceId) => string;
  /** As a sentence; empty: there is none. */
  readonly sentence: (strand: TraceId) => string;
  /** Does the line stand in a block for some names only, as of a stub zone? */
  readonly isForSome: (strand: TraceId) => boolean;
  /** Was it CoreDNS itself that asked, and not somebody whom it had asked? */
  readonly isDirect: (strand: TraceId) => boolean;
}

/** Failures of the one who was asked; what it says of a name is its own affair, unless a block for some names sent them there. */
const silence: readonly string[] = ['no-such-host', 'server-silent'];
const answers: readonly string[] = ['refused', 'servfail', 'nxdomain'];

export function askedByIn(store: ColumnStore, quote: Quote): AskedBy {
  const attempts = new Map([...store.rows(attemptRecord)].map((row) => [row.upstream, row]));
  // Read when the first failure asks for them.
  let requests: Map<TraceId, Request> | undefined;
  let probes: ReadonlySet<TraceId> | undefined;
  let byBlock: Map<string, Attempt> | undefined;
  const requestOf = (trace: TraceId): Request | undefined => {
    requests ??= new Map([...store.rows(coreDnsRequest)].map((row) => [row.trace, row]));
    return requests.get(trace);
  };
  const probing = (): ReadonlySet<TraceId> => {
    probes ??= probesIn(store);
    return probes;
  };
  const blockKey = (request: Request | undefined): string => `${request?.at} ${request?.place}`;
  /** The attempt to which a strand belongs; one that nobody waited for has no record, nor is a probe one: then another one of that block. */
  const attemptOf = (strand: TraceId): Attempt | undefined => {
    for (let above = strand; above > 0; above = store.parentOf(above)) {
      const [request, attempt] = [requestOf(above), attempts.get(above)];
      // Who got the query is nearer to what became of it than who sent it.
      if (request !== undefined) {
        byBlock ??= new Map([...attempts.values()].map((row) => [blockKey(requestOf(row.trace)), row]));
        return byBlock.get(blockKey(request));
      }
      if (attempt !== undefined) return attempt;
    }
    return undefined;
  };
  const blockOf = (row: Attempt): string => {
    const zone = requestOf(row.trace)?.zone ?? '.';
    return zone === '.' ? '' : `, in the block of ${withoutDot(zone)}`;
  };
  const line = (row: Attempt): string => {
    const quoted = quote(row.at, row.place, row.t);
    return quoted === '' ? '' : `\`${quoted}\` (${shortPlace(row.place)})${blockOf(row)}`;
  };
  const told = <T>(strand: TraceId, tell: (row: Attempt) => T, nobody: T): T => {
    const row = attemptOf(strand);
    return row === undefined ? nobody : tell(row);
  };
  return {
    line: (strand) => told(strand, line, ''),
    sentence: (strand) =>
      told(
        strand,
        (row) => (line(row) === '' ? '' : ` ${processTitle(row.at)} asked ${row.to} because of ${line(row)}.`),
        '',
      ),
    isDirect: (strand) => {
      if (requestOf(strand) !== undefined) return false;
      const above = store.parentOf(strand);
      return attempts.has(strand) || requestOf(above) !== undefined || probing().has(strand) || probing().has(above);
    },
    isForSome: (strand) => told(strand, (row) => blockOf(row) !== '', false),
  };
}

/** A failure with the line that led to whoever failed. */
export function withAsker(why: Explanation, askedBy: AskedBy): Explanation {
  const isSilence = silence.includes(why.cause);
  const matters =
    (isSilence && askedBy.isDirect(why.strand)) ||
    ((isSilence || answers.includes(why.cause)) && askedBy.isForSome(why.strand));
  if (!matters) return why;
  const { cause, strand, holders, hops, short, sentence } = why;
  return { cause, strand, holders, hops, short, sentence: sentence + askedBy.sentence(strand) };
}

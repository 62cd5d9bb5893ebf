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

/** Failures of the one who was asked; what it says of a name is its own affair, unless a block for some names sent them there. */
const silence: readonly string[] = ['no-such-host', 'server-silent'];
const answers: readonly string[] = ['refused', 'servfail', 'nxdomain'];

/** The lines of Corefiles for which somebody was asked, by the strand on which that was. */
export class AskedBy {
  readonly #store: ColumnStore;
  readonly #quote: Quote;
  /** By the strand of the query. */
  readonly #attempts: ReadonlyMap<TraceId, Attempt>;
  /** The next three are read when the first failure asks for them. */
  #requests: ReadonlyMap<TraceId, Request> | undefined;
  #probes: ReadonlySet<TraceId> | undefined;
  #byBlock: ReadonlyMap<string, Attempt> | undefined;

  constructor(store: ColumnStore, quote: Quote) {
    this.#store = store;
    this.#quote = quote;
    this.#attempts = new Map([...store.rows(attemptRecord)].map((row) => [row.upstream, row]));
  }

  /** The line and its place, and the block where it is one for some names only; empty: there is none. */
  line(strand: TraceId): string {
    const row = this.#attemptOf(strand);
    return row === undefined ? '' : this.#lineOf(row);
  }

  /** As a sentence; empty: there is none. */
  sentence(strand: TraceId): string {
    const row = this.#attemptOf(strand);
    const line = row === undefined ? '' : this.#lineOf(row);
    if (row === undefined || line === '') return '';
    // Of another attempt of the block only the line is the same.
    const whom = this.#isSure(strand, row) ? row.to : 'there';
    return ` ${processTitle(row.at)} asked ${whom} because of ${line}.`;
  }

  /** Was it that attempt, or do all of its block go to the same upstream? */
  #isSure(strand: TraceId, { upstream, to, trace }: Attempt): boolean {
    if (this.#store.descends(strand, upstream)) return true;
    const block = blockKey(this.#requestOf(trace));
    return [...this.#attempts.values()].every((row) => row.to === to || blockKey(this.#requestOf(row.trace)) !== block);
  }

  /** Does the line stand in a block for some names only, as of a stub zone? */
  isForSome(strand: TraceId): boolean {
    const row = this.#attemptOf(strand);
    return row !== undefined && this.#zoneOf(row) !== '.';
  }

  /** Was it CoreDNS itself that asked, and not somebody whom it had asked? */
  isDirect(strand: TraceId): boolean {
    if (this.#requestOf(strand) !== undefined) return false;
    const above = this.#store.parentOf(strand);
    if (this.#attempts.has(strand) || this.#requestOf(above) !== undefined) return true;
    this.#probes ??= probesIn(this.#store);
    return this.#probes.has(strand) || this.#probes.has(above);
  }

  #lineOf(row: Attempt): string {
    const quoted = this.#quote(row.at, row.place, row.t);
    if (quoted === '') return '';
    const zone = this.#zoneOf(row);
    const block = zone === '.' ? '' : `, in the block of ${withoutDot(zone)}`;
    return `\`${quoted}\` (${shortPlace(row.place)})${block}`;
  }

  /** The zone of the block that asked. */
  #zoneOf(row: Attempt): string {
    return this.#requestOf(row.trace)?.zone ?? '.';
  }

  /** The attempt to which a strand belongs; one that nobody waited for has no record, nor is a probe one: then another one of that block. */
  #attemptOf(strand: TraceId): Attempt | undefined {
    for (let above = strand; above > 0; above = this.#store.parentOf(above)) {
      // Who got the query is nearer to what became of it than who sent it.
      const request = this.#requestOf(above);
      if (request !== undefined) return this.#anyOfBlock(request);
      const attempt = this.#attempts.get(above);
      if (attempt !== undefined) return attempt;
    }
    return undefined;
  }

  #anyOfBlock(request: Request): Attempt | undefined {
    this.#byBlock ??= new Map([...this.#attempts.values()].map((row) => [blockKey(this.#requestOf(row.trace)), row]));
    return this.#byBlock.get(blockKey(request));
  }

  #requestOf(trace: TraceId): Request | undefined {
    this.#requests ??= new Map([...this.#store.rows(coreDnsRequest)].map((row) => [row.trace, row]));
    return this.#requests.get(trace);
  }
}

function blockKey(request: Request | undefined): string {
  return `${request?.at} ${request?.place}`;
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

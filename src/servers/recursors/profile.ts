import type { Micros } from '../../engine/time.ts';

/** How long a recursor waits for a server that says nothing. */
export type Waiting =
  /**
   * By the measured round trips of each server, doubled after each round without reply. A round is one try, and a second one
   * (for fear of fragments lost) where the wait is below `repeatedBelow`. From `down` on a server counts as down.
   */
  | {
      readonly kind: 'measured';
      readonly first: Micros;
      readonly least: Micros;
      readonly repeatedBelow: Micros;
      readonly down: Micros;
      /** Rounds with one server for one question. */
      readonly rounds: number;
      /** Servers this much slower than the best are as good. */
      readonly band: Micros;
    }
  /** Try by try for one question, whatever the server. */
  | { readonly kind: 'list'; readonly waits: readonly Micros[] };

/** The rules of one recursor program: a row of data, with its source. Spans of TTLs in seconds. */
export interface RecursorProfile {
  /** Program and version that the row was measured with. */
  readonly title: string;
  readonly minimumTtl: number;
  readonly maximumTtl: number;
  readonly minimumNegativeTtl: number;
  readonly maximumNegativeTtl: number;
  /** Life of a denial: the lesser of the SOA's TTL and its minimum, or the SOA's TTL as it came. */
  readonly negativeTtl: 'lesser' | 'soa-ttl';
  /** Is there one SOA a zone at hand, which an equal one does not renew? */
  readonly sharesSoa: boolean;
  /** Life of a denial without SOA; 0: not kept. */
  readonly ttlWithoutSoa: number;
  /** Does NXDOMAIN for one type answer every type? */
  readonly nxdomainAnswersEveryType: boolean;
  /** Life of SERVFAIL. */
  readonly failureTtl: number;
  /** Entries count whole seconds of the wall clock. Is the entry still used, with TTL 0, in the second in which it runs out? */
  readonly answersWithTtlZero: boolean;
  /** Asks again ahead of time, behind a hit with at most this left: a share of the whole TTL, or seconds; for TTLs of at least `from`. */
  readonly prefetch: { readonly share: number; readonly seconds: number; readonly from: number };
  readonly waiting: Waiting;
  /** Is the second try at a server that has answered before made with EDNS size 512? */
  readonly retriesSmall: boolean;
  /** After this long without try a server counts as new. */
  readonly forgetsLosses: Micros;
  /** From the first try to SERVFAIL, whatever is still to come. */
  readonly givesUpAfter: Micros;
  /** A reply that comes later than this after the client's query is not sent. */
  readonly discardsAfter: Micros;
  /** Queries for one question that may be answered SERVFAIL or REFUSED. */
  readonly failuresTaken: number;
  /** Is port unreachable a failure at once, or silence? */
  readonly unreachableFails: boolean;
  /** In OPT, to servers and clients. */
  readonly udpSize: number;
  readonly asksWithDo: boolean;
  /** Largest UDP reply, whatever the client takes. */
  readonly largestReply: number;
  /** A reply too large for a client without EDNS keeps the records that fit; else TC comes alone. */
  readonly keepsWhatFits: boolean;
  readonly order: 'rotated' | 'random' | 'as-received';
  /** Words of the program's own configuration for the numbers above. */
  readonly options: Readonly<Record<string, readonly TtlBound[]>>;
  /** The yes/no option that asks ahead of time, and in which last share of the TTL. */
  readonly prefetchOption?: { readonly word: string; readonly share: number };
}

export type TtlBound = 'minimumTtl' | 'maximumTtl' | 'minimumNegativeTtl' | 'maximumNegativeTtl';

/** The word of the configuration that sets a bound. */
export function optionFor(profile: RecursorProfile, bound: TtlBound): string {
  return Object.entries(profile.options).find(([, bounds]) => bounds.includes(bound))?.[0] ?? bound;
}

import type { Rcode } from '../../dns/message.ts';
import type { Reach } from '../../dns/packer.ts';
import type { Micros } from '../../engine/time.ts';
import type { LocalZone } from './local-zones.ts';
import type { Packets } from './packet-cache.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Crowd } from './waiting-room.ts';
import type { ZoneLimit } from './zone-rate.ts';

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
      readonly most: Micros;
      /** Is a server that is down asked now and then? */
      readonly probes: boolean;
      /** Rounds with one server for one question. */
      readonly rounds: number;
      /** Servers this much slower than the best are as good. */
      readonly band: Micros;
    }
  /**
   * BIND: all servers in turn, the fastest first, round after round; each waits for `interval`, doubled with each round
   * behind the first `flat` ones, at least `least`.
   */
  | {
      readonly kind: 'backoff';
      readonly interval: Micros;
      readonly flat: number;
      readonly least: Micros;
      readonly most: Micros;
      /** Is no server asked again that has said nothing (`forward first`, where there is no root to ask then)? */
      readonly asksOnce: boolean;
    }
  /** Try by try for one question, whatever the server. */
  | { readonly kind: 'list'; readonly waits: readonly Micros[]; readonly triesEach?: number }
  /** Knot: always the same; the way to ask follows from what was measured and what failed. */
  | {
      readonly kind: 'knot';
      readonly udp: Micros;
      readonly tcp: Micros;
      /** Is TCP tried where UDP brings nothing? */
      readonly turnsToTcp: boolean;
      /** The nth refusal of one question is answered by the nth way; no more: given up. */
      readonly ways: readonly ('udp' | 'tcp')[];
    };

/** How long a server is not asked again what it did not answer: so many seconds of the wall clock, and so many questions at most. */
export interface PassingOver {
  readonly seconds: number;
  readonly questions: number;
}

/** How a server fails: no reply, an error of the network, an error as the reply. */
export type Failing = 'silence' | 'unreachable' | 'refusal';

/** Answers beyond their TTL (RFC 8767). */
export interface Stale {
  /** Seconds behind the end of the TTL. */
  readonly limit: number;
  /** TTL as clients see it. */
  readonly replyTtl: number;
  /** How long a client waits for the new answer; infinite: until the recursor has given up. */
  readonly after: Micros;
  /** Seconds after a failure in which nobody is asked. */
  readonly pause: number;
  /** Do those who wait learn that it is time only as a try ends? */
  readonly atTryEnds: boolean;
  /** Does a failure let the time begin anew in which old answers are told (unbound's `serve-expired-ttl-reset`)? */
  readonly renewedByFailure: boolean;
  /** So often are old answers that are told made live again, for the TTL that is told; undefined: never. */
  readonly revivals?: number;
  /** Is a client with EDNS told why (BIND's `ns_client_extendederror`)? */
  readonly isExplained?: boolean;
  /** Which denials are told too? */
  readonly denials: 'all' | 'nodata';
}

/** The rules of one recursor program: a row of data, with its source. Spans of TTLs in seconds. */
export interface RecursorProfile {
  /** Program and version that the row was measured with. */
  readonly title: string;
  readonly minimumTtl: number;
  readonly maximumTtl: number;
  readonly minimumNegativeTtl: number;
  readonly maximumNegativeTtl: number;
  /** Life of a denial: the lesser of the SOA's TTL and its minimum, the SOA's TTL as it came, or the shortest TTL in the reply, OPT counted (`packet_ttl` of kresd's entry_pkt.c). */
  readonly negativeTtl: 'lesser' | 'soa-ttl' | 'whole reply';
  /** Of a forwarder's referral: is it no answer, is it told, or kept and told with the addresses in it? */
  readonly referrals: 'no answer' | 'told' | 'told with addresses';
  /** Is a reply an error that answers about other names alone, or has two SOAs? */
  readonly refusesOddReplies: boolean;
  /** Is a SOA believed whatever zone it is of, or only that of a zone which holds the name? */
  readonly believesAnySoa: boolean;
  /** Does an equal set not renew the one at hand, and is there one SOA a zone, with which the zone's denials end? */
  readonly sharesSoa: boolean;
  /** What with a TTL of 0 is used until the second ends. */
  readonly keepsZero: 'denials' | 'aliases' | 'nothing';
  /** Is everything kept for the least TTL, whatever its own, which is told less the age? */
  readonly livesLeast: boolean;
  /** TTL of a set whose records came with several: the lowest, or that of the first. */
  readonly mixedTtl: 'lowest' | 'first';
  /** Is whatever comes told to those who wait, and not kept? */
  readonly keepsNothing: boolean;
  /** Does the life of an entry begin with the question, or with the reply? */
  readonly countsFrom: 'question' | 'reply';
  /** Do cached denials show the SOA's own TTL less the age, whatever the bounds made of it? */
  readonly showsUnboundedSoa: boolean;
  /** Life of a denial without SOA; 0: not kept. */
  readonly ttlWithoutSoa: number;
  /** Does NXDOMAIN for one type answer every type? */
  readonly nxdomainAnswersEveryType: boolean;
  /** Does NXDOMAIN with the SOA of the root stand for all that is below the last label (PowerDNS's `root-nx-trust`)? */
  readonly trustsRoot: boolean;
  /** Does NXDOMAIN end the sets that are known of the name, and a set the NXDOMAIN? */
  readonly nxdomainEndsSets: boolean;
  /** Life of SERVFAIL. */
  readonly failureTtl: number;
  /** Is SERVFAIL kept of the question, and found of whatever an alias leads to; or of the name asked for last, and found of a question's own? */
  readonly failuresOf: 'question' | 'name';
  /** Does SERVFAIL carry the aliases on the way: always, where it was known, or never? */
  readonly failsWithAliases: 'always' | 'known' | 'never';
  /** Is a server that failed a question passed over when the same is asked again? SERVFAIL does not count. */
  readonly passesOver?: Readonly<Record<Failing, PassingOver>> | undefined;
  /** Entries count whole seconds of the wall clock. Is the entry still used, with TTL 0, in the second in which it runs out? */
  readonly answersWithTtlZero: boolean;
  /** Asks again ahead of time, behind a hit with at most this left: a share of the whole TTL, and seconds; for TTLs of at least `from`. */
  readonly prefetch: { readonly share: number; readonly seconds: number; readonly from: number };
  /** Is it the set that was found which is asked for ahead of time, an alias as such and denials not, each that is due or the first alone; or the question? */
  readonly prefetchesSets: 'all' | 'first' | false;
  /** Do clients wait for what is asked ahead of time, or is it asked once more for them? */
  readonly joinsPrefetch: boolean;
  /** Is of a chain of aliases the whole asked for anew, or the part that has run out? */
  readonly refreshesChains: boolean;
  readonly stale?: Stale | undefined;
  /** Are whole replies kept before all else? */
  readonly packets?: Packets | undefined;
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
  /** Are servers asked by TCP alone? */
  readonly asksByTcp: boolean;
  /** Is FORMERR or NOTIMP to a query with OPT followed by one without? */
  readonly fallsBackPlain: boolean;
  /** How long a reply by TCP is waited for. */
  readonly tcpWait: Micros;
  /** Is port unreachable a failure at once, or silence? */
  readonly unreachableFails: boolean;
  /** Of an alias and its target in one reply: is the target taken too, or asked for? */
  readonly takesChains: boolean;
  /** Are servers taken from the authority section, and addresses from the additional one? */
  readonly takesAdditional: boolean;
  /** Of aliases that lead back: does SERVFAIL carry them? */
  readonly showsLoops: boolean;
  /** Is an answer used no longer than the addresses that came with it? */
  readonly endsWithAddresses: boolean;
  /** In OPT, to servers. */
  readonly udpSize: number;
  /** In OPT, to clients. */
  readonly clientUdpSize: number;
  readonly asksWithDo: boolean;
  /** Largest UDP reply, whatever the client takes. */
  readonly largestReply: number;
  /** A reply too large keeps the sets that fit, or to a client without EDNS the records that do; else TC comes alone. */
  readonly keepsWhatFits: 'sets' | 'records' | 'nothing';
  /** Order of a set: turned by the query's id, by chance, by one a query; shuffled each time; sorted. */
  readonly order: 'rotated' | 'rotated-by-chance' | 'cyclic' | 'random' | 'sorted' | 'as-received';
  /** Do cached sets keep the letters of the query that filled them? */
  readonly keepsLetters: boolean;
  /** Does a UDP reply to OPT of 512 octets or less carry the answer alone? */
  readonly answersSmall: boolean;
  /** Are of these hosts only addresses told that came with the set? */
  readonly addsWhatCame: boolean;
  /** Do replies carry the addresses of the hosts that MX, SRV and NS records name, or that NS records alone do? */
  readonly addsAddresses: 'all' | 'NS' | 'none';
  /** May names of other records point into the target of an SRV record? */
  readonly pointsIntoTargets: boolean;
  /** To what names in replies may point: whatever stood before, the two longest endings of it, or the name that was last written out. */
  readonly pointsTo: Reach;
  /** Are equal questions with CD and without asked apart? */
  readonly asksApartWithCd: boolean;
  /** Do replies carry the query's CD? */
  readonly repeatsCd: boolean;
  /** What is asked label by label on the way to a name in a zone whose own servers are asked; false: nothing. */
  readonly minimises: 'A' | 'NS' | false;
  /** A query without RD: refused, or where the answer is not known answered with a referral, or asked. */
  readonly withoutRd: 'REFUSED' | 'referral to the root' | 'asked';
  /** Seconds of life of the root's servers that it knows from the start; 0: none. */
  readonly rootHints: number;
  /** Zones that it answers itself. */
  readonly localZones: readonly LocalZone[];
  /** Of a query for ANY: whatever is known, one set of it, or an error at once. */
  readonly any: 'known' | 'one set' | Extract<Rcode, 'SERVFAIL' | 'NOTIMP'>;
  /** Does the reply to ANY answer later questions for each type? */
  readonly anyFillsTypes: boolean;
  readonly limits: readonly RateLimit[];
  readonly crowd: Crowd;
  /** Of zones whose own servers it asks. */
  readonly zoneLimit: ZoneLimit;
  /** Words of the program's configuration for its bounds. */
  readonly words: Readonly<Partial<Record<TtlBound, string>>>;
}

export type TtlBound = 'minimumTtl' | 'maximumTtl' | 'minimumNegativeTtl' | 'maximumNegativeTtl';

export type OptionValue = number | boolean | string;

/** A word of the program's own configuration: what may stand behind it, and what it changes. */
export interface Option<Profile> {
  /** Kinds of value, or the words themselves in quotation marks. */
  readonly takes: readonly ('number' | 'boolean' | 'string' | `"${string}"`)[];
  change(value: OptionValue, profile: Profile): Partial<Profile>;
}

export type Options<Profile> = Readonly<Record<string, Option<Profile>>>;

/** An option with a number. */
export function setsNumber<Profile>(
  change: (value: number, profile: NoInfer<Profile>) => Partial<NoInfer<Profile>>,
): Option<Profile> {
  return { takes: ['number'], change: (value, profile) => (typeof value === 'number' ? change(value, profile) : {}) };
}

/** An option that sets bounds of TTLs. */
export function setsBounds<Profile extends Readonly<Partial<Record<TtlBound, number>>>>(
  ...bounds: TtlBound[]
): Option<Profile> {
  return setsNumber((value, profile) => ({
    ...profile,
    ...Object.fromEntries(bounds.map((bound) => [bound, value])),
  }));
}

/** An option with a list of words, separated by blanks or commas. */
export function setsWords<Profile>(change: (words: readonly string[]) => Partial<NoInfer<Profile>>): Option<Profile> {
  return {
    takes: ['string'],
    change: (value) =>
      change(
        String(value)
          .split(/[\s,]+/)
          .filter((word) => word !== ''),
      ),
  };
}

/** A yes/no option. */
export function setsFlag<Profile>(
  change: (yes: boolean, profile: NoInfer<Profile>) => Partial<NoInfer<Profile>>,
): Option<Profile> {
  return { takes: ['boolean'], change: (value, profile) => change(value === true, profile) };
}

/** A profile with the operator's own settings. */
export function configured<Profile>(
  profile: Profile,
  options: Options<Profile>,
  values: Readonly<Record<string, OptionValue>>,
): Profile {
  let changed = profile;
  for (const [word, value] of Object.entries(values))
    changed = { ...changed, ...options[word]?.change(value, changed) };
  return changed;
}

import { madeOnce } from '../../../engine/made-once.ts';
import { behaviourOf, type Histories, since } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';

/** Who gets the AD bit: everybody, clients that set DO, clients that set DO or AD. */
export type AdFor = 'all' | 'do' | 'do-or-ad';

/** What `plugin/cache` does in one release. */
export interface CacheBehaviour {
  /** What beside type and name tells entries apart. */
  readonly keyHas: { readonly do: boolean; readonly cd: boolean; readonly class: boolean };
  /** Stores under the DO bit of the reply's OPT instead of the query's. */
  readonly storesUnderReplyDo: boolean;
  /** A hit must be of the same name and type, not only of the same hash. */
  readonly checksHits: boolean;
  /** Asks upstream with DO and OPT 2048, and strips DNSSEC records for clients without DO. */
  readonly asksForDnssec: boolean;
  /** A prefetch asks as the client did, without DO. */
  readonly prefetchAsksPlainly: boolean;
  /** That OPT is put into the client's own message, whose size then limits the reply. */
  readonly editsClientMessage: boolean;
  /** Plugins behind get a copy of the query: what they make of it is not seen in front of the cache. */
  readonly handsOnCopy: boolean;
  readonly asksWithAd: boolean;
  readonly adOnMiss: AdFor;
  /** What a prefetch, a refresh or a `verify` keeps and hands on. */
  readonly adOnRefresh: AdFor;
  readonly adOnHit: AdFor;
  /** An entry keeps the AD bit as the client that filled it got it, instead of as it came. */
  readonly storesAdAsSent: boolean;
  /** Setting the TTLs of a reply sets those of the records that the answering plugin keeps: on a miss, on a hit too. */
  readonly setsTtlsInPlace: 'never' | 'miss' | 'always';
  /** AA of a hit. */
  readonly hitAa: 'always' | 'as-stored';
  /** NXDOMAIN with answers is no denial. */
  readonly nxdomainWithAnswersIsOther: boolean;
  /** A NOERROR answer whose CNAME chain does not reach the type asked is not cached, or is NODATA with SOA. */
  readonly danglingIsNoData: boolean;
  /** TTLs above this are cut before the configured maximum is looked at. */
  readonly ttlCeilingSeconds: number | undefined;
  /** An expired entry is a miss that is not counted; an expired denial also hides the positive entry. */
  readonly expiredMasks: boolean;
  /** A good answer (live, or stale) goes before a cached SERVFAIL. */
  readonly positiveBeatsServfail: boolean;
  /** An entry whose TTL has reached 0 is stale; else only one below 0. */
  readonly staleAtZero: boolean;
  /** How a stale entry's background refresh asks: over its client's protocol, or TCP as a prefetch does. */
  readonly staleRefreshOver: 'client' | 'tcp';
  readonly staleRefreshCountsAsPrefetch: boolean;
  /** `prefetch` looks at stale hits too. */
  readonly prefetchLooksAtStale: boolean;
  /** One refresh in flight for an entry; else each hit starts its own. */
  readonly oneRefreshAtATime: boolean;
  /** A background refresh of a stale entry stores only NOERROR and NXDOMAIN. */
  readonly staleRefreshIsChoosy: boolean;
  /** A positive answer brought by a refresh deletes the denial. */
  readonly refreshDeletesDenial: boolean;
  /** `verify` with a time-out: while a check runs, other clients get the stale answer at once. */
  readonly oneCheckAtATime: boolean;
  /** A SERVFAIL that nobody wrote (forward gave up) is stored. */
  readonly storesUnwrittenServfail: boolean;
  /** The upstream's OPT is taken from a reply on its way to the client. */
  readonly dropsOpt: boolean;
}

const histories: Histories<CacheBehaviour> = {
  keyHas: [
    ['1.6.7', { do: true, cd: false, class: false }],
    ['1.7.1', { do: false, cd: false, class: false }],
    ['1.10.1', { do: true, cd: false, class: false }],
    ['1.11.3', { do: true, cd: true, class: false }],
    ['1.14.7', { do: true, cd: true, class: true }],
  ],
  storesUnderReplyDo: [
    ['1.6.7', true],
    ['1.7.1', false],
  ],
  checksHits: since('1.9.2'),
  asksForDnssec: [
    ['1.6.7', false],
    ['1.7.1', true],
    ['1.10.1', false],
  ],
  dropsOpt: since('1.7.1'),
  prefetchAsksPlainly: [
    ['1.6.7', true],
    ['1.8.1', false],
  ],
  editsClientMessage: [
    ['1.6.7', false],
    ['1.7.1', true],
    ['1.8.0', false],
  ],
  handsOnCopy: since('1.8.0'),
  asksWithAd: since('1.14.7'),
  adOnMiss: [
    ['1.6.7', 'all'],
    ['1.8.5', 'do'],
    ['1.9.4', 'do-or-ad'],
  ],
  adOnRefresh: [
    ['1.6.7', 'all'],
    ['1.8.5', 'do'],
    ['1.14.7', 'do-or-ad'],
  ],
  adOnHit: [
    ['1.6.7', 'all'],
    ['1.7.1', 'do'],
    ['1.9.4', 'do-or-ad'],
  ],
  storesAdAsSent: [
    ['1.6.7', false],
    ['1.12.3', true],
    ['1.14.7', false],
  ],
  setsTtlsInPlace: [
    ['1.6.7', 'miss'],
    ['1.8.0', 'always'],
    ['1.12.3', 'never'],
  ],
  hitAa: [
    ['1.6.7', 'always'],
    ['1.15.0', 'as-stored'],
  ],
  nxdomainWithAnswersIsOther: since('1.14.5'),
  danglingIsNoData: since('1.14.7'),
  ttlCeilingSeconds: [
    ['1.6.7', 3600],
    ['1.14.4', undefined],
  ],
  expiredMasks: [
    ['1.6.7', true],
    ['1.6.8', false],
  ],
  positiveBeatsServfail: since('1.14.4'),
  staleAtZero: since('1.14.7'),
  staleRefreshOver: [
    ['1.6.7', 'client'],
    ['1.8.1', 'tcp'],
  ],
  staleRefreshCountsAsPrefetch: since('1.8.1'),
  prefetchLooksAtStale: [
    ['1.6.7', true],
    ['1.8.1', false],
  ],
  oneRefreshAtATime: since('1.14.3'),
  staleRefreshIsChoosy: since('1.14.7'),
  refreshDeletesDenial: since('1.6.8'),
  oneCheckAtATime: since('1.15.0'),
  storesUnwrittenServfail: since('1.15.0'),
};

export const cacheBehaviour = madeOnce((release: ReleaseName): CacheBehaviour => behaviourOf(histories, release));

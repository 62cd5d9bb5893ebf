import { second } from '../../engine/time.ts';
import { type Options, type RecursorProfile, setsBounds, setsNumber } from './profile.ts';
import { unlimited } from './waiting-room.ts';

/**
 * A recursor of which nothing is known, such as a cloud's: RFC 1035 and RFC 2308 to the letter, no minimum, one day at most
 * (RFC 8767 §4: seven days at most), three tries of two seconds (RFC 1035 §4.2.1), then SERVFAIL.
 */
export const generic: RecursorProfile = {
  title: 'a recursor by the RFCs',
  minimumTtl: 0,
  maximumTtl: 86_400,
  minimumNegativeTtl: 0,
  maximumNegativeTtl: 10_800,
  negativeTtl: 'lesser',
  showsUnboundedSoa: false,
  refusesOddReplies: false,
  believesAnySoa: false,
  sharesSoa: false,
  mixedTtl: 'lowest',
  keepsNothing: false,
  countsFrom: 'reply',
  ttlWithoutSoa: 0,
  nxdomainAnswersEveryType: true,
  trustsRoot: false,
  nxdomainEndsSets: false,
  failureTtl: 0,
  silenceTtl: 0,
  answersWithTtlZero: false,
  prefetch: { share: 0, seconds: 0, from: 0 },
  prefetchesSets: false,
  joinsPrefetch: true,
  refreshesChains: false,
  waiting: { kind: 'list', waits: [2 * second, 2 * second, 2 * second] },
  retriesSmall: false,
  forgetsLosses: 900 * second,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 1,
  asksByTcp: false,
  fallsBackPlain: false,
  tcpWait: 2 * second,
  unreachableFails: true,
  endsWithAddresses: false,
  udpSize: 1232,
  asksWithDo: false,
  largestReply: 1232,
  keepsWhatFits: 'nothing',
  order: 'as-received',
  takesChains: false,
  takesAdditional: false,
  showsLoops: false,
  clientUdpSize: 1232,
  keepsLetters: false,
  addsAddresses: 'none',
  pointsIntoTargets: true,
  pointsTo: 'all',
  asksApartWithCd: false,
  repeatsCd: true,
  minimises: false,
  withoutRd: 'REFUSED',
  rootHints: 0,
  localZones: [],
  any: 'known',
  anyFillsTypes: false,
  limits: [],
  crowd: unlimited,
  zoneLimit: { perSecond: 0, factor: 10 },
  words: {
    minimumTtl: 'min-ttl',
    maximumTtl: 'max-ttl',
    minimumNegativeTtl: 'min-negative-ttl',
    maximumNegativeTtl: 'max-negative-ttl',
  },
};

export const genericOptions: Options<RecursorProfile> = {
  'min-ttl': setsBounds('minimumTtl'),
  'max-ttl': setsBounds('maximumTtl'),
  'min-negative-ttl': setsBounds('minimumNegativeTtl'),
  'max-negative-ttl': setsBounds('maximumNegativeTtl'),
  // As clouds limit their resolvers: what an address asks beyond is dropped, and what cannot wait.
  'queries-per-second': setsNumber((perSecond) => ({
    limits: [{ counts: 'all', perSecond, of: 'address', passing: 0, slip: 0, window: 0, backoff: false }],
  })),
  'most-waiting': setsNumber((questions) => ({
    crowd: { ...unlimited, questions, jostle: Number.POSITIVE_INFINITY },
  })),
};

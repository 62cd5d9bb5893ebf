import { second } from '../../engine/time.ts';
import { type Options, type RecursorProfile, setsBounds, setsFlag } from './profile.ts';
import { unlimited } from './waiting-room.ts';

/** Recordings `recursor-*` (resolver `kresd`); waits: FORWARDING_TIMEOUT of lib/selection_forward.c. */
export const knot: RecursorProfile = {
  title: 'Knot Resolver 5.6.0',
  minimumTtl: 5,
  maximumTtl: 86_400,
  minimumNegativeTtl: 5,
  maximumNegativeTtl: 86_400,
  negativeTtl: 'least',
  referrals: 'told',
  refusesOddReplies: false,
  believesAnySoa: true,
  sharesSoa: false,
  livesLeast: false,
  mixedTtl: 'first',
  keepsNothing: false,
  countsFrom: 'question',
  showsUnboundedSoa: true,
  ttlWithoutSoa: 5,
  nxdomainAnswersEveryType: false,
  trustsRoot: false,
  nxdomainEndsSets: false,
  failureTtl: 0,
  silenceTtl: 0,
  answersWithTtlZero: true,
  prefetch: { share: 0, seconds: 0, from: 0 },
  prefetchesSets: false,
  joinsPrefetch: true,
  refreshesChains: false,
  waiting: {
    kind: 'knot',
    udp: 2 * second,
    tcp: 12 * second,
    turnsToTcp: true,
    ways: ['udp', 'tcp', 'udp', 'tcp', 'tcp'],
  },
  retriesSmall: false,
  forgetsLosses: Number.POSITIVE_INFINITY,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 5,
  asksByTcp: false,
  fallsBackPlain: false,
  tcpWait: 12 * second,
  unreachableFails: false,
  takesChains: false,
  takesAdditional: false,
  showsLoops: true,
  endsWithAddresses: false,
  udpSize: 1232,
  clientUdpSize: 1232,
  asksWithDo: true,
  largestReply: 1232,
  keepsWhatFits: 'sets',
  order: 'rotated-by-chance',
  keepsLetters: false,
  addsAddresses: 'none',
  pointsIntoTargets: false,
  pointsTo: 'last',
  asksApartWithCd: false,
  repeatsCd: true,
  minimises: 'A',
  withoutRd: 'REFUSED',
  rootHints: 0,
  localZones: [],
  any: 'SERVFAIL',
  anyFillsTypes: false,
  limits: [],
  crowd: unlimited,
  zoneLimit: { perSecond: 0, factor: 10 },
  words: {
    minimumTtl: 'cache.min_ttl',
    minimumNegativeTtl: 'cache.min_ttl',
    maximumTtl: 'cache.max_ttl',
    maximumNegativeTtl: 'cache.max_ttl',
  },
};

/** Words of kresd.conf, without the brackets. */
export const knotOptions: Options<RecursorProfile> = {
  'cache.min_ttl': setsBounds('minimumTtl', 'minimumNegativeTtl'),
  'cache.max_ttl': setsBounds('maximumTtl', 'maximumNegativeTtl'),
  // STUB: whole replies, kept for a short time, of servers that are asked over UDP without DO and once (recording `recursor-m-knot-options`).
  policy: {
    takes: ['"FORWARD"', '"STUB"'],
    change: (value, { waiting }) =>
      value !== 'STUB' || waiting.kind !== 'knot'
        ? {}
        : {
            asksWithDo: false,
            takesChains: true,
            livesLeast: true,
            waiting: { ...waiting, turnsToTcp: false, ways: ['udp'] },
          },
  },
  // `is_expiring` of lib/cache/api.c.
  predict: setsFlag((yes) => ({ prefetch: { share: yes ? 0.01 : 0, seconds: yes ? 5 : 0, from: 0 } })),
};

import { second } from '../../engine/time.ts';
import { type Options, type RecursorProfile, setsBounds } from './profile.ts';

/** Recordings `recursor-*` (resolver `kresd`); waits: FORWARDING_TIMEOUT of lib/selection_forward.c. */
export const knot: RecursorProfile = {
  title: 'Knot Resolver 5.6.0',
  minimumTtl: 5,
  maximumTtl: 86_400,
  minimumNegativeTtl: 5,
  maximumNegativeTtl: 86_400,
  negativeTtl: 'soa-ttl',
  sharesSoa: false,
  showsUnboundedSoa: true,
  ttlWithoutSoa: 5,
  nxdomainAnswersEveryType: false,
  failureTtl: 0,
  keepsSilence: false,
  answersWithTtlZero: true,
  prefetch: { share: 0, seconds: 0, from: 0 },
  waiting: { kind: 'knot', udp: 2 * second, tcp: 12 * second, ways: ['udp', 'tcp', 'udp', 'tcp', 'tcp'] },
  retriesSmall: false,
  forgetsLosses: Number.POSITIVE_INFINITY,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 5,
  unreachableFails: false,
  takesChains: false,
  udpSize: 1232,
  clientUdpSize: 1232,
  asksWithDo: true,
  largestReply: 1232,
  keepsWhatFits: false,
  order: 'rotated-by-chance',
  keepsLetters: false,
  addsAddresses: false,
  pointsIntoTargets: false,
  minimises: 'A',
  withoutRd: 'REFUSED',
  any: 'SERVFAIL',
  anyFillsTypes: false,
  limits: [],
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
};

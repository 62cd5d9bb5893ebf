import { millisecond, second } from '../../engine/time.ts';
import type { RecursorProfile } from './profile.ts';

/**
 * Recordings `recursor-*` (resolver `unbound`). Waits: util/rtt.c, PROBE_MAXRTO and RTT_BAND of iterator/iterator.h,
 * `outbound-msg-retry: 5` and `infra-host-ttl: 900` of unbound.conf(5).
 */
export const unbound: RecursorProfile = {
  title: 'unbound 1.17.1',
  minimumTtl: 0,
  maximumTtl: 86_400,
  minimumNegativeTtl: 0,
  maximumNegativeTtl: 3600,
  negativeTtl: 'lesser',
  sharesSoa: true,
  ttlWithoutSoa: 5,
  nxdomainAnswersEveryType: false,
  failureTtl: 5,
  answersWithTtlZero: true,
  prefetch: { share: 0, seconds: 0, from: 0 },
  waiting: {
    kind: 'measured',
    first: 376 * millisecond,
    least: 50 * millisecond,
    repeatedBelow: 5 * second,
    down: 12 * second,
    rounds: 5,
    band: 400 * millisecond,
  },
  retriesSmall: false,
  forgetsLosses: 900 * second,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: 1900 * millisecond,
  failuresTaken: 5,
  unreachableFails: false,
  udpSize: 1232,
  asksWithDo: true,
  largestReply: 4096,
  keepsWhatFits: false,
  order: 'rotated',
  options: {
    'cache-min-ttl': ['minimumTtl', 'minimumNegativeTtl'],
    'cache-max-ttl': ['maximumTtl'],
    'cache-max-negative-ttl': ['maximumNegativeTtl'],
  },
  prefetchOption: { word: 'prefetch', share: 0.1 },
};

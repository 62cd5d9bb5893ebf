import { millisecond, second } from '../../engine/time.ts';
import type { RecursorProfile } from './profile.ts';

/** Recordings `recursor-*` (resolver `named`); prefetch: BIND's default `prefetch 2 9`. */
export const bind: RecursorProfile = {
  title: 'BIND 9.18.49',
  minimumTtl: 0,
  maximumTtl: 604_800,
  minimumNegativeTtl: 0,
  maximumNegativeTtl: 10_800,
  negativeTtl: 'soa-ttl',
  sharesSoa: false,
  ttlWithoutSoa: 0,
  nxdomainAnswersEveryType: true,
  failureTtl: 1,
  answersWithTtlZero: false,
  prefetch: { share: 0, seconds: 2, from: 9 },
  waiting: { kind: 'list', waits: [1200, 1200, 1200, 1600, 3200, 1600].map((wait) => wait * millisecond) },
  retriesSmall: true,
  forgetsLosses: 900 * second,
  givesUpAfter: 10 * second,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 1,
  unreachableFails: true,
  udpSize: 1232,
  asksWithDo: true,
  largestReply: 1232,
  keepsWhatFits: true,
  order: 'random',
  options: {
    'min-cache-ttl': ['minimumTtl'],
    'max-cache-ttl': ['maximumTtl'],
    'min-ncache-ttl': ['minimumNegativeTtl'],
    'max-ncache-ttl': ['maximumNegativeTtl'],
  },
};

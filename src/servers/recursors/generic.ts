import { second } from '../../engine/time.ts';
import type { RecursorProfile } from './profile.ts';

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
  sharesSoa: false,
  ttlWithoutSoa: 0,
  nxdomainAnswersEveryType: true,
  failureTtl: 0,
  answersWithTtlZero: false,
  prefetch: { share: 0, seconds: 0, from: 0 },
  waiting: { kind: 'list', waits: [2 * second, 2 * second, 2 * second] },
  retriesSmall: false,
  forgetsLosses: 900 * second,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 1,
  unreachableFails: true,
  udpSize: 1232,
  asksWithDo: false,
  largestReply: 1232,
  keepsWhatFits: false,
  order: 'as-received',
  options: {
    'min-ttl': ['minimumTtl'],
    'max-ttl': ['maximumTtl'],
    'min-negative-ttl': ['minimumNegativeTtl'],
    'max-negative-ttl': ['maximumNegativeTtl'],
  },
};

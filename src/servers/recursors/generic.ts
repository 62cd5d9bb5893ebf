import { second } from '../../engine/time.ts';
import { type Options, type RecursorProfile, setsBounds, setsNumber } from './profile.ts';
import { usual } from './usual.ts';
import { unlimited } from './waiting-room.ts';

/**
 * A recursor of which nothing is known, such as a cloud's: RFC 1035 and RFC 2308 to the letter, no minimum, one day at most
 * (RFC 8767 §4: seven days at most), three tries of two seconds (RFC 1035 §4.2.1), then SERVFAIL.
 */
export const generic: RecursorProfile = {
  ...usual,
  title: 'a recursor by the RFCs',
  maximumNegativeTtl: 10_800,
  negativeTtl: 'lesser',
  waiting: { kind: 'list', waits: [2 * second, 2 * second, 2 * second] },
  tcpWait: 2 * second,
  asksWithDo: false,
  keepsWhatFits: 'nothing',
  order: 'as-received',
  failsWithAliases: 'never',
  showsLoops: false,
  pointsIntoTargets: true,
  minimises: false,
  crowd: unlimited,
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

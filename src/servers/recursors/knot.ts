import { second } from '../../engine/time.ts';
import { type Options, type RecursorProfile, setsBounds, setsFlag } from './profile.ts';
import { usual } from './usual.ts';
import { unlimited } from './waiting-room.ts';

/** Recordings `recursor-*` (resolver `kresd`); waits: FORWARDING_TIMEOUT of lib/selection_forward.c. */
export const knot: RecursorProfile = {
  ...usual,
  title: 'Knot Resolver 5.6.0',
  minimumTtl: 5,
  minimumNegativeTtl: 5,
  maximumNegativeTtl: 86_400,
  negativeTtl: 'whole reply',
  referrals: 'told',
  believesAnySoa: true,
  mixedTtl: 'first',
  countsFrom: 'question',
  showsUnboundedSoa: true,
  ttlWithoutSoa: 5,
  nxdomainAnswersEveryType: false,
  answersWithTtlZero: true,
  waiting: {
    kind: 'knot',
    udp: 2 * second,
    tcp: 12 * second,
    turnsToTcp: true,
    ways: ['udp', 'tcp', 'udp', 'tcp', 'tcp'],
  },
  forgetsLosses: Number.POSITIVE_INFINITY,
  failuresTaken: 5,
  tcpWait: 12 * second,
  unreachableFails: false,
  keepsWhatFits: 'sets',
  order: 'rotated-by-chance',
  pointsTo: 'last',
  any: 'SERVFAIL',
  crowd: unlimited,
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

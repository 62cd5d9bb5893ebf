import { millisecond, second } from '../../engine/time.ts';
import {
  type Options,
  type OptionValue,
  type RecursorProfile,
  type Stale,
  setsBounds,
  setsFlag,
  setsNumber,
} from './profile.ts';
import type { RateLimit } from './rate-limit.ts';
import { usual } from './usual.ts';
import { unlimited } from './waiting-room.ts';

/**
 * Recordings `recursor-*` (resolver `named`); prefetch: BIND's default `prefetch 2 9`; waits: `fctx_setretryinterval` and
 * `fctx_query` of its lib/dns/resolver.c.
 */
const bind: RecursorProfile = {
  ...usual,
  title: 'BIND 9.18.49',
  maximumTtl: 604_800,
  maximumNegativeTtl: 10_800,
  negativeTtl: 'soa-ttl',
  refusesOddReplies: true,
  keepsZero: 'denials',
  nxdomainEndsSets: true,
  failureTtl: 1,
  failsWithAliases: 'never',
  prefetch: { share: 0, seconds: 2, from: 9 },
  prefetchesSets: 'first',
  joinsPrefetch: false,
  waiting: {
    kind: 'backoff',
    interval: 800 * millisecond,
    flat: 3,
    least: 1200 * millisecond,
    most: 9 * second,
    asksOnce: false,
  },
  retriesSmall: true,
  givesUpAfter: 10 * second,
  tcpWait: 12 * second,
  keepsWhatFits: 'records',
  order: 'random',
  keepsLetters: true,
  addsAddresses: 'all',
  answersSmall: true,
  pointsIntoTargets: true,
  pointsTo: 'two longest',
  minimises: 'NS',
  withoutRd: 'referral to the root',
  anyFillsTypes: true,
  crowd: { ...unlimited, clients: 900, ofOneQuestion: 10, ofOneQuestionAtMost: 100 },
  words: {
    minimumTtl: 'min-cache-ttl',
    maximumTtl: 'max-cache-ttl',
    minimumNegativeTtl: 'min-ncache-ttl',
    maximumNegativeTtl: 'max-ncache-ttl',
  },
};

interface Bind extends RecursorProfile {
  readonly staleness: {
    readonly kept: boolean;
    readonly answered: boolean;
    readonly said: Stale;
    readonly pause: number;
  };
  readonly rates: {
    readonly responses: number;
    readonly referrals?: number;
    readonly nxdomains?: number;
    readonly errors?: number;
    readonly all: number;
    readonly slip: number;
    readonly window: number;
  };
}

/** BIND's settings of stale answers, which make sense together alone. */
export const configurableBind: Bind = {
  ...bind,
  staleness: {
    kept: false,
    answered: false,
    said: {
      limit: 86_400,
      replyTtl: 30,
      after: Number.POSITIVE_INFINITY,
      pause: 30,
      atTryEnds: true,
      isExplained: true,
      denials: 'nodata',
      renewedByFailure: false,
    },
    pause: 30,
  },
  rates: { responses: 0, all: 0, slip: 2, window: 15 },
};

function staleness(change: (value: OptionValue, before: Bind['staleness']) => Partial<Bind['staleness']>) {
  return (value: OptionValue, profile: Bind): Partial<Bind> => {
    const now = { ...profile.staleness, ...change(value, profile.staleness) };
    const { after } = now.said;
    // Who does not wait for the failure does not see it either: only then nobody is asked for a while.
    const pause = after === 0 || after === Number.POSITIVE_INFINITY ? now.pause : 0;
    return { staleness: now, stale: now.kept && now.answered ? { ...now.said, pause } : undefined };
  };
}

/** What the words of `rate-limit { }` make of each other; limits that are not said are that of all responses. */
function rateLimited(change: (value: number) => Partial<Bind['rates']>) {
  return setsNumber<Bind>((value, profile) => {
    const rates = { ...profile.rates, ...change(value) };
    const { responses, slip, window, all } = rates;
    const limit = { of: 'network', passing: 0, slip, window, backoff: false } as const;
    const own: readonly [RateLimit['counts'], number][] = [
      ['found', responses],
      ['uncached', rates.referrals ?? responses],
      ['nxdomain', rates.nxdomains ?? responses],
      ['error', rates.errors ?? responses],
    ];
    const limits = own.map(([counts, perSecond]): RateLimit => ({ ...limit, counts, perSecond }));
    const every: RateLimit = { ...limit, counts: 'all', perSecond: all, slip: 0 };
    return { rates, limits: [every, ...limits].filter(({ perSecond }) => perSecond > 0) };
  });
}

/** Of `recursive-clients`: the soft quota, at which the oldest client makes room. */
const softQuota = (hard: number): number => (hard > 1000 ? hard - 100 : Math.floor(hard * 0.9));

const endless = (value: number): number => (value === 0 ? Number.POSITIVE_INFINITY : value);

/** Words of `options { }` in named.conf. */
export const bindOptions: Options<Bind> = {
  'min-cache-ttl': setsBounds('minimumTtl'),
  'max-cache-ttl': setsBounds('maximumTtl'),
  'min-ncache-ttl': setsBounds('minimumNegativeTtl'),
  'max-ncache-ttl': setsBounds('maximumNegativeTtl'),
  'servfail-ttl': setsNumber((failureTtl) => ({ failureTtl })),
  prefetch: setsNumber((seconds, { prefetch }) => ({
    prefetch: seconds === 0 ? { share: 0, seconds: 0, from: 0 } : { ...prefetch, seconds, from: seconds + 7 },
  })),
  'resolver-query-timeout': setsNumber((value) => ({
    givesUpAfter: Math.min(30 * second, Math.max(10 * second, value * (value > 300 ? millisecond : second))),
  })),
  'resolver-retry-interval': setsNumber((value, { waiting }) => ({
    waiting: waiting.kind === 'backoff' ? { ...waiting, interval: Math.min(2000, value) * millisecond } : waiting,
  })),
  'resolver-nonbackoff-tries': setsNumber((flat, { waiting }) => ({
    waiting: waiting.kind === 'backoff' ? { ...waiting, flat } : waiting,
  })),
  'stale-cache-enable': { takes: ['boolean'], change: staleness((value) => ({ kept: value === true })) },
  'stale-answer-enable': { takes: ['boolean'], change: staleness((value) => ({ answered: value === true })) },
  'stale-answer-client-timeout': {
    takes: ['number', '"off"'],
    change: staleness((value, { said }) => ({
      said: { ...said, after: typeof value === 'number' ? value * millisecond : Number.POSITIVE_INFINITY },
    })),
  },
  'stale-answer-ttl': {
    takes: ['number'],
    change: staleness((value, { said }) => ({ said: { ...said, replyTtl: Number(value) } })),
  },
  'max-stale-ttl': {
    takes: ['number'],
    change: staleness((value, { said }) => ({ said: { ...said, limit: Number(value) } })),
  },
  'stale-refresh-time': { takes: ['number'], change: staleness((value) => ({ pause: Number(value) })) },
  forward: {
    takes: ['"only"', '"first"'],
    change: (value, { waiting }) => ({
      waiting: waiting.kind === 'backoff' ? { ...waiting, asksOnce: value === 'first' } : waiting,
    }),
  },
  'minimal-responses': {
    takes: ['boolean', '"no-auth"', '"no-auth-recursive"'],
    change: (value) => ({ addsAddresses: value === true ? 'NS' : 'all' }),
  },
  'minimal-any': setsFlag((yes) => ({ any: yes ? 'one set' : 'known' })),
  'qname-minimization': {
    takes: ['"strict"', '"relaxed"', '"off"', '"disabled"'],
    change: (value) => ({ minimises: value === 'off' || value === 'disabled' ? false : 'NS' }),
  },
  'rrset-order': {
    takes: ['"random"', '"cyclic"', '"none"', '"fixed"'],
    change: (value) => ({ order: value === 'cyclic' ? 'cyclic' : value === 'random' ? 'random' : 'sorted' }),
  },
  'max-udp-size': setsNumber((largestReply) => ({ largestReply })),
  'edns-udp-size': setsNumber((udpSize) => ({ udpSize, clientUdpSize: udpSize })),
  'responses-per-second': rateLimited((responses) => ({ responses })),
  'referrals-per-second': rateLimited((referrals) => ({ referrals })),
  'nxdomains-per-second': rateLimited((nxdomains) => ({ nxdomains })),
  'errors-per-second': rateLimited((errors) => ({ errors })),
  'all-per-second': rateLimited((all) => ({ all })),
  slip: rateLimited((slip) => ({ slip })),
  window: rateLimited((window) => ({ window })),
  'recursive-clients': setsNumber((value, { crowd }) => ({ crowd: { ...crowd, clients: softQuota(value) } })),
  'clients-per-query': setsNumber((value, { crowd }) => ({ crowd: { ...crowd, ofOneQuestion: endless(value) } })),
  'max-clients-per-query': setsNumber((value, { crowd }) => ({
    crowd: { ...crowd, ofOneQuestionAtMost: endless(value) },
  })),
  'fetches-per-server': setsNumber((value, { crowd }) => ({ crowd: { ...crowd, toServers: endless(value) } })),
  'fetches-per-zone': setsNumber((value, { crowd }) => ({ crowd: { ...crowd, toZone: endless(value) } })),
};

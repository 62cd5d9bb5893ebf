import { millisecond, second } from '../../engine/time.ts';
import { unboundLanZones, unboundZones } from './local-zones.ts';
import {
  type Option,
  type Options,
  type RecursorProfile,
  type Stale,
  setsBounds,
  setsFlag,
  setsNumber,
} from './profile.ts';
import { usual } from './usual.ts';
import { unlimited } from './waiting-room.ts';

/**
 * Recordings `recursor-*` (resolver `unbound`). Waits: util/rtt.c, PROBE_MAXRTO and RTT_BAND of iterator/iterator.h,
 * `outbound-msg-retry: 5` and `infra-host-ttl: 900` of unbound.conf(5).
 */
const unbound: RecursorProfile = {
  ...usual,
  title: 'unbound 1.17.1',
  maximumNegativeTtl: 3600,
  negativeTtl: 'lesser',
  referrals: 'told with addresses',
  believesAnySoa: true,
  sharesSoa: true,
  keepsZero: 'aliases',
  ttlWithoutSoa: 5,
  nxdomainAnswersEveryType: false,
  failureTtl: 5,
  failuresOf: 'question',
  failsWithAliases: 'known',
  answersWithTtlZero: true,
  refreshesChains: true,
  waiting: {
    kind: 'measured',
    first: 376 * millisecond,
    least: 50 * millisecond,
    repeatedBelow: 5 * second,
    down: 12 * second,
    most: 120 * second,
    probes: true,
    rounds: 5,
    band: 400 * millisecond,
  },
  discardsAfter: 1900 * millisecond,
  failuresTaken: 5,
  fallsBackPlain: true,
  tcpWait: 3 * second,
  unreachableFails: false,
  endsWithAddresses: true,
  largestReply: 4096,
  keepsWhatFits: 'sets',
  order: 'rotated',
  showsLoops: false,
  addsAddresses: 'NS',
  addsWhatCame: true,
  asksApartWithCd: true,
  localZones: [...unboundZones, ...unboundLanZones],
  crowd: { ...unlimited, questions: 1024, jostle: 200 * millisecond, ofOneAddress: 1000 },
  words: {
    minimumTtl: 'cache-min-ttl',
    minimumNegativeTtl: 'cache-min-ttl',
    maximumTtl: 'cache-max-ttl',
    maximumNegativeTtl: 'cache-max-negative-ttl',
  },
};

/** `serve-expired` alone: at once, with TTL 30, for ever (unbound.conf(5) before 1.23.0; recording `recursor-serve-expired`). */
const expired: Stale = {
  limit: Number.POSITIVE_INFINITY,
  replyTtl: 30,
  after: 0,
  pause: 0,
  atTryEnds: false,
  denials: 'all',
  renewedByFailure: false,
};

/** An option about expired answers, which `serve-expired` turns on wherever it stands. */
function aboutExpired(change: (value: number) => Partial<Stale>): Option<Unbound> {
  return setsNumber((value, { expiring }) => {
    const said = { ...expiring.said, ...change(value) };
    return { expiring: { ...expiring, said }, stale: expiring.on ? said : undefined };
  });
}

/** What `ip-ratelimit` and its factor make of each other. */
function limited(ip: Unbound['ipLimit']): Partial<Unbound> {
  const passing = ip.factor > 0 ? 1 / ip.factor : 0;
  const { perSecond, backoff } = ip;
  const all = { counts: 'all', perSecond, of: 'address', passing, slip: 0, window: 0, backoff } as const;
  const limits = perSecond > 0 ? [all] : [];
  return { ipLimit: ip, limits };
}

/** unbound's settings that only make sense together. */
interface Unbound extends RecursorProfile {
  readonly expiring: { readonly on: boolean; readonly said: Stale };
  readonly ipLimit: { readonly perSecond: number; readonly factor: number; readonly backoff: boolean };
}

export const configurableUnbound: Unbound = {
  ...unbound,
  expiring: { on: false, said: expired },
  ipLimit: { perSecond: 0, factor: 10, backoff: false },
};

/** unbound.conf(5) */
export const unboundOptions: Options<Unbound> = {
  'cache-min-ttl': setsBounds('minimumTtl', 'minimumNegativeTtl'),
  'cache-max-ttl': setsNumber((maximumTtl, { maximumNegativeTtl }) => ({
    maximumTtl,
    maximumNegativeTtl: Math.min(maximumTtl, maximumNegativeTtl),
  })),
  'cache-max-negative-ttl': setsNumber((value, { maximumTtl }) => ({
    maximumNegativeTtl: Math.min(value, maximumTtl),
  })),
  prefetch: setsFlag((yes) => ({ prefetch: { share: yes ? 0.1 : 0, seconds: 0, from: 0 } })),
  'serve-expired': setsFlag((on, { expiring }) => ({
    expiring: { ...expiring, on },
    stale: on ? expiring.said : undefined,
  })),
  'serve-expired-ttl-reset': setsFlag((renewedByFailure, { expiring }) => {
    const said = { ...expiring.said, renewedByFailure };
    return { expiring: { ...expiring, said }, stale: expiring.on ? said : undefined };
  }),
  'serve-expired-ttl': aboutExpired((limit) => ({ limit: limit === 0 ? Number.POSITIVE_INFINITY : limit })),
  'serve-expired-reply-ttl': aboutExpired((replyTtl) => ({ replyTtl })),
  'serve-expired-client-timeout': aboutExpired((after) => ({ after: after * millisecond })),
  'discard-timeout': setsNumber((value) => ({
    discardsAfter: value === 0 ? Number.POSITIVE_INFINITY : value * millisecond,
  })),
  'max-udp-size': setsNumber((largestReply) => ({ largestReply })),
  'edns-buffer-size': setsNumber((udpSize) => ({ udpSize, clientUdpSize: udpSize })),
  'outbound-msg-retry': setsNumber((rounds, { waiting }) => ({
    failuresTaken: rounds,
    waiting: waiting.kind === 'measured' ? { ...waiting, rounds } : waiting,
  })),
  'infra-cache-min-rtt': setsNumber((value, { waiting }) => {
    if (waiting.kind !== 'measured') return {};
    const least = value * millisecond;
    return { waiting: { ...waiting, least, first: Math.max(least, waiting.first) } };
  }),
  // Where servers are given up before they would be probed, none is (PROBE_MAXRTO, USEFUL_SERVER_TOP_TIMEOUT).
  'infra-cache-max-rtt': setsNumber((value, { waiting }) => {
    if (waiting.kind !== 'measured') return {};
    const most = value * millisecond;
    return { waiting: { ...waiting, most, down: Math.min(waiting.down, most), probes: most >= waiting.down } };
  }),
  'forward-tcp-upstream': setsFlag((asksByTcp) => ({ asksByTcp })),
  'tcp-upstream': setsFlag((asksByTcp) => ({ asksByTcp })),
  'forward-no-cache': setsFlag((keepsNothing) => ({ keepsNothing })),
  // There is no root to ask then; its failure is not kept.
  'forward-first': setsFlag((yes, { failureTtl }) => ({ failureTtl: yes ? 0 : failureTtl })),
  'infra-host-ttl': setsNumber((value) => ({ forgetsLosses: value * second })),
  'minimal-responses': setsFlag((yes) => ({ addsAddresses: yes ? 'NS' : 'all' })),
  'rrset-roundrobin': setsFlag((yes) => ({ order: yes ? 'rotated' : 'as-received' })),
  'qname-minimisation': setsFlag((yes) => ({ minimises: yes ? 'A' : false })),
  'deny-any': setsFlag((yes) => ({ any: yes ? 'NOTIMP' : 'known' })),
  'unblock-lan-zones': setsFlag((yes) => ({ localZones: yes ? unboundZones : [...unboundZones, ...unboundLanZones] })),
  'ip-ratelimit': setsNumber((perSecond, { ipLimit }) => limited({ ...ipLimit, perSecond })),
  'ip-ratelimit-factor': setsNumber((factor, { ipLimit }) => limited({ ...ipLimit, factor })),
  'ip-ratelimit-backoff': setsFlag((backoff, { ipLimit }) => limited({ ...ipLimit, backoff })),
  ratelimit: setsNumber((perSecond, { zoneLimit }) => ({ zoneLimit: { ...zoneLimit, perSecond } })),
  'ratelimit-factor': setsNumber((factor, { zoneLimit }) => ({ zoneLimit: { ...zoneLimit, factor } })),
  'num-queries-per-thread': setsNumber((questions, { crowd }) => ({ crowd: { ...crowd, questions } })),
  'jostle-timeout': setsNumber((value, { crowd }) => ({ crowd: { ...crowd, jostle: value * millisecond } })),
  'wait-limit': setsNumber((value, { crowd }) => ({
    crowd: { ...crowd, ofOneAddress: value === 0 ? Number.POSITIVE_INFINITY : value },
  })),
};

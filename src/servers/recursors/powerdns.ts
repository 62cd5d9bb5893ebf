import { millisecond, second } from '../../engine/time.ts';
import { powerdnsZones } from './local-zones.ts';
import { type Options, type RecursorProfile, setsBounds, setsFlag, setsNumber } from './profile.ts';
import { unlimited } from './waiting-room.ts';

/**
 * Recordings `recursor-*` (resolver `pdns_recursor`); bounds, packet cache and time-outs: defaults of recursor.conf 4.8.
 * Whole replies are kept too, which is why a set keeps its order, and a denial without SOA lives as long as `packetcache-servfail-ttl`.
 */
const powerdns: RecursorProfile = {
  title: 'PowerDNS Recursor 4.8.8',
  minimumTtl: 1,
  maximumTtl: 86_400,
  minimumNegativeTtl: 1,
  maximumNegativeTtl: 3600,
  negativeTtl: 'soa-ttl',
  believesAnySoa: false,
  sharesSoa: false,
  mixedTtl: 'lowest',
  countsFrom: 'reply',
  showsUnboundedSoa: false,
  ttlWithoutSoa: 60,
  nxdomainAnswersEveryType: true,
  nxdomainEndsSets: false,
  failureTtl: 60,
  silenceTtl: 60,
  failsByForm: true,
  answersWithTtlZero: false,
  prefetch: { share: 0, seconds: 0, from: 0 },
  joinsPrefetch: true,
  refreshesChains: false,
  waiting: { kind: 'list', waits: Array.from({ length: 16 }, () => 1500 * millisecond), triesEach: 1 },
  retriesSmall: false,
  forgetsLosses: 60 * second,
  givesUpAfter: Number.POSITIVE_INFINITY,
  discardsAfter: Number.POSITIVE_INFINITY,
  failuresTaken: 1,
  fallsBackPlain: false,
  tcpWait: 1500 * millisecond,
  unreachableFails: true,
  takesChains: true,
  takesAdditional: true,
  showsLoops: true,
  udpSize: 1232,
  clientUdpSize: 512,
  asksWithDo: false,
  largestReply: 1232,
  keepsWhatFits: false,
  order: 'shuffled-once',
  keepsLetters: false,
  addsAddresses: false,
  pointsIntoTargets: false,
  pointsTo: 'all',
  asksApartWithCd: false,
  repeatsCd: false,
  minimises: 'A',
  withoutRd: 'asked',
  rootHints: 3_600_000,
  localZones: powerdnsZones,
  any: 'known',
  anyFillsTypes: true,
  limits: [],
  crowd: { ...unlimited, questions: 2048, jostle: Number.POSITIVE_INFINITY },
  zoneLimit: { perSecond: 0, factor: 10 },
  words: {
    minimumTtl: 'minimum-ttl-override',
    minimumNegativeTtl: 'minimum-ttl-override',
    maximumTtl: 'max-cache-ttl',
    maximumNegativeTtl: 'max-negative-ttl',
  },
};

/** Its packet cache alone keeps failures, and denials without SOA. */
interface PowerDns extends RecursorProfile {
  /** Seconds, of any packet. */
  readonly packetTtl: number;
}

export const configurablePowerdns: PowerDns = { ...powerdns, packetTtl: 86_400 };

function packetCached(ttl: number): Partial<PowerDns> {
  return { failureTtl: ttl, ttlWithoutSoa: ttl };
}

/** Words of recursor.conf; `refresh-on-ttl-perc` changes nothing where the packet cache answers (recording `recursor-prefetch`). */
export const powerdnsOptions: Options<PowerDns> = {
  'minimum-ttl-override': setsBounds('minimumTtl', 'minimumNegativeTtl'),
  'max-cache-ttl': setsNumber((value) => ({ maximumTtl: Math.max(15, value) })),
  'max-negative-ttl': setsBounds('maximumNegativeTtl'),
  'packetcache-servfail-ttl': setsNumber((value, profile) => packetCached(Math.min(value, profile.packetTtl))),
  'packetcache-ttl': setsNumber((value, profile) => ({
    packetTtl: value,
    ...packetCached(Math.min(value, profile.failureTtl)),
  })),
  'disable-packetcache': setsFlag((yes) => (yes ? packetCached(0) : {})),
  'network-timeout': setsNumber((value) => ({
    waiting: { kind: 'list', waits: Array.from({ length: 16 }, () => value * millisecond), triesEach: 1 },
  })),
  'max-mthreads': setsNumber((questions, { crowd }) => ({ crowd: { ...crowd, questions } })),
  'serve-rfc1918': setsFlag((yes) => ({
    localZones: yes ? powerdnsZones : powerdnsZones.filter(({ zone }) => zone === 'localhost.'),
  })),
  'refresh-on-ttl-perc': setsNumber(() => ({})),
  'udp-truncation-threshold': setsNumber((largestReply) => ({ largestReply })),
  'edns-outgoing-bufsize': setsNumber((udpSize) => ({ udpSize })),
  'qname-minimization': { takes: ['boolean'], change: (value) => ({ minimises: value === true ? 'A' : false }) },
};

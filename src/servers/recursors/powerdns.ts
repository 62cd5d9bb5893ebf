import { millisecond, second } from '../../engine/time.ts';
import { powerdnsZones } from './local-zones.ts';
import type { Packets } from './packet-cache.ts';
import { type Options, type RecursorProfile, type Stale, setsBounds, setsFlag, setsNumber } from './profile.ts';
import { usual } from './usual.ts';
import { unlimited } from './waiting-room.ts';

/**
 * Recordings `recursor-*` (resolver `pdns_recursor`); bounds, packet cache and time-outs: defaults of recursor.conf 4.8.
 * Whole replies are kept too, which is why a set keeps its order, and a denial without SOA lives as long as `packetcache-servfail-ttl`.
 * `passesOver`: `doThrottle` of its syncres.cc.
 */
const powerdns: RecursorProfile = {
  ...usual,
  title: 'PowerDNS Recursor 4.8.8',
  minimumTtl: 1,
  minimumNegativeTtl: 1,
  maximumNegativeTtl: 3600,
  negativeTtl: 'soa-ttl',
  trustsRoot: true,
  passesOver: {
    silence: { seconds: 10, questions: 5 },
    unreachable: { seconds: 60, questions: 100 },
    refusal: { seconds: 60, questions: 3 },
  },
  prefetchesSets: 'all',
  waiting: { kind: 'list', waits: Array.from({ length: 16 }, () => 1500 * millisecond), triesEach: 1 },
  forgetsLosses: 60 * second,
  tcpWait: 1500 * millisecond,
  takesChains: true,
  takesAdditional: true,
  clientUdpSize: 512,
  asksWithDo: false,
  keepsWhatFits: 'nothing',
  order: 'random',
  repeatsCd: false,
  withoutRd: 'asked',
  rootHints: 3_600_000,
  localZones: powerdnsZones,
  anyFillsTypes: true,
  crowd: { ...unlimited, questions: 2048, jostle: Number.POSITIVE_INFINITY },
  words: {
    minimumTtl: 'minimum-ttl-override',
    minimumNegativeTtl: 'minimum-ttl-override',
    maximumTtl: 'max-cache-ttl',
    maximumNegativeTtl: 'max-negative-ttl',
  },
};

interface PowerDns extends RecursorProfile {
  readonly packets: Packets;
}

export const configurablePowerdns: PowerDns = { ...powerdns, packets: { ttl: 86_400, failureTtl: 60 } };

/** An extension of `serve-stale-extensions`, in seconds; it is the most that is told of a TTL, too (`s_serveStaleExtensionPeriod`). */
const extension = 30;

/** Old answers where no server has one, made live again. */
function extended(extensions: number): Stale | undefined {
  if (extensions === 0) return undefined;
  return {
    limit: Number.POSITIVE_INFINITY,
    replyTtl: extension,
    after: Number.POSITIVE_INFINITY,
    pause: 0,
    atTryEnds: false,
    denials: 'all',
    renewedByFailure: false,
    revivals: extensions,
  };
}

/** Words of recursor.conf; `refresh-on-ttl-perc` changes nothing where the packet cache answers (recording `recursor-prefetch`). */
export const powerdnsOptions: Options<PowerDns> = {
  'minimum-ttl-override': setsBounds('minimumTtl', 'minimumNegativeTtl'),
  'max-cache-ttl': setsNumber((value, { maximumNegativeTtl }) => {
    const maximumTtl = Math.max(15, value);
    return { maximumTtl, maximumNegativeTtl: Math.min(maximumTtl, maximumNegativeTtl) };
  }),
  'max-negative-ttl': setsNumber((value, { maximumTtl }) => ({ maximumNegativeTtl: Math.min(value, maximumTtl) })),
  'packetcache-servfail-ttl': setsNumber((failureTtl, { packets }) => ({ packets: { ...packets, failureTtl } })),
  'packetcache-ttl': setsNumber((ttl, { packets }) => ({ packets: { ...packets, ttl } })),
  'disable-packetcache': setsFlag((yes, { packets }) => (yes ? { packets: { ...packets, ttl: 0 } } : {})),
  'serve-stale-extensions': setsNumber((extensions) => ({ stale: extended(extensions) })),
  'network-timeout': setsNumber((value) => ({
    waiting: { kind: 'list', waits: Array.from({ length: 16 }, () => value * millisecond), triesEach: 1 },
  })),
  'max-mthreads': setsNumber((questions, { crowd }) => ({ crowd: { ...crowd, questions } })),
  'serve-rfc1918': setsFlag((yes) => ({
    localZones: yes ? powerdnsZones : powerdnsZones.filter(({ zone }) => zone === 'localhost.'),
  })),
  'root-nx-trust': setsFlag((trustsRoot) => ({ trustsRoot })),
  'refresh-on-ttl-perc': setsNumber((share) => ({ prefetch: { share: share / 100, seconds: 0, from: 0 } })),
  'udp-truncation-threshold': setsNumber((largestReply) => ({ largestReply })),
  'edns-outgoing-bufsize': setsNumber((udpSize) => ({ udpSize })),
  'qname-minimization': { takes: ['boolean'], change: (value) => ({ minimises: value === true ? 'A' : false }) },
};

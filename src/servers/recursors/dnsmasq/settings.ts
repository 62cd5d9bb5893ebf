import { type Options, setsBounds, setsFlag, setsNumber } from '../profile.ts';

/** How a dnsmasq is set; TTLs in seconds. */
export interface DnsmasqSettings {
  readonly title: string;
  /** Entries: a record each. */
  readonly cacheSize: number;
  readonly minimumTtl: number;
  readonly maximumTtl: number;
  /** Largest TTL that clients see, whatever the life. */
  readonly maximumShown: number;
  /** Life of a denial without SOA; 0: not kept. */
  readonly ttlWithoutSoa: number;
  readonly keepsDenials: boolean;
  /** Seconds behind the end of the TTL in which the old answer is told, and asked anew behind it; undefined: off. */
  readonly staleFor: number | undefined;
  /** Whom a question goes to: the one that answered last, the first on the list, or everybody. */
  readonly asks: 'last' | 'strict' | 'all';
  /** Questions in flight at most. */
  readonly mostPending: number;
  /** In OPT, and the largest UDP reply out of the cache. */
  readonly largestPacket: number;
}

/** dnsmasq 2.90: defaults of dnsmasq(8). */
export const dnsmasq: DnsmasqSettings = {
  title: 'dnsmasq 2.90',
  cacheSize: 150,
  minimumTtl: 0,
  maximumTtl: Number.POSITIVE_INFINITY,
  maximumShown: Number.POSITIVE_INFINITY,
  ttlWithoutSoa: 0,
  keepsDenials: true,
  staleFor: undefined,
  asks: 'last',
  mostPending: 150,
  largestPacket: 1232,
};

/** dnsmasq(8): `min-cache-ttl` is at most an hour; `use-stale-cache` alone means a day (recording `recursor-dnsmasq-stale`). */
export const dnsmasqOptions: Options<DnsmasqSettings> = {
  'cache-size': setsNumber((cacheSize) => ({ cacheSize })),
  'min-cache-ttl': setsNumber((value) => ({ minimumTtl: Math.min(3600, value) })),
  'max-cache-ttl': setsBounds('maximumTtl'),
  'max-ttl': setsNumber((maximumShown) => ({ maximumShown })),
  'neg-ttl': setsNumber((ttlWithoutSoa) => ({ ttlWithoutSoa })),
  'no-negcache': setsFlag((yes) => ({ keepsDenials: !yes })),
  'use-stale-cache': {
    takes: ['boolean', 'number'],
    change: (value) => ({
      staleFor: typeof value === 'number' ? staleLimit(value) : value === true ? 86_400 : undefined,
    }),
  },
  'strict-order': setsFlag((yes) => ({ asks: yes ? 'strict' : 'last' })),
  'all-servers': setsFlag((yes) => ({ asks: yes ? 'all' : 'last' })),
  'dns-forward-max': setsNumber((mostPending) => ({ mostPending })),
  'edns-packet-max': setsNumber((largestPacket) => ({ largestPacket })),
};

const staleLimit = (value: number): number => (value === 0 ? Number.POSITIVE_INFINITY : value);

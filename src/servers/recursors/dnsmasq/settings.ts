import { type Micros, millisecond, second } from '../../../engine/time.ts';
import { type Options, type OptionValue, setsBounds, setsFlag, setsNumber, setsWords } from '../profile.ts';

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
  /** After this long without reply a question goes out once more, and after twice as long again; infinite: never. */
  readonly retriesAfter: Micros;
  /** For so many seconds of the wall clock. */
  readonly retriesFor: number;
  /** Types that are cut out of replies. */
  readonly filters: readonly string[];
  /** Are names of one label denied? Are reverse names of private addresses? */
  readonly needsDomain: boolean;
  readonly keepsPrivate: boolean;
  /** Are answers with private addresses emptied? Even with those of the host itself? */
  readonly stopsRebinding: boolean;
  readonly localhostOk: boolean;
  /** Zones whose names may have private addresses. */
  readonly rebindOk: readonly string[];
  /** An answer with one of these addresses means that there is no such name; with one of those it is passed over. */
  readonly bogus: readonly string[];
  readonly ignored: readonly string[];
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
  retriesAfter: Number.POSITIVE_INFINITY,
  retriesFor: 10,
  filters: [],
  needsDomain: false,
  keepsPrivate: false,
  stopsRebinding: false,
  localhostOk: false,
  rebindOk: [],
  bogus: [],
  ignored: [],
  largestPacket: 1232,
};

/** dnsmasq(8): `min-cache-ttl` is at most an hour; `use-stale-cache` alone means a day (recording `recursor-m-dnsmasq-stale`). */
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
  'fast-dns-retry': {
    takes: ['boolean', 'number', 'string'],
    change: (value) => ({ retriesAfter: retryDelay(value), retriesFor: retryTime(value) }),
  },
  'filter-A': setsFlag((yes, { filters }) => ({ filters: yes ? [...filters, 'A'] : filters })),
  'filter-AAAA': setsFlag((yes, { filters }) => ({ filters: yes ? [...filters, 'AAAA'] : filters })),
  'domain-needed': setsFlag((needsDomain) => ({ needsDomain })),
  'bogus-priv': setsFlag((keepsPrivate) => ({ keepsPrivate })),
  'stop-dns-rebind': setsFlag((stopsRebinding) => ({ stopsRebinding })),
  'rebind-localhost-ok': setsFlag((localhostOk) => ({ localhostOk })),
  'rebind-domain-ok': setsWords((words) => ({ rebindOk: words.flatMap((word) => word.split('/')).filter(Boolean) })),
  'bogus-nxdomain': setsWords((bogus) => ({ bogus })),
  'ignore-address': setsWords((ignored) => ({ ignored })),
  'dns-forward-max': setsNumber((mostPending) => ({ mostPending })),
  'edns-packet-max': setsNumber((largestPacket) => ({ largestPacket })),
};

/** `fast-dns-retry` alone means a second; less than 50 ms counts as 50. Behind a comma stands how long it goes on, in milliseconds. */
function retryDelay(value: OptionValue): Micros {
  if (typeof value === 'string') return retryDelay(Number.parseInt(value, 10));
  if (typeof value === 'number') return Math.max(50, value) * millisecond;
  return value === true ? second : Number.POSITIVE_INFINITY;
}

function retryTime(value: OptionValue): number {
  const [, time = ''] = typeof value === 'string' ? value.split(',') : [];
  return time === '' ? dnsmasq.retriesFor : Math.floor(Number.parseInt(time, 10) / 1000);
}

const staleLimit = (value: number): number => (value === 0 ? Number.POSITIVE_INFINITY : value);

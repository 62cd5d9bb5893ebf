import { type Options, setsFlag } from '../profile.ts';

/** How a systemd-resolved is set; TTLs in seconds. */
export interface ResolvedSettings {
  readonly title: string;
  readonly cache: 'yes' | 'no-negative' | 'no';
  /** Longest life, not to be set. */
  readonly maximumTtl: number;
  /** Life of SERVFAIL. */
  readonly failureTtl: number;
  /** In OPT, to servers (loopback; elsewhere it follows the MTU) and to clients. */
  readonly udpSize: number;
  readonly clientUdpSize: number;
  /** In OPT of replies that are passed on (ADVERTISE_DATAGRAM_SIZE_MAX of resolved-dns-stub.c). */
  readonly passedUdpSize: number;
  /** Are names of one label asked for? */
  readonly asksSingleLabels: boolean;
}

/** systemd-resolved 252.39; CACHE_TTL_MAX_USEC and CACHE_TTL_STRANGE_RCODE_USEC of resolved-dns-cache.c. */
export const resolved: ResolvedSettings = {
  title: 'systemd-resolved 252.39',
  cache: 'yes',
  maximumTtl: 7200,
  failureTtl: 10,
  udpSize: 1472,
  clientUdpSize: 1232,
  passedUdpSize: 65_494,
  asksSingleLabels: false,
};

/** resolved.conf(5) */
export const resolvedOptions: Options<ResolvedSettings> = {
  Cache: {
    takes: ['boolean', '"no-negative"'],
    change: (value) => ({ cache: value === 'no-negative' ? value : value === false ? 'no' : 'yes' }),
  },
  ResolveUnicastSingleLabel: setsFlag((asksSingleLabels) => ({ asksSingleLabels })),
};

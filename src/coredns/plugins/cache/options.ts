import { type Micros, minute, second } from '../../../engine/time.ts';

/** A bound on TTLs in whole seconds, and who set it. */
export interface Bound {
  readonly seconds: number;
  /** `Corefile:4`; empty for a default. */
  readonly place: string;
}

/** One of the two stores: `success` or `denial`. */
export interface StoreOptions {
  readonly capacity: number;
  readonly max: Bound;
  readonly min: Bound;
  /** Zones under which nothing is kept (`disable`). */
  readonly except: readonly string[];
}

/** What a Corefile's `serve_stale` says, and where it stands. */
export interface StaleOptions {
  /** How long after its end an entry may still be served, in whole seconds. */
  readonly upToSeconds: number;
  readonly mode: 'immediate' | 'verify';
  /** How long a client waits for `verify`; 0: as long as it takes. */
  readonly verifyTimeout: Micros;
  /** TTL of stale answers in seconds. */
  readonly replyTtl: number;
  /** No new attempt for so long after a failed refresh. */
  readonly recheck: Micros;
  readonly preferPositive: boolean;
  readonly place: string;
}

export interface PrefetchOptions {
  readonly amount: number;
  readonly duration: Micros;
  readonly percentage: number;
}

/** The `cache` directive of a block. */
export interface CacheOptions {
  readonly zones: readonly string[];
  readonly success: StoreOptions;
  readonly denial: StoreOptions;
  /** How long SERVFAIL and NOTIMP are kept. */
  readonly servfail: Bound;
  readonly prefetch: PrefetchOptions;
  /** Absent: expired entries are not served. */
  readonly stale: StaleOptions | undefined;
  readonly keepTtl: boolean;
}

const byDefault = (seconds: number): Bound => ({ seconds, place: '' });

/** `plugin/cache` New(). */
export const defaultOptions: CacheOptions = {
  zones: ['.'],
  success: { capacity: 10_000, max: byDefault(3600), min: byDefault(5), except: [] },
  denial: { capacity: 10_000, max: byDefault(1800), min: byDefault(5), except: [] },
  servfail: byDefault(5),
  prefetch: { amount: 0, duration: minute, percentage: 10 },
  stale: undefined,
  keepTtl: false,
};

/** Bare `serve_stale`. */
export const defaultStale: StaleOptions = {
  upToSeconds: 3600,
  mode: 'immediate',
  verifyTimeout: 0,
  replyTtl: 0,
  recheck: 0,
  preferPositive: false,
  place: '',
};

/** RFC 2308 §7.1. */
export const longestServfail: Micros = 300 * second;

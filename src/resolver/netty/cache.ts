import type { Micros } from '../../engine/time.ts';
import { second } from '../../engine/time.ts';

/** What is kept of a name: its addresses, or the words of the failure. */
export interface Kept {
  readonly addresses: readonly string[];
  /** Undefined: it was resolved. */
  readonly failure: string | undefined;
  readonly storedAt: Micros;
  readonly runsOut: Micros;
  /** What says how long it is kept. */
  readonly setting: string;
  /** The smallest among the addresses' records, in seconds; NaN: it was a failure. */
  readonly recordTtl: number;
  /** Trace of the query that brought it. */
  readonly filledBy: number;
}

/** Seconds. */
export interface TtlBounds {
  readonly minTtl: number;
  readonly maxTtl: number;
  /** How long a failure is kept; 0: not at all. */
  readonly negativeTtl: number;
}

/** Netty's DefaultDnsCache: records for their TTL between two bounds. */
export class NettyCache {
  readonly #bounds: TtlBounds;
  readonly #kept = new Map<string, Kept>();

  constructor(bounds: TtlBounds) {
    this.#bounds = bounds;
  }

  /** Of an absolute name. */
  get(name: string, now: Micros): Kept | undefined {
    const kept = this.#kept.get(name.toLowerCase());
    return kept !== undefined && kept.runsOut > now ? kept : undefined;
  }

  /** `addresses` with the smallest TTL among them. Undefined: not kept. */
  add(name: string, addresses: readonly string[], ttl: number, now: Micros, filledBy: number): Kept | undefined {
    const { minTtl, maxTtl } = this.#bounds;
    const seconds = Math.min(Math.max(ttl, minTtl), maxTtl);
    const setting = seconds > ttl ? `minTtl ${minTtl}` : seconds < ttl ? `maxTtl ${maxTtl}` : 'the TTL of the record';
    const before = this.get(name, now)?.addresses ?? [];
    const all = [...new Set([...before, ...addresses])];
    return this.#put(name, { addresses: all, failure: undefined, setting, recordTtl: ttl }, seconds, now, filledBy);
  }

  addFailure(name: string, failure: string, now: Micros, filledBy: number): Kept | undefined {
    const { negativeTtl } = this.#bounds;
    const setting = `negativeTtl ${negativeTtl}`;
    return this.#put(name, { addresses: [], failure, setting, recordTtl: Number.NaN }, negativeTtl, now, filledBy);
  }

  #put(
    name: string,
    what: Pick<Kept, 'addresses' | 'failure' | 'setting' | 'recordTtl'>,
    seconds: number,
    now: Micros,
    filledBy: number,
  ): Kept | undefined {
    if (seconds === 0) return undefined;
    const kept = { ...what, storedAt: now, runsOut: now + seconds * second, filledBy };
    this.#kept.set(name.toLowerCase(), kept);
    return kept;
  }
}

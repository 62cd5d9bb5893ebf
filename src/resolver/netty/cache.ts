import type { Micros } from '../../engine/time.ts';
import { second } from '../../engine/time.ts';

/** What is kept of a name: its addresses, or the words of the failure. */
export interface Kept {
  readonly addresses: readonly string[];
  /** Undefined: it was resolved. */
  readonly failure: string | undefined;
  readonly storedAt: Micros;
  readonly runsOut: Micros;
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
    const seconds = Math.min(Math.max(ttl, this.#bounds.minTtl), this.#bounds.maxTtl);
    const before = this.get(name, now)?.addresses ?? [];
    const all = [...new Set([...before, ...addresses])];
    return this.#put(name, { addresses: all, failure: undefined }, seconds, now, filledBy);
  }

  addFailure(name: string, failure: string, now: Micros, filledBy: number): Kept | undefined {
    return this.#put(name, { addresses: [], failure }, this.#bounds.negativeTtl, now, filledBy);
  }

  #put(
    name: string,
    what: Pick<Kept, 'addresses' | 'failure'>,
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

import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Incoming } from '../../transport/serve.ts';

/** At most so many a second from one client; counted by whole seconds of the wall clock (recording `recursor-rate-limit`). */
export interface RateLimit {
  /** Every query, or only those that the cache does not answer. */
  readonly counts: 'all' | 'uncached';
  readonly perSecond: number;
  /** Of those beyond: this share passes nevertheless (unbound: one in `ip-ratelimit-factor`). */
  readonly passing: number;
  /** Of those beyond: every nth gets an empty reply with TC (BIND's `slip`); 0: none. */
  readonly slip: number;
}

export type Verdict = 'pass' | 'drop' | 'tc';

/** Counts the queries of each client against limits. */
export class RateLimiter {
  readonly #limits: readonly RateLimit[];
  readonly #chance: () => RandomStream;
  readonly #counts = new Map<string, { second: number; seen: number }>();
  #beyond = 0;

  constructor(limits: readonly RateLimit[], chance: () => RandomStream) {
    this.#limits = limits;
    this.#chance = chance;
  }

  judge({ client, protocol }: Incoming, isCached: boolean, now: Micros): Verdict {
    if (protocol === 'tcp') return 'pass';
    for (const limit of this.#limits) {
      if (limit.counts === 'uncached' && isCached) continue;
      if (this.#count(`${limit.counts} ${client.address}`, now) <= limit.perSecond) continue;
      if (limit.passing > 0 && this.#chance().fraction() < limit.passing) continue;
      this.#beyond++;
      return limit.slip > 0 && this.#beyond % limit.slip === 0 ? 'tc' : 'drop';
    }
    return 'pass';
  }

  #count(key: string, now: Micros): number {
    const current = Math.floor(now / second);
    const known = this.#counts.get(key);
    const counted = known?.second === current ? known : { second: current, seen: 0 };
    counted.seen++;
    this.#counts.set(key, counted);
    return counted.seen;
  }
}

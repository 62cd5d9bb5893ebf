import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';

/** Queries a second to the servers of a zone (unbound's `ratelimit`); one in `factor` of those beyond goes out, 0: none. */
export interface ZoneLimit {
  readonly perSecond: number;
  readonly factor: number;
}

/** Counts what is asked of the servers of each zone, by whole seconds. */
export class ZoneRate {
  readonly #limit: ZoneLimit;
  readonly #chance: () => RandomStream;
  readonly #counts = new Map<string, { second: number; sent: number }>();

  constructor(limit: ZoneLimit, chance: () => RandomStream) {
    this.#limit = limit;
    this.#chance = chance;
  }

  /** As `5 queries a second to the servers of example.com`. */
  words(zone: string): string {
    return `${this.#limit.perSecond} queries a second to the servers of ${zone.replace(/(.)\.$/, '$1')}`;
  }

  /** May one more be asked? Then it counts. */
  admit(zone: string, now: Micros): boolean {
    const { perSecond, factor } = this.#limit;
    if (perSecond === 0) return true;
    const count = this.#count(zone, now);
    const isExceeded = count.sent >= perSecond && (factor === 0 || this.#chance().integer(factor) !== 0);
    if (!isExceeded) count.sent++;
    return !isExceeded;
  }

  #count(zone: string, now: Micros): { second: number; sent: number } {
    const current = Math.floor(now / second);
    const known = this.#counts.get(zone);
    const count = known?.second === current ? known : { second: current, sent: 0 };
    this.#counts.set(zone, count);
    return count;
  }
}

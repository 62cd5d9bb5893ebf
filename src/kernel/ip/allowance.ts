import { type Micros, second } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';

/** Tokens at most: net/ipv4/icmp.c XRLIM_BURST_FACTOR. */
const burst = 6;
/** The same for errors about routes: ip_rt_error_burst. */
const routeBurst = 5;
/** One more ICMP error per this span and destination: net.ipv4.icmp_ratelimit, 1000 ms. */
const interval = second;

/** How many ICMP errors a host may still send, per destination. Recording `path-*`: six, then one a second. */
export class IcmpAllowance {
  readonly #buckets = new Map<Address, { tokens: Micros; last: Micros }>();

  /** Takes one; false when none is left. */
  take(destination: Address, now: Micros): boolean {
    return this.#takeUpTo(burst, destination, now);
  }

  /**
   * Takes what an error about a forwarded packet without a route costs: ip_error (net/ipv4/route.c) has a limit of its own
   * that draws on the same tokens, so that one which only passes the first costs a token and tells nobody.
   */
  takeForRoute(destination: Address, now: Micros): boolean {
    return this.#takeUpTo(routeBurst, destination, now) && this.take(destination, now);
  }

  #takeUpTo(most: number, destination: Address, now: Micros): boolean {
    let bucket = this.#buckets.get(destination);
    if (bucket === undefined) {
      bucket = { tokens: most * interval, last: now };
      this.#buckets.set(destination, bucket);
    }
    bucket.tokens = Math.min(most * interval, bucket.tokens + now - bucket.last);
    bucket.last = now;
    if (bucket.tokens < interval) return false;
    bucket.tokens -= interval;
    return true;
  }
}

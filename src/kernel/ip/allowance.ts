import type { Micros } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';

/** Tokens at most: net/ipv4/icmp.c XRLIM_BURST_FACTOR. */
const burst = 6;
/** The same for errors about routes: ip_rt_error_burst. */
const routeBurst = 5;
/**
 * How many ICMP errors a host may still send, per destination. `interval`: one more each time that it has passed
 * (net.ipv4.icmp_ratelimit, net.ipv6.icmp.ratelimit); 0: any number. Recordings `path-*` and r6: six, then one an interval.
 */
export class IcmpAllowance {
  readonly #buckets = new Map<Address, { tokens: Micros; last: Micros }>();

  /** Takes one; false when none is left. */
  take(destination: Address, now: Micros, interval: Micros): boolean {
    return this.#takeUpTo(burst, destination, now, interval);
  }

  /**
   * Takes what an error about a forwarded packet of IPv4 without a route costs: ip_error (net/ipv4/route.c) has a limit of its own
   * that draws on the same tokens, so that one which only passes the first costs a token and tells nobody.
   */
  takeForRoute(destination: Address, now: Micros, interval: Micros): boolean {
    return this.#takeUpTo(routeBurst, destination, now, interval) && this.take(destination, now, interval);
  }

  #takeUpTo(most: number, destination: Address, now: Micros, interval: Micros): boolean {
    if (interval === 0) return true;
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

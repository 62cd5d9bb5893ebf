import { type Micros, second } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';

/** Tokens at most: net/ipv4/icmp.c XRLIM_BURST_FACTOR. */
const burst = 6;
/** One more ICMP error per this span and destination: net.ipv4.icmp_ratelimit, 1000 ms. */
const interval = second;

/** How many ICMP errors a host may still send, per destination. Recording `path-*`: six, then one a second. */
export class IcmpAllowance {
  readonly #buckets = new Map<Address, { tokens: Micros; last: Micros }>();

  /** Takes one; false when none is left. */
  take(destination: Address, now: Micros): boolean {
    let bucket = this.#buckets.get(destination);
    if (bucket === undefined) {
      bucket = { tokens: burst * interval, last: now };
      this.#buckets.set(destination, bucket);
    }
    bucket.tokens = Math.min(burst * interval, bucket.tokens + now - bucket.last);
    bucket.last = now;
    if (bucket.tokens < interval) return false;
    bucket.tokens -= interval;
    return true;
  }
}

import { type Micros, millisecond } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';

/** Tokens at most: net/ipv4/icmp.c XRLIM_BURST_FACTOR. */
const burst = 6;
/** The same for errors about routes: ip_rt_error_burst. */
const routeBurst = 5;
/** net/ipv4/route.c: so many redirects at most (ip_rt_redirect_number), the first two so far apart, each gap twice the last. */
const mostRedirects = 9;
const redirectGap = 20 * millisecond;
/** They begin anew after that (ip_rt_redirect_silence). */
const redirectSilence = redirectGap * 2 ** (mostRedirects + 1);

/** What is kept of a destination (inet_peer). */
interface Bucket {
  tokens: Micros;
  last: Micros;
  redirects: number;
}

/**
 * How many ICMP errors a host may still send, per destination. `interval`: one more each time that it has passed
 * (net.ipv4.icmp_ratelimit, net.ipv6.icmp.ratelimit); 0: any number. Recordings `path-*` and r6: six, then one an interval.
 */
export class IcmpAllowance {
  readonly #buckets = new Map<Address, Bucket>();

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

  /**
   * A packet goes back by the device by which it came: its sender would be told of the shorter way. Such redirects keep
   * their time where the errors keep theirs, so that nothing is saved up in between (ip_rt_send_redirect; recording l7).
   */
  redirect(to: Address, now: Micros): void {
    const bucket = this.#buckets.get(to) ?? { tokens: 0, last: Number.NEGATIVE_INFINITY, redirects: 0 };
    this.#buckets.set(to, bucket);
    if (now > bucket.last + redirectSilence) {
      bucket.tokens = 0;
      bucket.redirects = 0;
    }
    const { last, redirects } = bucket;
    if (redirects > 0 && redirects < mostRedirects && now <= last + redirectGap * 2 ** redirects) return;
    bucket.last = now;
    if (redirects < mostRedirects) bucket.redirects++;
  }

  #takeUpTo(most: number, destination: Address, now: Micros, interval: Micros): boolean {
    if (interval === 0) return true;
    let bucket = this.#buckets.get(destination);
    if (bucket === undefined) {
      bucket = { tokens: most * interval, last: now, redirects: 0 };
      this.#buckets.set(destination, bucket);
    }
    bucket.tokens = Math.min(most * interval, bucket.tokens + now - bucket.last);
    bucket.last = now;
    if (bucket.tokens < interval) return false;
    bucket.tokens -= interval;
    return true;
  }
}

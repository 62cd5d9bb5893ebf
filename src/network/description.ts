import type { Micros } from '../engine/time.ts';

/** How packets fare from one host to another; each direction draws from a stream of its own. */
export interface LinkQuality {
  readonly latency: Micros;
  /** Added uniformly in [0, jitter]. */
  readonly jitter: Micros;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
}

/** A wire or a switch: every interface on it hears the others. */
export interface SegmentDescription {
  readonly name: string;
  readonly quality: LinkQuality;
  /** Other qualities between two hosts of this segment, in both directions. */
  readonly pairs: readonly { readonly between: readonly [string, string]; readonly quality: LinkQuality }[];
}

import type { Distribution } from '../engine/distribution.ts';
import type { Micros } from '../engine/time.ts';

/** How packets fare from one host to another; each direction draws from a stream of its own. */
export interface LinkQuality {
  readonly latency: Micros;
  /** Added to each packet: uniformly in [0, jitter], or as drawn. */
  readonly jitter: Micros | Distribution;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
  /** Losses come in runs of so many packets on average; absent: each packet for itself. */
  readonly lossRun?: number;
  /** What goes over this is dropped, as clouds do by interface: a bucket that holds one second's worth. Absent: no limit. */
  readonly packetsPerSecond?: number;
  /** Absent: no limit. */
  readonly bitsPerSecond?: number;
  /** With `bitsPerSecond`: the longest wait for the link; what would wait longer is dropped. Absent: 100 ms. */
  readonly queue?: Micros;
}

/** A wire or a switch: every interface on it hears the others. */
export interface SegmentDescription {
  readonly name: string;
  readonly quality: LinkQuality;
  /** Other qualities between two hosts of this segment: in both directions, or from the first to the second alone. */
  readonly pairs: readonly {
    readonly between: readonly [string, string];
    readonly oneWay?: boolean;
    readonly quality: LinkQuality;
  }[];
}

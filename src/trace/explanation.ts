import type { TraceId } from '../engine/recorder.ts';
import type { CacheHop, Hop } from './hop.ts';

/** Why a lookup got what it got. */
export interface Explanation {
  /** Short code: `jvm-cache`, `coredns-cache`, `recursor-cache`, `old-source`, or that of a failure's cause. */
  readonly cause: string;
  /** Where it was decided: the lookup itself, or a strand below it. */
  readonly strand: TraceId;
  /** The caches that held a stale answer after it had stopped being true, the nearest first. */
  readonly holders: readonly CacheHop[];
  /** The answer's way back to its source, the nearest hop first; empty for failures. */
  readonly hops: readonly Hop[];
  /** A few words, such as "CoreDNS coredns-1's cache (30 s)". */
  readonly short: string;
  /** Whole sentences with every number. */
  readonly sentence: string;
}

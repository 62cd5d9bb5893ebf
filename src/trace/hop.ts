import { grouped } from '../engine/grouped.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';

interface Answered {
  /** When it answered. */
  readonly t: Micros;
  readonly seq: number;
  /** The strand that it answered. */
  readonly trace: TraceId;
  /** Who answered: a CoreDNS process, a server, the host of a JVM. */
  readonly at: string;
  readonly type: string;
}

/** An answer out of a cache. */
export interface CacheHop extends Answered {
  readonly kind: 'cache';
  readonly layer: 'jvm' | 'coredns' | 'recursor';
  /** In the client's process: `the JVM`, `Netty`, `Envoy`. */
  readonly holder?: string;
  readonly storedAt: Micros;
  readonly runsOut: Micros;
  /** As the cache counts it, in whole seconds of its own clock: it may end a little before or after `runsOut`. */
  readonly lifetime: Micros;
  /** TTL of the record as it came in, in seconds; NaN where the cache does not look at it. */
  readonly recordTtl: number;
  /** What set the lifetime: `record` (its own TTL), a bound that raised or cut that, or something `fixed`. */
  readonly bound: 'record' | 'cut' | 'raised' | 'fixed';
  /** The directive or setting with its place, such as "`cache 30` (Corefile:5)"; empty: a default. */
  readonly setting: string;
  /** The strand for which it was stored; 0: not known. */
  readonly filledBy: TraceId;
  /** Was the entry handed out although it had run out? */
  readonly expired: boolean;
  /** The directive or setting by which it was; empty: not known. */
  readonly expiredBy: string;
}

/** An answer by whoever holds the truth: an authoritative server, or a plugin with records of its own. */
export interface SourceHop extends Answered {
  readonly kind: 'source';
  /** Serial of its zone at that instant; NaN where there is none. */
  readonly serial: number;
}

/** One step of an answer's way back to where it came from. */
export type Hop = CacheHop | SourceHop;

/** Who answered which strand, and the way from there to the source. */
export class Hops {
  readonly #byStrand: ReadonlyMap<TraceId, readonly Placed[]>;

  constructor(hops: Iterable<Hop>, parentOf: (trace: TraceId) => TraceId) {
    this.#byStrand = grouped(placed(hops, parentOf), ({ strand }) => strand);
  }

  /**
   * The ways of one strand's answers, the nearest hop first: a cache, then what had filled it, and so on. `by`: when the answer was there.
   * A cache's hit may set off a query behind it, so the hop nearest to the strand counts, and of several tries the last.
   */
  chain(strand: TraceId, by: Micros, type: string): Hop[] {
    const chain: Hop[] = [];
    let hop = this.#answerOf(strand, by, type);
    while (hop !== undefined && !chain.includes(hop)) {
      chain.push(hop);
      hop = hop.kind === 'cache' && hop.filledBy > 0 ? this.#answerOf(hop.filledBy, hop.storedAt, type) : undefined;
    }
    return chain;
  }

  #answerOf(strand: TraceId, by: Micros, type: string): Hop | undefined {
    let best: Placed | undefined;
    for (const candidate of this.#byStrand.get(strand) ?? []) {
      if (candidate.hop.t > by || (candidate.hop.type !== type && candidate.hop.type !== '')) continue;
      if (best === undefined || candidate.depth < best.depth) best = candidate;
      else if (candidate.depth === best.depth && candidate.hop.seq > best.hop.seq) best = candidate;
    }
    return best?.hop;
  }
}

/** A hop as seen from a strand, so many steps above it. */
interface Placed {
  readonly strand: TraceId;
  readonly hop: Hop;
  readonly depth: number;
}

function* placed(hops: Iterable<Hop>, parentOf: (trace: TraceId) => TraceId): Generator<Placed> {
  for (const hop of hops) {
    let depth = 0;
    for (let strand = hop.trace; strand > 0; strand = parentOf(strand)) yield { strand, hop, depth: depth++ };
  }
}

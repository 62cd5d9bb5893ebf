import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import type { Truth } from './truth.ts';

/** What of a reply out of a cache says whether it was still true. */
export interface CachedDenial {
  readonly t: Micros;
  readonly trace: TraceId;
  readonly name: string;
  readonly rcode: string;
  /** Whole seconds. */
  readonly age: number;
  readonly filledBy: TraceId;
}

/** Since when the name that a reply out of a cache denies has been there; undefined: the cache is not to blame. */
export type OutdatedSince = (reply: CachedDenial) => Micros | undefined;

/** Asks in order of time: what one cache had outdated, the next one fills itself with. */
export function outdatedSince(store: Pick<ColumnStore, 'parentOf'>, truth: Pick<Truth, 'thereSince'>): OutdatedSince {
  const misled = new Set<TraceId>();
  return ({ t, trace, name, rcode, age, filledBy }) => {
    const since = rcode === 'NXDOMAIN' ? truth.thereSince(name, t) : undefined;
    // What was there from the start was never denied before it was there.
    if (since === undefined || since === 0) return undefined;
    // A name that was there before was denied by a server that does not know it: no fault of the cache.
    if (since <= t - (age + 1) * second && !misled.has(filledBy)) return undefined;
    for (let one = trace; one > 0; one = store.parentOf(one)) misled.add(one);
    return since;
  };
}

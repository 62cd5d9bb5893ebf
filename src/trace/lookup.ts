import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';

/** One call of a workload's resolver, from its start to its return. */
export interface Lookup {
  readonly workload: string;
  /** The host that looked up. */
  readonly host: string;
  readonly trace: TraceId;
  /** As the application wrote it. */
  readonly name: string;
  /** The name that was found, after the search list. */
  readonly answeredName: string;
  readonly start: Micros;
  readonly end: Micros;
  /** `OK`, or the error that the caller got, such as `EAI_AGAIN`. */
  readonly result: string;
  readonly addresses: readonly string[];
  /** The error in the program's own words; absent: it went well, or the program has none. */
  readonly printed?: string;
}

/** A lookup held against what the authority served when it started. */
export interface JudgedLookup extends Lookup {
  readonly verdict: 'right' | 'stale' | 'failed';
  /** When the stale address had stopped being true. */
  readonly staleSince: Micros | undefined;
}

/** Since when an address has not been served for a name, as of an instant; undefined: it is served, or nobody knows. */
export type StaleSince = (name: string, address: string, at: Micros) => Micros | undefined;

/** The verdict on each lookup, in the order given. */
export function judge(lookups: readonly Lookup[], staleSince: StaleSince): JudgedLookup[] {
  return lookups.map((lookup) => {
    if (lookup.result !== 'OK') return { ...lookup, verdict: 'failed', staleSince: undefined };
    const since = lookup.addresses
      .map((address) => staleSince(lookup.answeredName, address, lookup.start))
      .filter((instant) => instant !== undefined);
    return since.length === 0
      ? { ...lookup, verdict: 'right', staleSince: undefined }
      : { ...lookup, verdict: 'stale', staleSince: Math.min(...since) };
  });
}

import type { Micros } from '../../engine/time.ts';
import type { TriedName } from '../../trace/conversation.ts';
import type { Explanation } from '../../trace/explanation.ts';
import type { Flow } from '../../trace/flows.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import type { Probe, UpstreamQuery } from '../../trace/upstream-queries.ts';

/** What came out for one workload. */
export interface WorkloadFacts {
  /** In order of time. */
  readonly lookups: readonly JudgedLookup[];
  /** The end of the run. */
  readonly until: Micros;
  /** Entries of its fixed port, in order of birth; none without such a port. */
  readonly flows: readonly Flow[];
  readonly upstreamQueries: (lookup: JudgedLookup) => readonly UpstreamQuery[];
  readonly namesTried: (lookup: JudgedLookup) => readonly TriedName[];
  readonly probes: (lookup: JudgedLookup) => readonly Probe[];
  /** What all CoreDNS processes print, in order of time. */
  readonly log: readonly { readonly t: Micros; readonly at: string; readonly line: string }[];
  readonly why: (lookup: JudgedLookup) => Explanation;
  /** What `conntrack -S` shows on its node in the end, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** One thing that was expected, and whether it came out. */
export interface ExpectationResult {
  readonly workload: string;
  /** What was expected, in words. */
  readonly expected: string;
  readonly met: boolean;
  /** What came out, and where it went wrong. */
  readonly reason: string;
  /** One that shows why it is not met. */
  readonly shownBy?: JudgedLookup;
  /** Why it is known not to hold: then it does not count as failed. */
  readonly knownLimit: string | undefined;
}

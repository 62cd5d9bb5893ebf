import type { Micros } from '../engine/time.ts';
import type { Explanation } from './explanation.ts';
import type { Journey } from './journey.ts';
import type { JudgedLookup } from './lookup.ts';
import type { WorkloadSummary } from './summary.ts';

/** What a run means: every lookup judged, and why it came out so. */
export interface Analysis {
  readonly until: Micros;
  /** In the order in which the scenario names the workloads. */
  readonly workloads: readonly WorkloadAnalysis[];
  /** Why a lookup was stale or failed, or where its right answer came from. */
  readonly why: (lookup: JudgedLookup) => Explanation;
  readonly journey: (lookup: JudgedLookup) => Journey;
}

export interface WorkloadAnalysis {
  readonly summary: WorkloadSummary;
  readonly lookups: readonly JudgedLookup[];
  /** One sentence on the end of the last stale period, and one on that of the last outage. */
  readonly healed: readonly string[];
}

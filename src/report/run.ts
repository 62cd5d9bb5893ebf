import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { EntryFields } from '../kernel/conntrack/entry.ts';
import type { ExpectationResult } from '../scenario/expect/facts.ts';
import type { Assumption, Scenario } from '../scenario/scenario.ts';
import type { Analysis } from '../trace/analysis.ts';

/** A scenario that ran to its end: all that the writers of reports read. */
export interface FinishedRun {
  /** Of dnspath. */
  readonly version: string;
  readonly scenario: Scenario;
  readonly world: World;
  readonly store: ColumnStore;
  readonly analysis: Analysis;
  /** The conntrack tables of the nodes at the end. */
  readonly conntrack: readonly { readonly node: string; readonly entries: readonly EntryFields[] }[];
  readonly expectations: readonly ExpectationResult[];
  /** Defaults that the verdict rests on. */
  readonly assumptions: readonly Assumption[];
  /** What the scenario's files name and the simulator leaves out. */
  readonly notModelled: readonly string[];
}

/** A file of a report, whole. `name` has no folder in it. */
export interface ReportFile {
  readonly name: string;
  readonly content: string;
}

import type { Layer } from '../../trace/account/account.ts';

/** What a page holds: one run, or two beside each other. Every text in it may come from a scenario, and is only ever shown as text. */
export interface PageData {
  /** One, or two that were compared. */
  readonly runs: readonly RunData[];
  readonly comparison?: ComparisonData;
}

/** What changed from the first run to the second. */
export interface ComparisonData {
  readonly verdict: string;
  readonly names: readonly [string, string];
  /** Lookups that were compared: as many in each run. */
  readonly lookups: number;
  /** What the two were told otherwise. */
  readonly changed: readonly { readonly place: string; readonly a: string; readonly b: string }[];
  /** When and where the two parted, and what happened then in each; absent: they never did. */
  readonly parted?: { readonly at: number; readonly where: string; readonly a: string; readonly b: string };
  /** The first lookup that came out otherwise. */
  readonly felt?: { readonly workload: string; readonly start: number };
  /** Workload, measure, its value in each, better or worse. */
  readonly rows: readonly { readonly cells: readonly string[]; readonly tone?: 'better' | 'worse' }[];
  readonly notes: readonly string[];
}

/** One run. Times in microseconds; `packed`: a column of numbers as `packing.ts` writes it; texts by their number in `texts`. */
export interface RunData {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly seed: string;
  /** The command that tells of its lookups, but for `--lookup ID`; absent: none does. */
  readonly explain?: string;
  readonly until: number;
  readonly texts: readonly string[];
  /** What the lookups show, in one sentence. */
  readonly finding: string;
  /** The lookup that tells most, by its workload's and its own number; absent: there are none. */
  readonly telling?: readonly [workload: number, lookup: number];
  /** How many lookups went wrong, and when. */
  readonly outcome: string;
  /** The incident's own clock: a whole date at 0 s, and the microseconds of its day; absent: none is known. */
  readonly clock?: { readonly start: string; readonly ofDay: number };
  readonly events: readonly Moment[];
  readonly lessons: readonly Moment[];
  readonly remedies: readonly string[];
  /** What helps against such a cause anywhere. */
  readonly advice: readonly string[];
  readonly expectations: readonly { readonly state: 'met' | 'NOT MET' | 'known limit'; readonly text: string }[];
  readonly restsOn: readonly { readonly what: string; readonly value: string; readonly source: string }[];
  readonly notModelled: readonly string[];
  readonly outcomes: readonly OutcomeData[];
  readonly workloads: readonly WorkloadData[];
  readonly stories: readonly StoryData[];
  readonly corefiles: readonly CorefileData[];
  readonly caches: CacheTable;
  readonly conntrack: ConntrackTable;
}

export interface Moment {
  readonly at: number;
  readonly text: string;
}

export interface OutcomeData {
  readonly verdict: 'right' | 'stale' | 'failed';
  /** Addresses, or the error. */
  readonly text: string;
}

export interface WorkloadData {
  readonly name: string;
  /** Who that is: `pod app on node-1, glibc 2.36`. */
  readonly who: string;
  readonly figures: {
    readonly lookups: number;
    readonly failed: number;
    readonly stale: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  /** For how long it had an old answer, or none; empty: never. */
  readonly howLong: string;
  /** What happened to it, why, and what ended it; empty: all was well. */
  readonly findings: readonly Finding[];
  readonly lookups: LookupColumns;
}

export interface Finding {
  readonly text: string;
  readonly because: readonly { readonly lead: string; readonly text: string }[];
}

/** A number for each lookup by start, all packed: numbers and starts as steps. */
export interface LookupColumns {
  /** As `timeline.csv` counts, and `dnspath explain --lookup`. */
  readonly number: string;
  readonly start: string;
  readonly latency: string;
  /** In `outcomes`. */
  readonly outcome: string;
  /** Text: the cause of a failure or an old answer, or who answered. */
  readonly cause: string;
  /** Text. */
  readonly name: string;
  /** In `stories`: its own, or that of a lookup like it; -1: none. */
  readonly story: string;
}

/** What became of one lookup. */
export interface StoryData {
  readonly workload: number;
  readonly lookup: number;
  /** Texts. */
  readonly outcome: number;
  readonly conclusion: number;
  /** Steps that there was no room for. */
  readonly leftOut?: { readonly after: number; readonly count: number };
  readonly steps: readonly StepData[];
}

/** Instant after the lookup's start (an earlier strand's: before it), record number, texts of place and sentence. */
export interface StepData {
  readonly t: number;
  readonly s: number;
  readonly at: number;
  readonly text: number;
  readonly layer: Layer;
  readonly depth?: number;
  readonly earlier?: 1;
  readonly aside?: 1;
  readonly tone?: 'good' | 'bad' | 'wait';
  readonly evidence?: readonly EvidenceData[];
}

/** A heading such as `packet`, and what stood there, as texts; a line of a Corefile by its process's file and number too. */
export type EvidenceData = readonly [kind: EvidenceKind, text: number, line?: number, file?: number];
export type EvidenceKind = 'packet' | 'rule' | 'conntrack' | 'ipvs' | 'cache-entry' | 'line';

/** A Corefile that processes ran with, each for a while. */
export interface CorefileData {
  readonly file: string;
  /** `until` is `null`: to the end. */
  readonly readBy: readonly { readonly process: string; readonly from: number; readonly until: number | null }[];
  readonly lines: readonly string[];
  /** By line: what was counted there, how often, and when: every so-manieth instant, packed as steps. */
  readonly acted: readonly {
    readonly line: number;
    readonly what: string;
    readonly total: number;
    readonly every: number;
    readonly times: string;
  }[];
}

/** Entries of all caches, in order of storing; columns packed. */
export interface CacheTable {
  /** Entries that there is no room for here. */
  readonly left: number;
  readonly caches: readonly { readonly name: string; readonly kind: 'jvm' | 'coredns' | 'recursor' }[];
  readonly cache: string;
  /** Texts: name and type, what it holds, why it lasts as long. */
  readonly key: string;
  readonly holds: string;
  readonly why: string;
  readonly stored: string;
  readonly seq: string;
  /** Until it runs out by its TTL; -1: never. */
  readonly lifetime: string;
  /** When it ran out, was replaced or lost; counted from `stored`. -1: never. */
  readonly lasts: string;
  /** Text: what ended it. */
  readonly endedBy: string;
  /** How often it answered, and the instants of all entries' answers one after the other, packed as steps; empty: too many. */
  readonly hits: string;
  readonly hitTimes: string;
}

/** Entries of the nodes' connection tracking, in order of birth; columns packed. */
export interface ConntrackTable {
  readonly left: number;
  readonly nodes: readonly string[];
  readonly node: string;
  /** Texts: protocol, `address:port` four times. */
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly replySource: string;
  readonly replyDestination: string;
  readonly born: string;
  readonly lasts: string;
  /** Which lookup made it, all workloads' counted through from 0; -1: none, -2: the port that one always uses. */
  readonly lookup: string;
  /** 1: born without DNAT. */
  readonly astray: string;
  /** How many steps each has, and those of all one after the other. */
  readonly steps: string;
  readonly stepTimes: string;
  readonly stepSeqs: string;
  /** Time left at each step. */
  readonly stepLeft: string;
  /** 1: seen reply, 2: assured, in sum. */
  readonly stepFlags: string;
  /** How many entries there were in all, counted at equal distances, packed as steps. */
  readonly every: number;
  readonly alive: string;
}

import type { Micros } from '../engine/time.ts';
import type { Problem, Source } from '../problem/problem.ts';
import type { ReplayedCall } from './replay.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/** The operator's own texts that a scenario names, by what they are for. */
export interface Artefacts {
  readonly corefile: Source;
  /** Other files of CoreDNS's directory. */
  readonly corednsFiles: Readonly<Record<string, string>>;
  /** Other files that NodeLocal DNSCache finds, by the name its Corefile uses. */
  readonly nodeLocalFiles: Readonly<Record<string, string>>;
  /** Zone files by server, then origin. */
  readonly zones: Readonly<Record<string, Readonly<Record<string, Source>>>>;
  readonly resolvConfs: Readonly<Record<string, Source>>;
  /** /etc/hosts and nsswitch.conf by pod. */
  readonly hosts: Readonly<Record<string, Source>>;
  readonly nsswitches: Readonly<Record<string, Source>>;
  /** Rules of nodes that bring their own. */
  readonly rules: Readonly<Record<string, NodeRules>>;
  /** Calls that workloads replay, by workload: in order of time, the first at 0. */
  readonly replays: Readonly<Record<string, readonly ReplayedCall[]>>;
  /** Rates out of CSV files, by workload: from each time after the first of them on, so many a second. */
  readonly rates: Readonly<Record<string, readonly { readonly at: Micros; readonly perSecond: number }[]>>;
  /** Latencies that were measured on links, by the link's name, in rising order. */
  readonly latencies: Readonly<Record<string, readonly Micros[]>>;
  /** Corefiles that events bring, by the event's place in the list. */
  readonly editedCorefiles: Readonly<Record<number, Source>>;
  /** Of NodeLocal DNSCache, before its placeholders are filled; undefined: the addon's own. */
  readonly nodeLocalCorefile: Source | undefined;
  /** Those that events bring, by the event's place in the list. */
  readonly editedNodeLocalCorefiles: Readonly<Record<number, Source>>;
  /** Keys of the kube-dns ConfigMap. */
  readonly kubeDnsConfig: Readonly<Record<string, string>>;
}

/** What iptables-save and ip6tables-save printed on a node. */
export interface NodeRules {
  readonly iptables?: Source;
  readonly ip6tables?: Source;
}

/** A scenario that was read and found sound. */
export interface Scenario {
  /** Name of its directory. */
  readonly name: string;
  readonly file: string;
  readonly definition: ScenarioFile;
  /** The same as it was written: durations as texts, no defaults. */
  readonly written: unknown;
  readonly artefacts: Artefacts;
  /** What is odd but not wrong, such as an option that the resolver ignores; some of it is not modelled (`isNotModelled`). */
  readonly remarks: readonly Problem[];
  /** Text of every file that was read, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Is it about what the simulator leaves out, or takes as something else? */
export function isNotModelled({ code }: Problem): boolean {
  return code === 'not-modelled' || code === otherRelease;
}

/** Code of a remark on a release that another stands in for. */
export const otherRelease = 'other-release';

/** A default that the verdict rests on, with where its value comes from. */
export interface Assumption {
  readonly what: string;
  readonly value: string;
  readonly source: string;
}

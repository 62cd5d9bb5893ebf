import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { JudgedLookup } from '../lookup.ts';

/** What became of a lookup, told step by step as a person would tell it. */
export interface Account {
  readonly lookup: JudgedLookup;
  /** Code of the cause, as in `Explanation`. */
  readonly cause: string;
  /** One line: what the caller got, when and after how long. */
  readonly outcome: string;
  /** In order of time. */
  readonly steps: readonly AccountStep[];
  /** Whole sentences: why it came out so, down to the last cause. */
  readonly conclusion: string;
}

/** Whose doing a step is. */
export type Layer =
  | 'application'
  | 'resolver'
  | 'kernel'
  | 'network'
  | 'node-cache'
  | 'coredns'
  | 'recursor'
  | 'authority';

/** One thing that happened on the way. */
export interface AccountStep {
  readonly t: Micros;
  /** Number of the first record that the step was read from: orders steps of one instant. */
  readonly seq: number;
  readonly trace: TraceId;
  /** The host, process or server where it happened, by the world's name. */
  readonly at: string;
  readonly layer: Layer;
  /** How many queries deep: 0 the lookup itself, 1 what its server asked for it, and so on. */
  readonly depth: number;
  /** An earlier strand, told because it had filled a cache that answered here. */
  readonly earlier: boolean;
  /** On the way of a question that did not settle the outcome: another name of the search list, another type, a try in vain. */
  readonly aside: boolean;
  readonly tone: 'plain' | 'good' | 'bad' | 'wait';
  /** A whole sentence. */
  readonly text: string;
  /** What stood there: the packet, the rule, the conntrack entry, the cache entry. */
  readonly evidence: readonly Evidence[];
}

export type Evidence =
  /** A packet as `tcpdump -n` prints it, or as `tcpdump -nq` does where nobody recorded what is in it. */
  | { readonly kind: 'packet'; readonly line: string }
  /** A rule that matched, as iptables-save prints it. `table`: empty where the record does not tell it. */
  | { readonly kind: 'rule'; readonly table: string; readonly line: string }
  /** An entry as `conntrack -L` prints it, and its age in microseconds. */
  | { readonly kind: 'conntrack'; readonly line: string; readonly age: Micros }
  /** A connection as `ipvsadm -Lnc` prints it. */
  | { readonly kind: 'ipvs'; readonly line: string; readonly age: Micros }
  /** A cache entry: age, seconds left, and the directive that set its TTL. */
  | {
      readonly kind: 'cache-entry';
      readonly age: Micros;
      readonly remaining: Micros;
      readonly setting: string;
      readonly clamp: string;
    }
  /** A line of a file of the operator's that acted. */
  | { readonly kind: 'line'; readonly file: string; readonly line: number; readonly text: string };

import type { ReleaseName } from '../coredns/releases.ts';
import type { Position } from '../problem/problem.ts';
import type { CorefileView } from './corefile/view.ts';
import type { ResolvConfView } from './resolv-conf.ts';
import type { ZoneView } from './zone.ts';

/** `error`: what the file asks for cannot work; `warning`: it will hurt somebody; `info`: good to know. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule found at one place. */
export interface Found {
  readonly at: Position;
  readonly message: string;
  /** In place of the rule's own. */
  readonly consequence?: string;
  readonly remedy?: string;
  readonly severity?: Severity;
}

/** A finding as the user gets it. */
export interface Finding extends Position {
  readonly code: string;
  readonly severity: Severity;
  /** What is there, in one line. */
  readonly message: string;
  /** What comes of it. */
  readonly consequence: string;
  readonly remedy: string;
  /** Of an upgrade: found in the new release only, in the old one only, or the line means something else in the new one. */
  readonly change?: 'new' | 'gone' | 'changed';
}

/** A small file that a rule objects to, and the same put right. */
export interface Example {
  readonly wrong: string;
  readonly right: string;
  /** 1.15.0 unless said. */
  readonly release?: ReleaseName;
  /** Of an upgrade: the release before. */
  readonly from?: ReleaseName;
  /** Other files that are given with it, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

interface Described {
  /** Stable kebab-case name. */
  readonly code: string;
  readonly severity: Severity;
  /** Heading of its page. */
  readonly title: string;
  /** What comes of it, true wherever it is found. */
  readonly consequence: string;
  readonly remedy: string;
  /** How we know: a recording, a field report, an RFC, the source. */
  readonly source: string;
  readonly example: Example;
}

/** One thing that can be found in a kind of file. */
export interface Rule<View> extends Described {
  readonly find: (view: View) => readonly Found[];
}

/** How one release treats a line of this file, in words; the same words in two releases: nothing changes. */
export interface Treatment {
  readonly at: Position;
  readonly words: string;
}

/** One thing that an upgrade can change for a Corefile. */
export interface UpgradeRule extends Described {
  readonly treats: (view: CorefileView) => readonly Treatment[];
}

export type CorefileRule = Rule<CorefileView>;
export type ResolvConfRule = Rule<ResolvConfView>;
export type ZoneRule = Rule<ZoneView>;

/** The findings of one rule. */
export function findingsOf<View>(rule: Rule<View>, view: View): Finding[] {
  return rule.find(view).map((found) => findingAt(rule, found));
}

export function findingAt(
  rule: Pick<Described, 'code' | 'severity' | 'consequence' | 'remedy'>,
  found: Found,
): Finding {
  const { file, line, column } = found.at;
  return {
    code: rule.code,
    severity: found.severity ?? rule.severity,
    file,
    line,
    column,
    message: found.message,
    consequence: found.consequence ?? rule.consequence,
    remedy: found.remedy ?? rule.remedy,
  };
}

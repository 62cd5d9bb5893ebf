import type { Problems } from '../../problem/problem.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import type { Path, YamlDocument } from '../document.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** What a check of a scenario is given: the file as far as it could be read, its names, and where mistakes go. */
export interface CheckContext {
  readonly file: ScenarioFile;
  readonly document: YamlDocument;
  readonly names: Names;
  readonly problems: Problems;
  /** What is odd but not wrong. */
  readonly remarks: Problems;
}

/** Names as they stand in the file, also of entries that have mistakes of their own. */
export interface Names {
  readonly nodes: readonly string[];
  readonly servers: readonly string[];
  /** Keys of `pods`: pods that stay, and Deployments. */
  readonly pods: readonly string[];
  readonly deployments: readonly string[];
  /** Pods that are there when the run begins, those of CoreDNS left out. */
  readonly podHosts: readonly string[];
  readonly workloads: readonly string[];
  readonly coredns: readonly string[];
}

/** Adds a problem at the value of a path. */
export function objectTo(context: CheckContext, path: Path, code: string, message: string, hint: string): void {
  context.problems.push({ code, ...context.document.valueAt(path), message, hint });
}

/** The value at `path` must be one of `known`. */
export function mustBeKnown(
  context: CheckContext,
  path: Path,
  name: string,
  known: readonly string[],
  what: string,
): boolean {
  if (known.includes(name)) return true;
  if (context.document.get(path) !== name) return false; // what stands there is itself a mistake, already told
  objectTo(
    context,
    path,
    `unknown-${what.replaceAll(' ', '-')}`,
    `there is no ${what} "${name}"`,
    didYouMean(name, known, `${what}s here`),
  );
  return false;
}

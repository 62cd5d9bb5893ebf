import type { Source } from '../../problem/problem.ts';
import { plainAt } from '../../scenario/document.ts';
import { corednsRelease } from '../../scenario/names.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { changedLines } from './lines.ts';

/** Something that the two scenarios say otherwise. */
export type InputDifference =
  /** A value of the scenario file, as written; empty: not said. */
  | { readonly kind: 'value'; readonly path: string; readonly a: string; readonly b: string }
  /** Lines of an artefact, where they stand; comments and blanks do not count. */
  | { readonly kind: 'lines'; readonly what: string; readonly a: LinesOf; readonly b: LinesOf };

export interface LinesOf {
  readonly file: string;
  /** Of the first of the lines; of the one after which they would stand where there are none. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** What is not part of the world, or is looked at as a text. */
const leftOut: readonly RegExp[] = [
  /^(title|seed|expect|captures|lesson|remedy)\b/,
  /^cluster\.coredns\.(corefile|files|release)\b/,
  /^cluster\.nodeLocalDNS\.corefile$/,
  /^(cluster\.nodes|pods)\.[^.]+\.(resolvConf|hosts)$/,
  /^servers\.[^.]+\.zones\b/,
  /\.editCorefile\.corefile$/,
];

/** What differs in the inputs of two runs: the artefacts first. */
export function differencesOf(a: Scenario, b: Scenario): InputDifference[] {
  return [...releaseDifference(a, b), ...textDifferences(a, b), ...valueDifferences(a.written, b.written)];
}

/** The CoreDNS release, also where it follows from that of Kubernetes. */
function releaseDifference({ definition: one }: Scenario, { definition: other }: Scenario): InputDifference[] {
  const [a, b] = [corednsRelease(one.cluster), corednsRelease(other.cluster)];
  return a === b ? [] : [{ kind: 'value', path: 'cluster.coredns.release', a, b }];
}

function textDifferences(a: Scenario, b: Scenario): InputDifference[] {
  const [left, right] = [textsOf(a), textsOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((what) => {
    const [own, other] = [left.get(what), right.get(what)];
    if (own !== undefined && other !== undefined) return changedLines(what, own, other);
    // One side has no such text: that is told once, not line by line.
    const [from, to] = [own, other].map((text) => (text === undefined ? '' : text.file));
    return [{ kind: 'value' as const, path: what, a: from ?? '', b: to ?? '' }];
  });
}

/** The artefacts of a scenario by what they are for. */
function textsOf({ artefacts }: Scenario): Map<string, Source> {
  const texts = new Map<string, Source>([['Corefile', artefacts.corefile]]);
  if (artefacts.nodeLocalCorefile !== undefined)
    texts.set('Corefile of NodeLocal DNSCache', artefacts.nodeLocalCorefile);
  const add = (what: (key: string) => string, sources: Readonly<Record<string, Source>>) => {
    for (const [key, source] of Object.entries(sources)) texts.set(what(key), source);
  };
  for (const [file, text] of Object.entries(artefacts.corednsFiles)) texts.set(`${file} of CoreDNS`, { file, text });
  for (const [server, zones] of Object.entries(artefacts.zones)) add((zone) => `zone ${zone} of ${server}`, zones);
  add((host) => `resolv.conf of ${host}`, artefacts.resolvConfs);
  add((host) => `hosts of ${host}`, artefacts.hosts);
  add(
    (event) => `Corefile of event ${Number(event) + 1}`,
    Object.fromEntries(Object.entries(artefacts.editedCorefiles)),
  );
  return texts;
}

function valueDifferences(a: unknown, b: unknown): InputDifference[] {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path) && !leftOut.some((pattern) => pattern.test(path)))
    .filter((path) => !isFilled(path, right) && !isFilled(path, left))
    .map((path) => ({ kind: 'value', path, a: left.get(path) ?? '', b: right.get(path) ?? '' }));
}

/** Does something stand below a path? What was an empty map is then told by what it holds now. */
function isFilled(path: string, leaves: ReadonlyMap<string, string>): boolean {
  return [...leaves.keys()].some((leaf) => leaf.startsWith(`${path}.`) || leaf.startsWith(`${path}[`));
}

/** Every value that is no map, or an empty one, by its path. */
function leavesOf(root: unknown): Map<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) {
      leaves.set(path, typeof value === 'string' ? value : JSON.stringify(value));
      return;
    }
    const isList = Array.isArray(value);
    if (path !== '' && Object.keys(value).length === 0) leaves.set(path, isList ? '[]' : '{}');
    for (const key of Object.keys(value)) {
      const step = isList ? `[${Number(key) + 1}]` : path === '' ? key : `.${key}`;
      walk(plainAt(value, [key]), path + step);
    }
  };
  walk(root, '');
  return leaves;
}

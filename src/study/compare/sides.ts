import { readInput } from '../../check/input.ts';
import { kindNames } from '../../check/kind.ts';
import { type Problem, ProblemsFound } from '../../problem/problem.ts';
import type { Change } from '../../scenario/changes/change.ts';
import type { Files } from '../../scenario/files.ts';
import { loadScenario } from '../../scenario/load.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { everydayAround } from '../everyday/everyday.ts';
import { isOfNodeCache, nodeCacheChanges } from '../everyday/node-cache.ts';

/** What is to be compared. */
export interface SidesRequest {
  /** A scenario or a Corefile, bare or in a ConfigMap. */
  readonly a: string;
  /** Absent: A once more. A Corefile beside a scenario takes the place of that one's. */
  readonly b: string | undefined;
  /** What is changed in both, and in B. */
  readonly inBoth: readonly Change[];
  readonly inB: readonly Change[];
  /** The scenario in which a Corefile is run that comes without one. */
  readonly everyday: string;
}

export interface Sides {
  readonly a: Scenario;
  readonly b: Scenario;
  /** The scenario whose cluster the Corefiles were put into, where they came without one. */
  readonly everyday: Scenario | undefined;
  /** How that was fitted to them: a sentence each. */
  readonly fitted: readonly string[];
}

/** Why one side, or both, cannot be run. */
export interface Refusal {
  readonly a: readonly Problem[];
  readonly b: readonly Problem[];
  readonly texts: ReadonlyMap<string, string>;
}

/** Loads both sides of a comparison. */
export function loadSides(asked: SidesRequest, files: Files): Sides | Refusal {
  const placed = (changes: readonly Change[]) => changes.map((change) => inItsPlace(change, files));
  const request = { ...asked, inBoth: placed(asked.inBoth), inB: placed(asked.inB) };
  const [first, second] = [request.a, request.b ?? request.a].map((path) => look(path, files));
  if (first === undefined || second === undefined) throw new Error('two sides were looked at');
  if ('problem' in first || 'problem' in second) {
    const [a, b] = [first, second].map((side) => problemsOf(side, files));
    return {
      a: a?.problems ?? [],
      b: request.b === undefined ? [] : (b?.problems ?? []),
      texts: new Map([...(a?.texts ?? []), ...(b?.texts ?? [])]),
    };
  }
  if (first.kind === 'corefile' && second.kind === 'corefile') return loadCorefiles(first, second, request, files);
  const scenario = first.kind === 'scenario' ? first : second;
  const own = (side: Side) => (side.kind === 'corefile' ? [inItsPlace(corefileChange(side.path), files)] : []);
  return loadBoth(
    { path: scenario.path, changes: [...own(first), ...request.inBoth] },
    {
      path: second.kind === 'scenario' ? second.path : scenario.path,
      changes: [...own(second), ...request.inBoth, ...request.inB],
    },
    files,
  );
}

type Side =
  | { readonly kind: 'scenario'; readonly path: string }
  | { readonly kind: 'corefile'; readonly path: string; readonly text: string };

/** What is wrong with a side as it stands. */
function problemsOf(side: Side | { readonly problem: Problem }, files: Files): ProblemsFound {
  if ('problem' in side) return new ProblemsFound([side.problem]);
  const loaded = side.kind === 'scenario' ? loadOne({ path: side.path, changes: [] }, files) : undefined;
  return loaded instanceof ProblemsFound ? loaded : new ProblemsFound([]);
}

function look(path: string, files: Files): Side | { readonly problem: Problem } {
  const input = readInput(path, files, undefined);
  if (!('kind' in input)) return { problem: input };
  const { kind, source } = input;
  if (kind === 'scenario') return { kind, path };
  if (kind === 'corefile' || kind === 'configmap') return { kind: 'corefile', path, text: source.text };
  const message = `a ${kindNames[kind]} alone cannot be compared`;
  const hint = 'put it into a scenario: dnspath init writes one to start from';
  return { problem: { code: 'wrong-kind', file: path, line: 1, column: 1, message, hint } };
}

type CorefileSide = Extract<Side, { kind: 'corefile' }>;

/** A Corefile of NodeLocal DNSCache takes the place of its own, whoever says that it is the Corefile. */
function inItsPlace(change: Change, files: Files): Change {
  if (change.kind !== 'value' || change.path.join('.') !== 'cluster.coredns.corefile') return change;
  const text = typeof change.value === 'string' ? files.read(change.value) : undefined;
  return isOfNodeCache(text ?? '') ? { ...change, path: ['cluster', 'nodeLocalDNS', 'corefile'] } : change;
}

/** The Corefile of a scenario is that of a file. */
export function corefileChange(path: string): Change {
  return { kind: 'value', file: '--corefile', path: ['cluster', 'coredns', 'corefile'], value: path };
}

/** The CoreDNS release of a scenario is another. */
export function releaseChange(release: string): Change {
  return { kind: 'value', file: '--release', path: ['cluster', 'coredns', 'release'], value: release };
}

function loadCorefiles(
  a: CorefileSide,
  b: CorefileSide,
  { everyday: path, inBoth, inB }: SidesRequest,
  files: Files,
): Sides | Refusal {
  const everyday = loadScenario(path, files);
  const all = [a, b, ...others(inB, files)].map((side) => ({ file: side.path, text: side.text }));
  const ofNodes = all.find(({ text }) => isOfNodeCache(text));
  const { changes, said } = everydayAround(
    all.filter(({ text }) => !isOfNodeCache(text)),
    everyday,
  );
  const own = (side: CorefileSide) => inItsPlace(corefileChange(side.path), files);
  const around = [...changes, ...(ofNodes === undefined ? [] : nodeCacheChanges(ofNodes, ofNodes.file))];
  const loaded = loadBoth(
    { path, changes: [...around, own(a), ...inBoth] },
    { path, changes: [...around, own(b), ...inBoth, ...inB] },
    files,
  );
  return 'texts' in loaded ? loaded : { ...loaded, everyday, fitted: said };
}

/** Corefiles that changes bring. */
function others(changes: readonly Change[], files: Files): { readonly path: string; readonly text: string }[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'value' || change.path.at(-1) !== 'corefile' || typeof change.value !== 'string') return [];
    const text = files.read(change.value);
    return text === undefined ? [] : [{ path: change.value, text }];
  });
}

interface Load {
  readonly path: string;
  readonly changes: readonly Change[];
}

function loadBoth(a: Load, b: Load, files: Files): Sides | Refusal {
  const [one, other] = [loadOne(a, files), loadOne(b, files)];
  if (!(one instanceof ProblemsFound) && !(other instanceof ProblemsFound)) {
    return { a: one, b: other, everyday: undefined, fitted: [] };
  }
  const [left, right] = [one, other].map((side) => (side instanceof ProblemsFound ? side : undefined));
  const texts = new Map([...(left?.texts ?? []), ...(right?.texts ?? [])]);
  return { a: left?.problems ?? [], b: right?.problems ?? [], texts };
}

function loadOne({ path, changes }: Load, files: Files): Scenario | ProblemsFound {
  try {
    return loadScenario(path, files, { changes });
  } catch (error) {
    if (error instanceof ProblemsFound) return error;
    throw error;
  }
}

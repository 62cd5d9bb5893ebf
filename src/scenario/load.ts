import { type Problem, type Problems, ProblemsFound, type Source } from '../problem/problem.ts';
import { ArtefactReader } from './artefacts.ts';
import { withBoundAddresses } from './bound-addresses.ts';
import { type Change, textsOf, withChanges } from './changes/change.ts';
import type { CheckContext, Names } from './checks/check.ts';
import { checkCommands } from './checks/commands.ts';
import { checkDeployments } from './checks/deployments.ts';
import { checkEvents } from './checks/events.ts';
import { checkExpectations } from './checks/expectations.ts';
import { checkFamilies } from './checks/families.ts';
import { checkHosts } from './checks/hosts.ts';
import { checkLife } from './checks/life.ts';
import { checkLinks } from './checks/links.ts';
import { checkNodeLocalDns } from './checks/node-local-dns.ts';
import { checkReferences } from './checks/references.ts';
import { checkRecursors, checkReleases } from './checks/releases.ts';
import { checkServices } from './checks/services.ts';
import { checkTimes } from './checks/times.ts';
import { checkCalls, checkPorts, checkThreads } from './checks/workloads.ts';
import { type Path, plainAt, readYaml, withPlaces, type YamlDocument } from './document.ts';
import { binaryProblem, directoryOf, type Files, joinPath } from './files.ts';
import { loadArtefacts } from './load-artefacts.ts';
import { clientDeploymentNames, corednsNames, deployedPodNames } from './names.ts';
import { PrunedValue } from './prune.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioFile, scenarioSchema } from './schema/scenario.ts';
import { addSchemaProblems } from './schema-problems.ts';

interface Definition {
  readonly file: ScenarioFile;
  /** Where a place of `file` stands in the document, which may hold entries that could not be read. */
  readonly places: (path: Path) => Path;
}

const checks = [
  checkReferences,
  checkServices,
  checkLinks,
  checkTimes,
  checkHosts,
  checkFamilies,
  checkReleases,
  checkNodeLocalDns,
  checkRecursors,
  checkEvents,
  checkExpectations,
  checkCalls,
  checkPorts,
  checkThreads,
  checkLife,
  checkDeployments,
];
const fileNames = ['scenario.yaml', 'scenario.yml'];
const mostRounds = 10; // each takes out what the one before made invalid, such as a map that lost a required key

/**
 * Reads a scenario: a directory that holds a `scenario.yaml`, or the file itself. `changes` are put in the place of what
 * it says. Throws `ProblemsFound` with every mistake in it and in the files it names.
 */
export function loadScenario(
  path: string,
  files: Files,
  { changes = [] }: { readonly changes?: readonly Change[] } = {},
): Scenario {
  const problems: Problems = [];
  const source = findScenario(path, files, problems);
  const written = source === undefined ? undefined : readYaml(source, problems);
  if (source === undefined || written === undefined || isSomethingElse(written, problems))
    throw found(problems, source);
  const document = withChanges(written, changes, problems);
  const texts = new Map([[source.file, source.text] as const, ...textsOf(changes)]);
  const definition = readDefinition(document, problems);
  if (definition === undefined) throw found(problems, source, texts);
  const placed = withPlaces(document, definition.places);
  const file = withBoundAddresses(definition.file, placed, files);
  const remarks: Problems = [];
  const context: CheckContext = { file, document: placed, names: namesIn(document, file), problems, remarks };
  for (const check of checks) check(context);
  const reader = new ArtefactReader(placed, files, problems, texts);
  const artefacts = loadArtefacts(file, reader, remarks, problems);
  if (problems.length === 0) checkCommands(file, artefacts.rules, reader, problems);
  if (problems.length > 0) throw found(problems, source, reader.texts);
  return {
    name: nameOf(source.file, files),
    file: source.file,
    definition: file,
    written: document.value,
    artefacts,
    remarks: each(remarks),
    texts: reader.texts,
  };
}

function findScenario(path: string, files: Files, problems: Problems): Source | undefined {
  const isDirectory = files.isDirectory(path);
  const candidates = isDirectory ? fileNames.map((name) => joinPath(path, name)) : [path];
  for (const file of candidates) {
    const text = files.read(file);
    if (text === undefined) continue;
    const binary = binaryProblem(file, text);
    if (binary === undefined) return { file, text };
    problems.push(binary);
    return undefined;
  }
  problems.push({
    file: path,
    line: 1,
    column: 1,
    ...(isDirectory
      ? {
          code: 'no-scenario',
          message: 'the directory holds no scenario.yaml',
          hint: 'name a directory with a scenario.yaml, or the file itself',
        }
      : {
          code: 'missing-file',
          message: 'there is no such file or directory',
          hint: 'name a directory with a scenario.yaml, or the file itself',
        }),
  });
  return undefined;
}

/** A Corefile, a zone or a manifest in the place of a scenario: what the schema would say of it helps nobody. */
function isSomethingElse({ value, source }: YamlDocument, problems: Problems): boolean {
  const isManifest = ['apiVersion', 'kind'].every((key) => plainAt(value, [key]) !== undefined);
  if (typeof value !== 'string' && !isManifest) return false;
  problems.push({
    code: 'no-scenario',
    file: source.file,
    line: 1,
    column: 1,
    message: 'this is no scenario',
    hint: 'dnspath check reads Corefiles, ConfigMaps, zones and resolv.conf; dnspath init writes a scenario to put them in',
  });
  return true;
}

/** The file as far as the schema can make sense of it; problems are added for the rest. */
function readDefinition(document: YamlDocument, problems: Problems): Definition | undefined {
  const pruned = new PrunedValue(document.value);
  for (let round = 0; round < mostRounds; round++) {
    const result = scenarioSchema.safeParse(pruned.value);
    if (result.success) return { file: result.data, places: (path) => pruned.originalPath(path) };
    if (round === 0) addSchemaProblems(result.error.issues, document, problems);
    pruned.cut(result.error.issues);
  }
  return undefined;
}

function namesIn(document: YamlDocument, file: ScenarioFile): Names {
  const keys = (...path: string[]): string[] => {
    let value = document.value;
    for (const step of path) value = Object.entries(value ?? {}).find(([key]) => key === step)?.[1];
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  };
  const deployments = clientDeploymentNames(file);
  return {
    nodes: keys('cluster', 'nodes'),
    servers: keys('servers'),
    pods: keys('pods'),
    deployments,
    podHosts: [...keys('pods').filter((name) => !deployments.includes(name)), ...deployedPodNames(file)],
    workloads: keys('workloads'),
    coredns: corednsNames(file.cluster),
  };
}

function nameOf(file: string, files: Files): string {
  const stem = (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, '');
  if (stem !== 'scenario') return stem;
  const directory = directoryOf(file);
  const last = directory.split('/').at(-1) ?? '';
  const name = ['.', '..', ''].includes(last) ? files.nameOf?.(directory) : last;
  return name || stem;
}

function found(problems: Problems, source: Source | undefined, texts?: ReadonlyMap<string, string>): ProblemsFound {
  const known = texts ?? new Map(source === undefined ? [] : [[source.file, source.text]]);
  return new ProblemsFound([...problems].sort(byPlace), known);
}

/** A file that several machines read is remarked on once. */
function each(remarks: Problems): Problem[] {
  const known = new Map(remarks.map((remark) => [JSON.stringify(remark), remark]));
  return [...known.values()].sort(byPlace);
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

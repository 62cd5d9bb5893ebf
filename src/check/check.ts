import { type ReleaseName, releaseNames } from '../coredns/releases.ts';
import { absolute } from '../dns/name.ts';
import { type Problem, ProblemsFound, type Source } from '../problem/problem.ts';
import type { Files } from '../scenario/files.ts';
import { loadScenario } from '../scenario/load.ts';
import { corednsRelease } from '../scenario/names.ts';
import { otherRelease, type Scenario } from '../scenario/scenario.ts';
import { toWorld } from '../scenario/translate/world.ts';
import { readManifest } from './configmap.ts';
import { corefileFindings, upgradeFindings } from './corefile/check.ts';
import { namedFiles } from './corefile/files.ts';
import type { Surroundings } from './corefile/view.ts';
import { type Finding, findingAt, findingsOf } from './finding.ts';
import { type Input, readInput } from './input.ts';
import { type RulesView, viewRules } from './iptables.ts';
import type { FileKind } from './kind.ts';
import { viewResolvConf } from './resolv-conf.ts';
import { refusedCorefile } from './rules/scenario.ts';
import { doesNotStart } from './rules/start.ts';
import { iptablesRules, resolvConfRules, scenarioRules, zoneRules } from './rules/table.ts';
import { nodeCacheCorefile, surroundingsOf, withPlaceholders } from './surroundings.ts';
import { originOf, viewZone, type ZoneView } from './zone.ts';

/** What files are checked for. */
export interface CheckOptions {
  /** CoreDNS; the newest that is known unless a scenario names its own. */
  readonly release?: ReleaseName;
  /** The release before, when the question is what an upgrade to `release` changes. */
  readonly from?: ReleaseName;
  /** What the files are, where it cannot be told. */
  readonly kind?: FileKind;
}

/** What was found in one file. */
export interface CheckedFile {
  readonly file: string;
  readonly kind: FileKind;
  /** Of CoreDNS, where the findings depend on it. */
  readonly release?: ReleaseName;
  readonly from?: ReleaseName;
  /** Files that it names, that were not given and that are taken for sound. */
  readonly assumed: readonly string[];
  /** In the order of the file. */
  readonly findings: readonly Finding[];
}

export interface CheckReport {
  readonly files: readonly CheckedFile[];
  /** Files that could not be checked at all. */
  readonly unreadable: readonly Problem[];
  /** Text of every file, by name, for printing the lines in question. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Looks for mistakes and traps in files before anything runs. Never throws for what stands in them. */
export function checkFiles(paths: readonly string[], files: Files, options: CheckOptions = {}): CheckReport {
  const read = [...new Set(paths)].map((path) => readInput(path, files, options.kind));
  const inputs = read.filter((one): one is Input => 'kind' in one);
  const unreadable = read.filter((one): one is Problem => !('kind' in one));
  const checker = new Checker(inputs, files, options);
  const checked: CheckedFile[] = [];
  for (const input of inputs) {
    const result = checker.check(input);
    if (Array.isArray(result)) checked.push(...result);
    else unreadable.push(result);
  }
  return { files: checked, unreadable, texts: checker.texts };
}

const newest: ReleaseName = releaseNames[releaseNames.length - 1] ?? '1.15.0';

class Checker {
  readonly texts = new Map<string, string>();
  readonly #disk: Files;
  readonly #options: CheckOptions;
  /** Given files by the last part of their names. */
  readonly #given = new Map<string, string>();
  /** Keys of given ConfigMaps that hold no Corefile, as files. */
  readonly #custom: Record<string, string> = {};
  readonly #zones: ZoneView[] = [];

  constructor(inputs: readonly Input[], disk: Files, options: CheckOptions) {
    this.#disk = disk;
    this.#options = options;
    for (const { source, kind } of inputs) {
      this.texts.set(source.file, source.text);
      if (kind === 'resolv-conf') this.#given.set('resolv.conf', source.text);
      else this.#given.set(source.file.split('/').at(-1) ?? source.file, source.text);
      if (kind === 'configmap') {
        const manifest = readManifest(source);
        if ('custom' in manifest) Object.assign(this.#custom, manifest.custom);
      }
      if (kind === 'zone') this.#zones.push(viewZone(source, originOf(source)));
    }
  }

  check(input: Input): CheckedFile[] | Problem {
    const { source, kind } = input;
    switch (kind) {
      case 'corefile':
        return [this.#corefile(source, kind, {})];
      case 'configmap':
        return this.#configMap(source);
      case 'resolv-conf':
        return [this.#resolvConf(source)];
      case 'zone':
        return [
          this.#zone(
            this.#zones.find((zone) => zone.source.file === source.file) ?? viewZone(source, originOf(source)),
          ),
        ];
      case 'iptables':
        return [this.#rules(viewRules(source))];
      case 'scenario':
        return this.#scenario(source.file);
    }
  }

  #configMap(source: Source): CheckedFile[] | Problem {
    const manifest = readManifest(source);
    if ('code' in manifest) return manifest;
    if (manifest.corefiles.length === 0) return [{ file: source.file, kind: 'configmap', assumed: [], findings: [] }];
    return manifest.corefiles.map(({ corefile, files }) => this.#corefile(corefile.source, 'configmap', files));
  }

  #corefile(written: Source, kind: FileKind, beside: Readonly<Record<string, string>>): CheckedFile {
    const source = { file: written.file, text: withPlaceholders(written.text) };
    const { assumed, files: named, names } = namedFiles(source, this.#disk, this.#given);
    const files = { ...named, ...this.#custom, ...beside };
    for (const [path, text] of Object.entries(files)) this.texts.set(names.get(path) ?? path, text);
    const surroundings = { files, environment: {}, zones: this.#zones };
    const release = this.#options.release ?? newest;
    const findings = this.#inCorefile(source, release, surroundings);
    return {
      file: source.file,
      kind,
      release,
      ...(this.#options.from === undefined ? {} : { from: this.#options.from }),
      assumed: assumed.filter((path) => beside[path] === undefined),
      findings: findings.map((finding) => ({ ...finding, file: names.get(finding.file) ?? finding.file })),
    };
  }

  #inCorefile(source: Source, release: ReleaseName, surroundings: Surroundings): Finding[] {
    const { from } = this.#options;
    const findings =
      from === undefined
        ? corefileFindings(source, release, surroundings)
        : upgradeFindings(source, from, release, surroundings);
    return this.#placed(findings, source);
  }

  /** In the order of the file; columns of a text that stands indented in a manifest are those of the manifest. */
  #placed(findings: readonly Finding[], source: Source): Finding[] {
    const embedded = source.text.split('\n');
    const whole = this.texts.get(source.file)?.split('\n') ?? [];
    const shifted = findings.map((finding): Finding => {
      const inner = embedded[finding.line - 1] ?? '';
      const outer = whole[finding.line - 1] ?? '';
      const isInside = finding.file === source.file && inner !== '' && outer.endsWith(inner);
      return isInside ? { ...finding, column: finding.column + outer.length - inner.length } : finding;
    });
    return shifted.sort(byPlace);
  }

  #resolvConf(source: Source): CheckedFile {
    const view = viewResolvConf(source);
    const findings = resolvConfRules.flatMap((rule) => findingsOf(rule, view));
    return { file: source.file, kind: 'resolv-conf', assumed: [], findings: this.#placed(findings, source) };
  }

  #zone(view: ZoneView): CheckedFile {
    const findings = zoneRules.flatMap((rule) => findingsOf(rule, view));
    return { file: view.source.file, kind: 'zone', assumed: [], findings: this.#placed(findings, view.source) };
  }

  #rules(view: RulesView): CheckedFile {
    const findings = iptablesRules.flatMap((rule) => findingsOf(rule, view));
    return { file: view.source.file, kind: 'iptables', assumed: [], findings: this.#placed(findings, view.source) };
  }

  #scenario(path: string): CheckedFile[] | Problem {
    let scenario: Scenario;
    try {
      scenario = loadScenario(path, this.#disk);
    } catch (error) {
      if (!(error instanceof ProblemsFound)) throw error;
      const [problem] = error.problems;
      if (
        problem !== undefined &&
        problem.file === path &&
        ['missing-file', 'no-scenario', 'empty-file'].includes(problem.code)
      )
        return problem;
      for (const [file, text] of error.texts) this.texts.set(file, text);
      const findings = [
        ...inScenario(error.problems),
        ...refusedCorefile(error.problems).map((found) => findingAt(doesNotStart, found)),
      ];
      return [{ file: path, kind: 'scenario', assumed: [], findings: findings.sort(byPlace) }];
    }
    for (const [file, text] of scenario.texts) this.texts.set(file, text);
    return this.#partsOf(scenario);
  }

  /** The Corefile of a scenario in its surroundings, its zones, and the resolv.conf files that it gives. */
  #partsOf(scenario: Scenario): CheckedFile[] {
    const { artefacts, definition } = scenario;
    const zones = Object.values(artefacts.zones).flatMap((own) =>
      Object.entries(own).map(([origin, source]) => viewZone(source, absolute(origin))),
    );
    const surroundings = surroundingsOf(scenario, zones);
    const release =
      this.#options.release ?? releaseNames.find((name) => name === corednsRelease(definition.cluster)) ?? newest;
    const { from } = this.#options;
    const remarks = inScenario(scenario.remarks.filter(({ code }) => code === otherRelease));
    const parts: CheckedFile[] = [
      ...(remarks.length === 0
        ? []
        : [{ file: scenario.file, kind: 'scenario' as const, assumed: [], findings: remarks }]),
      {
        file: artefacts.corefile.file,
        kind: 'corefile',
        release,
        ...(from === undefined ? {} : { from }),
        assumed: [],
        findings: this.#inCorefile(artefacts.corefile, release, surroundings),
      },
      ...this.#nodeCache(scenario, surroundings),
      ...zones.map((zone) => this.#zone(zone)),
      ...Object.values(artefacts.resolvConfs).map((source) => this.#resolvConf(source)),
      ...Object.values(artefacts.rules)
        .flatMap(({ iptables, ip6tables }) => [iptables ?? [], ip6tables ?? []].flat())
        .map((source) => this.#rules(viewRules(source, ownedIn(scenario)))),
    ];
    return byFile(parts, scenario.file);
  }

  #nodeCache(scenario: Scenario, { serviceAddress: _, ...surroundings }: Surroundings): CheckedFile[] {
    const own = nodeCacheCorefile(scenario);
    const release = releaseNames.find((name) => name === own?.release);
    if (own === undefined || release === undefined) return [];
    const findings = this.#placed(corefileFindings(own.source, release, surroundings), own.source);
    return [{ file: own.source.file, kind: 'corefile', release, assumed: [], findings }];
  }
}

function inScenario(problems: readonly Problem[]): Finding[] {
  return scenarioRules.flatMap((rule) => findingsOf(rule, problems));
}

/** Addresses of its pods, nodes and servers. */
function ownedIn(scenario: Scenario): ReadonlySet<string> {
  const { hosts } = toWorld(scenario, '');
  const prefixes = hosts.flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses));
  return new Set(prefixes.map((prefix) => prefix.split('/')[0] ?? ''));
}

/** Texts that stand in the scenario itself are one file; one that is used in two places is told once. */
function byFile(parts: readonly CheckedFile[], scenario: string): CheckedFile[] {
  const files = new Map<string, CheckedFile>();
  for (const part of parts) {
    const before = files.get(part.file);
    const isNew = (finding: Finding) =>
      !before?.findings.some((one) => JSON.stringify(one) === JSON.stringify(finding));
    const findings = [...(before?.findings ?? []), ...part.findings.filter(isNew)].sort(byPlace);
    const kind = part.file === scenario ? 'scenario' : part.kind;
    files.set(part.file, { ...part, ...before, kind, findings });
  }
  return [...files.values()];
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

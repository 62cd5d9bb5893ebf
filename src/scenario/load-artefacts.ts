import type { Problems, Source } from '../problem/problem.ts';
import { type ArtefactReader, unpackCorefile } from './artefacts.ts';
import { checkCorefile, checkResolvConf, checkZone } from './checks/texts.ts';
import { type EmbeddedText, type Path, withIndent } from './document.ts';
import type { Artefacts, Remark } from './scenario.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/** Reads and checks every text that a scenario names. */
export function loadArtefacts(
  file: ScenarioFile,
  reader: ArtefactReader,
  remarks: Remark[],
  problems: Problems,
): Artefacts {
  const { coredns } = file.cluster;
  const path: Path = ['cluster', 'coredns'];
  const main = readCorefile([...path, 'corefile'], file, reader, problems);
  const editedCorefiles: Record<number, Source> = {};
  for (const [i, event] of file.events.entries()) {
    if (event.editCorefile === undefined) continue;
    const edited = readCorefile(['events', i, 'editCorefile', 'corefile'], file, reader, problems);
    if (edited !== undefined) editedCorefiles[i] = edited.corefile;
  }
  return {
    corefile: main?.corefile ?? { file: '', text: '' },
    corednsFiles: { ...main?.files, ...readTexts(Object.keys(coredns.files), [...path, 'files'], reader) },
    zones: readZones(file, reader, problems),
    resolvConfs: readResolvConfs(file, reader, remarks, problems),
    hosts: readHosts(file, reader),
    editedCorefiles,
  };
}

function readCorefile(path: Path, file: ScenarioFile, reader: ArtefactReader, problems: Problems) {
  const text = reader.read(path);
  const unpacked = text === undefined ? undefined : unpackCorefile(text, problems);
  if (unpacked === undefined) return undefined;
  checkText(unpacked.corefile, problems, (source, found) => checkCorefile(source, file.cluster.coredns.release, found));
  return { corefile: unpacked.corefile.source, files: unpacked.files };
}

function checkText(text: EmbeddedText, problems: Problems, check: (source: Source, problems: Problems) => void): void {
  withIndent(text, problems, check);
}

function readTexts(names: readonly string[], path: Path, reader: ArtefactReader): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const text = reader.read([...path, name]);
    if (text !== undefined) texts[name] = text.source.text;
  }
  return texts;
}

function readZones(
  file: ScenarioFile,
  reader: ArtefactReader,
  problems: Problems,
): Record<string, Record<string, Source>> {
  const zones: Record<string, Record<string, Source>> = {};
  for (const [server, definition] of Object.entries(file.servers)) {
    if (definition.role !== 'authoritative') continue;
    const own: Record<string, Source> = {};
    for (const origin of Object.keys(definition.zones)) {
      const text = reader.read(['servers', server, 'zones', origin]);
      if (text === undefined) continue;
      checkText(text, problems, (source, found) => checkZone(source, origin, found));
      own[origin] = text.source;
    }
    zones[server] = own;
  }
  return zones;
}

function readResolvConfs(
  file: ScenarioFile,
  reader: ArtefactReader,
  remarks: Remark[],
  problems: Problems,
): Record<string, Source> {
  const sources: Record<string, Source> = {};
  const places: readonly [string, Path, string | undefined][] = [
    ...Object.entries(file.cluster.nodes).map(
      ([name, node]) => [name, ['cluster', 'nodes', name, 'resolvConf'], node.resolvConf] as const,
    ),
    ...Object.entries(file.pods).map(([name, pod]) => [name, ['pods', name, 'resolvConf'], pod.resolvConf] as const),
  ].map(([name, path, value]) => [name, path, value]);
  for (const [name, path, value] of places) {
    const text = value === undefined ? undefined : reader.read(path);
    if (text === undefined) continue;
    checkText(text, problems, (source) => checkResolvConf(source, remarks));
    sources[name] = text.source;
  }
  return sources;
}

function readHosts(file: ScenarioFile, reader: ArtefactReader): Record<string, Source> {
  const sources: Record<string, Source> = {};
  for (const [name, { hosts }] of Object.entries(file.pods)) {
    const text = hosts === undefined ? undefined : reader.read(['pods', name, 'hosts']);
    if (text !== undefined) sources[name] = text.source;
  }
  return sources;
}

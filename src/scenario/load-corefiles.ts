import type { Source } from '../problem/problem.ts';
import {
  type ArtefactReader,
  type CorefileArtefact,
  unpackConfigMap,
  unpackCorefile,
  unpackCustom,
} from './artefacts.ts';
import { checkKubeDnsConfig, checkNodeCacheCorefile } from './checks/node-local-dns.ts';
import { checkCorefile } from './checks/texts.ts';
import type { Path } from './document.ts';
import { nodesWithCache } from './names.ts';
import { checked, type Reading } from './reading.ts';
import type { Artefacts } from './scenario.ts';
import type { ScenarioFile } from './schema/scenario.ts';

type Texts = Readonly<Record<string, string>>;
type ResolvConfs = Artefacts['resolvConfs'];

/** CoreDNS's Corefile, the files beside it, and the Corefiles that events bring. */
export function readCoreDns(
  reading: Reading,
  resolvConfs: ResolvConfs,
): Pick<Artefacts, 'corefile' | 'corednsFiles' | 'editedCorefiles'> {
  const { file, reader, remarks, problems } = reading;
  const { coredns, nodes } = file.cluster;
  const custom = coredns.custom === undefined ? undefined : reader.read(['cluster', 'coredns', 'custom']);
  const files = {
    ...(custom === undefined ? {} : unpackCustom(custom, problems)),
    ...readTexts(Object.keys(coredns.files), ['cluster', 'coredns', 'files'], reader),
  };
  const [node = ''] = Object.keys(nodes);
  const seen = { ...asFile(resolvConfs[node]), ...files };
  const main = readCorefile(['cluster', 'coredns', 'corefile'], seen, reading);
  const editedCorefiles = readEdited(file, 'editCorefile', (path, { editCorefile }) => {
    const mistakes = editCorefile?.broken === true ? remarks : problems;
    return readCorefile(path, seen, { ...reading, problems: mistakes })?.corefile.source;
  });
  return {
    corefile: main?.corefile.source ?? { file: '', text: '' },
    corednsFiles: { ...main?.files, ...files },
    editedCorefiles,
  };
}

/** NodeLocal DNSCache's Corefile, what fills its placeholders, and the Corefiles that events bring. */
export function readNodeCaches(
  reading: Reading,
  resolvConfs: ResolvConfs,
): Pick<Artefacts, 'nodeLocalCorefile' | 'nodeLocalFiles' | 'kubeDnsConfig' | 'editedNodeLocalCorefiles'> {
  const { file, reader } = reading;
  const { nodeLocalDNS } = file.cluster;
  const kubeDnsConfig = readKubeDnsConfigMap(reading);
  const nodeLocalFiles = readTexts(
    Object.keys(nodeLocalDNS?.files ?? {}),
    ['cluster', 'nodeLocalDNS', 'files'],
    reader,
  );
  const ofNodes = nodesWithCache(file.cluster).map((name) => resolvConfs[name]);
  const [resolvConf] = ofNodes.includes(undefined) ? [] : ofNodes;
  const seen = { ...nodeLocalFiles, ...asFile(resolvConf) };
  const read = (path: Path) => readNodeCorefile(path, kubeDnsConfig, seen, reading);
  const isGiven = nodeLocalDNS?.corefile !== undefined;
  return {
    nodeLocalCorefile: isGiven ? read(['cluster', 'nodeLocalDNS', 'corefile']) : undefined,
    nodeLocalFiles,
    kubeDnsConfig,
    editedNodeLocalCorefiles: readEdited(file, 'editNodeLocalDNS', read),
  };
}

/** The texts below `path`, by name. */
function readTexts(names: readonly string[], path: Path, reader: ArtefactReader): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const text = reader.read([...path, name]);
    if (text !== undefined) texts[name] = text.source.text;
  }
  return texts;
}

/** The resolv.conf of a machine as its processes find it. */
function asFile(resolvConf: Source | undefined): Texts {
  return resolvConf === undefined ? {} : { '/etc/resolv.conf': resolvConf.text };
}

/** The Corefiles that events of a kind bring, by the event's place in the list. */
function readEdited(
  { events }: ScenarioFile,
  kind: 'editCorefile' | 'editNodeLocalDNS',
  read: (path: Path, event: ScenarioFile['events'][number]) => Source | undefined,
): Record<number, Source> {
  const edited: Record<number, Source> = {};
  for (const [i, event] of events.entries()) {
    const corefile = event[kind] && read(['events', i, kind, 'corefile'], event);
    if (corefile !== undefined) edited[i] = corefile;
  }
  return edited;
}

function readCorefile(path: Path, files: Texts, reading: Reading): CorefileArtefact | undefined {
  const unpacked = unpackedAt(path, reading);
  if (unpacked === undefined) return undefined;
  const all = { ...unpacked.files, ...files };
  checked(unpacked.corefile, reading, (source, odd, wrong) => {
    checkCorefile(source, reading.file.cluster, all, odd, wrong);
  });
  return unpacked;
}

/** The Corefile of NodeLocal DNSCache, or of the manifest that holds it. */
function readNodeCorefile(path: Path, kubeDns: Texts, files: Texts, reading: Reading): Source | undefined {
  const corefile = unpackedAt(path, reading)?.corefile;
  if (corefile === undefined) return undefined;
  checked(corefile, reading, (source, odd, wrong) => {
    checkNodeCacheCorefile(source, reading.file, kubeDns, files, odd, wrong);
  });
  return corefile.source;
}

function unpackedAt(path: Path, { reader, problems }: Reading): CorefileArtefact | undefined {
  const text = reader.read(path);
  return text && unpackCorefile(text, problems);
}

function readKubeDnsConfigMap({ file, reader, remarks, problems }: Reading): Record<string, string> {
  if (file.cluster.nodeLocalDNS?.kubeDNS === undefined) return {};
  const text = reader.read(['cluster', 'nodeLocalDNS', 'kubeDNS']);
  if (text === undefined) return {};
  const data = unpackConfigMap(text, problems);
  checkKubeDnsConfig(text.source, data, remarks);
  return data;
}

import type { Micros } from '../engine/time.ts';
import type { Problems, Source } from '../problem/problem.ts';
import { type ArtefactReader, unpackConfigMap, unpackCorefile, unpackCustom } from './artefacts.ts';
import { checkKubeDnsConfig, checkNodeCacheCorefile } from './checks/node-local-dns.ts';
import { checkRules } from './checks/rules.ts';
import { checkCorefile, checkRecords, checkResolvConf, checkZone } from './checks/texts.ts';
import { checkTruths } from './checks/two-truths.ts';
import { readDurations } from './csv.ts';
import { type Path, withIndent } from './document.ts';
import { nodesWithCache } from './names.ts';
import { readRates } from './rates.ts';
import { type ReplayedCall, readCalls, readQueryLog } from './replay.ts';
import type { Artefacts, NodeRules } from './scenario.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/** Reads and checks every text that a scenario names. */
export function loadArtefacts(
  file: ScenarioFile,
  reader: ArtefactReader,
  remarks: Problems,
  problems: Problems,
): Artefacts {
  const { coredns } = file.cluster;
  const custom = coredns.custom === undefined ? undefined : reader.read(['cluster', 'coredns', 'custom']);
  const files = {
    ...(custom === undefined ? {} : unpackCustom(custom, problems)),
    ...readTexts(Object.keys(coredns.files), ['cluster', 'coredns', 'files'], reader),
  };
  const resolvConfs = readResolvConfs(file, reader, remarks);
  const [node = ''] = Object.keys(file.cluster.nodes);
  const own = resolvConfs[node];
  const seen = own === undefined ? files : { '/etc/resolv.conf': own.text, ...files };
  const corefileAt = (path: Path, mistakes: Problems = problems) =>
    readCorefile(path, file.cluster, seen, reader, { remarks, problems: mistakes });
  const main = corefileAt(['cluster', 'coredns', 'corefile']);
  const editedCorefiles: Record<number, Source> = {};
  for (const [i, event] of file.events.entries()) {
    const mistakes = event.editCorefile?.broken === true ? remarks : problems;
    const edited = event.editCorefile && corefileAt(['events', i, 'editCorefile', 'corefile'], mistakes);
    if (edited !== undefined) editedCorefiles[i] = edited.corefile;
    if (event.changeRecords !== undefined) checkChange(i, event.changeRecords, reader, problems);
  }
  const zones = readZones(file, reader, problems);
  checkTruths(file, zones, remarks);
  const kubeDnsConfig = readKubeDnsConfigMap(file, reader, { remarks, problems });
  const ofNodes = nodesWithCache(file.cluster).map((name) => resolvConfs[name]);
  const [resolvConf] = ofNodes;
  const nodeLocalFiles = readTexts(
    Object.keys(file.cluster.nodeLocalDNS?.files ?? {}),
    ['cluster', 'nodeLocalDNS', 'files'],
    reader,
  );
  const everywhere = !ofNodes.includes(undefined) && resolvConf !== undefined;
  const onEach = { ...nodeLocalFiles, ...(everywhere && { '/etc/resolv.conf': resolvConf.text }) };
  const nodeCorefileAt = (path: Path) =>
    readNodeCorefile(path, file, kubeDnsConfig, onEach, reader, { remarks, problems });
  const editedNodeLocalCorefiles: Record<number, Source> = {};
  for (const [i, event] of file.events.entries()) {
    const edited = event.editNodeLocalDNS && nodeCorefileAt(['events', i, 'editNodeLocalDNS', 'corefile']);
    if (edited !== undefined) editedNodeLocalCorefiles[i] = edited;
  }
  return {
    nodeLocalCorefile:
      file.cluster.nodeLocalDNS?.corefile === undefined
        ? undefined
        : nodeCorefileAt(['cluster', 'nodeLocalDNS', 'corefile']),
    editedNodeLocalCorefiles,
    nodeLocalFiles,
    kubeDnsConfig,
    corefile: main?.corefile ?? { file: '', text: '' },
    corednsFiles: { ...main?.files, ...files },
    zones,
    resolvConfs,
    hosts: readPodFiles('hosts', file, reader),
    nsswitches: readPodFiles('nsswitch', file, reader),
    rules: readRules(file, reader, remarks, problems),
    latencies: readLatencies(file, reader, problems),
    replays: readReplays(file, reader, remarks, problems),
    rates: readRateFiles(file, reader, problems),
    editedCorefiles,
  };
}

function readCorefile(
  path: Path,
  cluster: ScenarioFile['cluster'],
  files: Readonly<Record<string, string>>,
  reader: ArtefactReader,
  { remarks, problems }: { readonly remarks: Problems; readonly problems: Problems },
): { corefile: Source; files: Readonly<Record<string, string>> } | undefined {
  const text = reader.read(path);
  const unpacked = text === undefined ? undefined : unpackCorefile(text, problems);
  if (unpacked === undefined) return undefined;
  const all = { ...unpacked.files, ...files };
  withIndent(unpacked.corefile, remarks, (source, odd) => {
    withIndent(unpacked.corefile, problems, (_, wrong) => checkCorefile(source, cluster, all, odd, wrong));
  });
  return { corefile: unpacked.corefile.source, files: unpacked.files };
}

interface Findings {
  readonly remarks: Problems;
  readonly problems: Problems;
}

/** The Corefile of NodeLocal DNSCache, or of the manifest that holds it. */
function readNodeCorefile(
  path: Path,
  file: ScenarioFile,
  kubeDns: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  reader: ArtefactReader,
  { remarks, problems }: Findings,
): Source | undefined {
  const text = reader.read(path);
  const unpacked = text === undefined ? undefined : unpackCorefile(text, problems);
  if (unpacked === undefined) return undefined;
  const { corefile } = unpacked;
  withIndent(corefile, remarks, (source, odd) => {
    withIndent(corefile, problems, (_, wrong) => checkNodeCacheCorefile(source, file, kubeDns, files, odd, wrong));
  });
  return corefile.source;
}

function readKubeDnsConfigMap(
  file: ScenarioFile,
  reader: ArtefactReader,
  { remarks, problems }: Findings,
): Record<string, string> {
  if (file.cluster.nodeLocalDNS?.kubeDNS === undefined) return {};
  const text = reader.read(['cluster', 'nodeLocalDNS', 'kubeDNS']);
  if (text === undefined) return {};
  const data = unpackConfigMap(text, problems);
  checkKubeDnsConfig(text.source, data, remarks);
  return data;
}

/** Records that an event brings stand in the scenario itself, as lines of a zone file. */
function checkChange(
  event: number,
  { zone, replace }: { readonly zone: string; readonly replace: string | readonly string[] },
  reader: ArtefactReader,
  problems: Problems,
): void {
  const path: Path = ['events', event, 'changeRecords', 'replace'];
  const lines = typeof replace === 'string' ? [path] : replace.map((_, i) => [...path, i]);
  for (const line of lines) {
    const text = reader.inline(line);
    if (text !== undefined) withIndent(text, problems, (source, found) => checkRecords(source, zone, found));
  }
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
      withIndent(text, problems, (source, found) => checkZone(source, origin, found));
      own[origin] = text.source;
    }
    zones[server] = own;
  }
  return zones;
}

function readResolvConfs(file: ScenarioFile, reader: ArtefactReader, remarks: Problems): Record<string, Source> {
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
    withIndent(text, remarks, (source, found) => checkResolvConf(source, file.pods[name]?.resolver, found));
    sources[name] = text.source;
  }
  return sources;
}

function readPodFiles(key: 'hosts' | 'nsswitch', file: ScenarioFile, reader: ArtefactReader): Record<string, Source> {
  const sources: Record<string, Source> = {};
  for (const [name, pod] of Object.entries(file.pods)) {
    const text = pod[key] === undefined ? undefined : reader.read(['pods', name, key]);
    if (text !== undefined) sources[name] = text.source;
  }
  return sources;
}

function readRules(
  file: ScenarioFile,
  reader: ArtefactReader,
  remarks: Problems,
  problems: Problems,
): Record<string, NodeRules> {
  return Object.fromEntries(
    Object.entries(file.cluster.nodes).map(([name, node]) => {
      const read = (key: 'iptables' | 'ip6tables'): Source | undefined => {
        const text = node[key] === undefined ? undefined : reader.read(['cluster', 'nodes', name, key]);
        if (text === undefined) return undefined;
        withIndent(text, problems, (source, wrong) =>
          withIndent(text, remarks, (_, odd) => checkRules(source, key, name, file, odd, wrong)),
        );
        return text.source;
      };
      const [iptables, ip6tables] = [read('iptables'), read('ip6tables')];
      return [name, { ...(iptables && { iptables }), ...(ip6tables && { ip6tables }) }];
    }),
  );
}

function readLatencies(file: ScenarioFile, reader: ArtefactReader, problems: Problems): Record<string, Micros[]> {
  const measured: Record<string, Micros[]> = {};
  for (const [link, { latencies }] of Object.entries(file.links)) {
    const text = latencies === undefined ? undefined : reader.read(['links', link, 'latencies']);
    if (text !== undefined) measured[link] = withIndent(text, problems, readDurations) ?? [];
  }
  return measured;
}

function readReplays(
  file: ScenarioFile,
  reader: ArtefactReader,
  remarks: Problems,
  problems: Problems,
): Record<string, ReplayedCall[]> {
  const replays: Record<string, ReplayedCall[]> = {};
  for (const [name, { replay }] of Object.entries(file.workloads)) {
    if (replay === undefined) continue;
    const key = replay.csv === undefined ? 'queryLog' : 'csv';
    const text = reader.read(['workloads', name, 'replay', key]);
    if (text === undefined) continue;
    const read = (source: Source, found: Problems) =>
      key === 'csv' ? readCalls(source, found) : readQueryLog(source, replay.client, remarks, found);
    replays[name] = withIndent(text, problems, read) ?? [];
  }
  return replays;
}

function readRateFiles(file: ScenarioFile, reader: ArtefactReader, problems: Problems): Artefacts['rates'] {
  return Object.fromEntries(
    Object.entries(file.workloads).flatMap(([name, { rate }]) => {
      const text = typeof rate === 'string' ? reader.read(['workloads', name, 'rate']) : undefined;
      return text === undefined ? [] : [[name, withIndent(text, problems, readRates) ?? []]];
    }),
  );
}

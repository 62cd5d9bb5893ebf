import type { Micros } from '../engine/time.ts';
import type { Problems, Source } from '../problem/problem.ts';
import type { ArtefactReader } from './artefacts.ts';
import { checkRules } from './checks/rules.ts';
import { checkRecords, checkResolvConf, checkZone } from './checks/texts.ts';
import { checkTruths } from './checks/two-truths.ts';
import { readDurations } from './csv.ts';
import { type Path, withIndent } from './document.ts';
import { readCoreDns, readNodeCaches } from './load-corefiles.ts';
import { readRates } from './rates.ts';
import { checked, type Reading } from './reading.ts';
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
  const reading = { file, reader, remarks, problems };
  const resolvConfs = readResolvConfs(reading);
  const coredns = readCoreDns(reading, resolvConfs);
  const zones = readZones(reading);
  checkTruths(file, zones, remarks);
  checkChanges(reading);
  return {
    ...coredns,
    ...readNodeCaches(reading, resolvConfs),
    zones,
    resolvConfs,
    hosts: readPodFiles('hosts', reading),
    nsswitches: readPodFiles('nsswitch', reading),
    rules: readRules(reading),
    latencies: readLatencies(reading),
    replays: readReplays(reading),
    rates: readRateFiles(reading),
  };
}

/** Records that an event brings stand in the scenario itself, as lines of a zone file. */
function checkChanges({ file, reader, problems }: Reading): void {
  for (const [i, { changeRecords }] of file.events.entries()) {
    if (changeRecords === undefined) continue;
    const { zone, replace } = changeRecords;
    const path: Path = ['events', i, 'changeRecords', 'replace'];
    const lines = typeof replace === 'string' ? [path] : replace.map((_, line) => [...path, line]);
    for (const line of lines) {
      const text = reader.inline(line);
      if (text !== undefined) withIndent(text, problems, (source, found) => checkRecords(source, zone, found));
    }
  }
}

function readZones({ file, reader, problems }: Reading): Record<string, Record<string, Source>> {
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

function readResolvConfs({ file, reader, remarks }: Reading): Record<string, Source> {
  const sources: Record<string, Source> = {};
  const machines = [
    ...Object.entries(file.cluster.nodes).map(([name, { resolvConf }]) => ({
      name,
      at: ['cluster', 'nodes'],
      resolvConf,
    })),
    ...Object.entries(file.pods).map(([name, { resolvConf }]) => ({ name, at: ['pods'], resolvConf })),
  ];
  for (const { name, at, resolvConf } of machines) {
    const text = resolvConf === undefined ? undefined : reader.read([...at, name, 'resolvConf']);
    if (text === undefined) continue;
    withIndent(text, remarks, (source, found) => checkResolvConf(source, file.pods[name]?.resolver, found));
    sources[name] = text.source;
  }
  return sources;
}

function readPodFiles(key: 'hosts' | 'nsswitch', { file, reader }: Reading): Record<string, Source> {
  const sources: Record<string, Source> = {};
  for (const [name, pod] of Object.entries(file.pods)) {
    const text = pod[key] === undefined ? undefined : reader.read(['pods', name, key]);
    if (text !== undefined) sources[name] = text.source;
  }
  return sources;
}

function readRules(reading: Reading): Record<string, NodeRules> {
  const { file, reader } = reading;
  return Object.fromEntries(
    Object.entries(file.cluster.nodes).map(([name, node]) => {
      const read = (key: 'iptables' | 'ip6tables'): Source | undefined => {
        const text = node[key] === undefined ? undefined : reader.read(['cluster', 'nodes', name, key]);
        if (text === undefined) return undefined;
        checked(text, reading, (source, odd, wrong) => checkRules(source, key, name, file, odd, wrong));
        return text.source;
      };
      const [iptables, ip6tables] = [read('iptables'), read('ip6tables')];
      return [name, { ...(iptables && { iptables }), ...(ip6tables && { ip6tables }) }];
    }),
  );
}

function readLatencies({ file, reader, problems }: Reading): Record<string, Micros[]> {
  const measured: Record<string, Micros[]> = {};
  for (const [link, { latencies }] of Object.entries(file.links)) {
    const text = latencies === undefined ? undefined : reader.read(['links', link, 'latencies']);
    if (text !== undefined) measured[link] = withIndent(text, problems, readDurations) ?? [];
  }
  return measured;
}

function readReplays({ file, reader, remarks, problems }: Reading): Record<string, ReplayedCall[]> {
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

function readRateFiles({ file, reader, problems }: Reading): Artefacts['rates'] {
  return Object.fromEntries(
    Object.entries(file.workloads).flatMap(([name, { rate }]) => {
      const text = typeof rate === 'string' ? reader.read(['workloads', name, 'rate']) : undefined;
      return text === undefined ? [] : [[name, withIndent(text, problems, readRates) ?? []]];
    }),
  );
}

import { fillCorefile } from '../../cluster/node-local-dns/corefile.ts';
import { parseFlags } from '../../cluster/node-local-dns/flags.ts';
import { emptyConfig, readKubeDnsConfig } from '../../cluster/node-local-dns/kube-dns-config.ts';
import { nodeCacheOn } from '../../cluster/node-local-dns/name.ts';
import { nodeCacheRelease, nodeCacheReleaseNames } from '../../cluster/node-local-dns/releases.ts';
import { checkCorefile } from '../../coredns/check.ts';
import { lex } from '../../coredns/corefile/lexer.ts';
import { startsLine, type Token } from '../../coredns/corefile/token.ts';
import { findRelease } from '../../coredns/releases.ts';
import { isLoopback, parseAddress } from '../../network/address.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { knownReleases } from '../../problem/suggestion.ts';
import { nodesWithCache } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import {
  appliedCorefile,
  nodeCacheAddresses,
  nodeCacheArguments,
  nodeCacheReleaseName,
  upstreamAddress,
} from '../translate/node-local-dns.ts';
import { type CheckContext, mustBeKnown, objectTo } from './check.ts';

const path = ['cluster', 'nodeLocalDNS'];

/** Flags that other keys stand for, and which. */
const ownKeys: ReadonlyMap<string, string> = new Map([
  ['localip', 'say `addresses`'],
  ['basecorefile', 'say `corefile`'],
  ['conf', 'say `corefile`'],
  ['kubednscm', 'say `kubeDNS`'],
]);

/** NodeLocal DNSCache must be of a release that is modelled, take its arguments, and run on nodes that are there. */
export function checkNodeLocalDns(context: CheckContext): void {
  checkEvents(context);
  const { cluster } = context.file;
  const { nodeLocalDNS } = cluster;
  if (nodeLocalDNS === undefined) return;
  for (const [i, node] of (nodeLocalDNS.nodes ?? []).entries())
    mustBeKnown(context, [...path, 'nodes', i], node, context.names.nodes, 'node');
  if (nodeCacheAddresses(cluster).includes(upstreamAddress(cluster))) {
    const what = 'the kube-dns-upstream Service has an address that node-cache listens on: it would ask itself';
    objectTo(context, [...path, 'upstreamIP'], 'address-taken', what, 'give it an address of its own');
  }
  for (const node of nodeLocalDNS.corefile === undefined ? nodesWithCache(cluster) : []) {
    if (cluster.nodes[node] === undefined || cluster.nodes[node].resolvConf !== undefined) continue;
    const what = `NodeLocal DNSCache on ${node} asks the servers of the node's resolv.conf, which is not given`;
    objectTo(context, ['cluster', 'nodes', node], 'missing-key', what, 'add resolvConf: a path, or a block');
  }
  const name = nodeCacheReleaseName(cluster);
  const release = nodeCacheRelease(name);
  if (release === undefined) {
    const hint = knownReleases(name, nodeCacheReleaseNames);
    objectTo(context, [...path, 'release'], 'unknown-release', `node-cache ${name} is not modelled`, hint);
    return;
  }
  for (const [i, word] of nodeLocalDNS.arguments.entries()) {
    const said = ownKeys.get(/^--?([^=]*)/.exec(word)?.[1] ?? '');
    if (said === undefined) continue;
    objectTo(context, [...path, 'arguments', i], 'conflict', `${word} is not among the arguments here`, said);
  }
  const flags = parseFlags(nodeCacheArguments(cluster, release), release);
  if (!('lines' in flags)) return;
  const why = flags.lines[0] ?? '';
  const hint = `node-cache ${name} ends with exit code ${flags.code}`;
  objectTo(context, [...path, 'arguments'], 'bad-arguments', `node-cache refuses its arguments: ${why}`, hint);
}

/** Events about NodeLocal DNSCache are about a node that runs it. */
function checkEvents(context: CheckContext): void {
  const { file } = context;
  const nodes = nodesWithCache(file.cluster);
  for (const [i, event] of file.events.entries()) {
    for (const kind of ['crashNodeLocalDNS', 'restartNodeLocalDNS'] as const) {
      const node = event[kind]?.node;
      const place = ['events', i, kind, 'node'];
      if (node === undefined || !mustBeKnown(context, place, node, context.names.nodes, 'node')) continue;
      if (!nodes.includes(node))
        objectTo(context, place, 'no-node-cache', `there is no NodeLocal DNSCache on ${node}`, missing(nodes));
    }
    if (event.editNodeLocalDNS !== undefined && nodes.length === 0)
      objectTo(
        context,
        ['events', i, 'editNodeLocalDNS'],
        'no-node-cache',
        'there is no NodeLocal DNSCache',
        missing([]),
      );
  }
}

function missing(nodes: readonly string[]): string {
  return nodes.length === 0 ? 'deploy it: cluster.nodeLocalDNS' : `it runs on ${nodes.join(', ')}`;
}

/** The Corefile that node-cache makes must be one that the CoreDNS inside starts with. */
export function checkNodeCacheCorefile(
  source: Source,
  { cluster }: ScenarioFile,
  kubeDns: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  remarks: Problems,
  problems: Problems,
): void {
  const release = nodeCacheRelease(nodeCacheReleaseName(cluster));
  const coredns = findRelease(release?.coredns ?? '');
  if (release === undefined || coredns === undefined) return;
  const config = readKubeDnsConfig(new Map(Object.entries(kubeDns)));
  const { file, text } = appliedCorefile(source, cluster, release);
  const replacements = {
    localAddresses: nodeCacheAddresses(cluster),
    port: '53',
    clusterDns: upstreamAddress(cluster),
  };
  const filled = fillCorefile(text, 'error' in config ? emptyConfig : config, replacements, release);
  checkBoundAddresses({ file, text }, cluster, problems);
  const context = { release: coredns, builtIn: release.builtIn, files, environment: {} };
  checkCorefile({ file, text: filled.text }, context, remarks, problems);
}

/** What it binds must be there: node-cache adds its own addresses to the node, and ends where it cannot listen. */
function checkBoundAddresses(source: Source, cluster: ScenarioFile['cluster'], problems: Problems): void {
  if (cluster.nodeLocalDNS?.arguments.some((word) => word.includes('setupinterface'))) return;
  const added = nodeCacheAddresses(cluster);
  const there = [...added, ...Object.values(cluster.nodes).map(({ address }) => address)];
  const bound = boundAddresses(lex(source));
  for (const [i, token] of bound.entries()) {
    // Once for an address that all blocks bind.
    if (bound.findIndex(({ text }) => text === token.text) < i) continue;
    const address = parseAddress(token.text);
    if (address === undefined || isLoopback(address) || /^[0.:]+$/.test(token.text) || there.includes(token.text))
      continue;
    const { line, column } = token;
    const message = `nobody adds ${token.text} to the node, so that node-cache ends as soon as it starts: its addresses (-localip) are ${added.join(', ')}`;
    const named = [...new Set(bound.map(({ text }) => text))].join(', ');
    const hint = `say cluster.nodeLocalDNS.addresses: [${named}], as the -localip of its DaemonSet does`;
    problems.push({ code: 'not-its-address', file: source.file, line, column, message, hint });
  }
}

/** The arguments of each `bind`. */
function boundAddresses(tokens: readonly Token[]): Token[] {
  return tokens.filter((token, i) => {
    let first = i;
    while (first > 0 && !startsLine(tokens[first] ?? token, tokens[first - 1])) first--;
    return first < i && tokens[first]?.text === 'bind';
  });
}

/** A ConfigMap that node-cache passes over is remarked on. */
export function checkKubeDnsConfig(source: Source, data: Readonly<Record<string, string>>, remarks: Problems): void {
  const config = readKubeDnsConfig(new Map(Object.entries(data)));
  if (!('error' in config)) return;
  const message = `node-cache passes this ConfigMap over until it is restarted: ${config.error}`;
  remarks.push({ code: 'ignored', file: source.file, line: 1, column: 1, message, hint: '' });
}

/** Names of its processes, for what is named by them. */
export function nodeCacheNames(cluster: ScenarioFile['cluster']): string[] {
  return nodesWithCache(cluster).map(nodeCacheOn);
}

import { kubernetesRelease, kubernetesReleases } from '../../cluster/releases.ts';
import { findPlugin } from '../../coredns/plugins/registry.ts';
import { findRelease, releaseNames } from '../../coredns/releases.ts';
import { didYouMean, knownReleases } from '../../problem/suggestion.ts';
import { recursorOptions, recursorSoftware } from '../../servers/recursors/profiles.ts';
import { type ClientPreset, clientPresets } from '../client-presets.ts';
import { nodesWithCache } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { readResolver, resolverHint } from '../translate/resolver.ts';
import { type CheckContext, objectTo } from './check.ts';
import { checkKubeProxy } from './kube-proxy.ts';
import { checkOtherReleases } from './other-releases.ts';

/** Software must be of a release that is modelled. */
export function checkReleases(context: CheckContext): void {
  const { file } = context;
  const { kubernetes, coredns } = file.cluster;
  if (kubernetesRelease(kubernetes) === undefined) {
    const known = kubernetesReleases.map(({ name }) => name);
    const hint = knownReleases(kubernetes, known);
    objectTo(context, ['cluster', 'kubernetes'], 'unknown-release', `Kubernetes ${kubernetes} is not known`, hint);
  }
  checkKubeProxy(context);
  const { release } = coredns;
  if (release !== undefined && release !== 'latest' && findRelease(release) === undefined) {
    objectTo(
      context,
      ['cluster', 'coredns', 'release'],
      'unknown-release',
      `CoreDNS ${release} is not modelled`,
      knownReleases(release, releaseNames),
    );
  }
  checkOtherReleases(context);
  checkIgnored(context);
  for (const [name, pod] of Object.entries(file.pods)) {
    if (readResolver(pod.resolver) === undefined) {
      objectTo(
        context,
        ['pods', name, 'resolver'],
        'unknown-resolver',
        `"${pod.resolver}" is not a resolver that is modelled`,
        resolverHint(pod.resolver),
      );
    }
    checkLibraries(context, name);
    if (pod.client !== undefined) checkClient(context, name);
    checkDnsPolicy(context, name);
  }
}

/** Where its resolv.conf comes from must be said, and once. */
function checkDnsPolicy(context: CheckContext, name: string): void {
  const { file } = context;
  const pod = file.pods[name];
  if (pod === undefined) return;
  if (pod.resolvConf !== undefined && pod.dnsPolicy !== undefined && pod.dnsPolicy !== 'None') {
    objectTo(
      context,
      ['pods', name, 'dnsPolicy'],
      'conflict',
      `dnsPolicy ${pod.dnsPolicy} and resolvConf both say what resolv.conf is`,
      'leave one of them out',
    );
  }
  const servers = pod.dnsConfig?.nameservers ?? [];
  if (pod.resolvConf === undefined && pod.dnsPolicy === 'None' && servers.length === 0) {
    objectTo(
      context,
      ['pods', name, 'dnsPolicy'],
      'missing-key',
      'dnsPolicy None needs a nameserver',
      'add dnsConfig: { nameservers: […] }, or give the path of a resolvConf',
    );
  }
  for (const node of nodesOf(pod, file.cluster))
    if (pod.dnsPolicy === 'Default' && file.cluster.nodes[node]?.resolvConf === undefined) {
      const message = `dnsPolicy Default needs the resolv.conf of ${node}`;
      const hint = `add resolvConf to cluster.nodes.${node}`;
      objectTo(context, ['pods', name, 'dnsPolicy'], 'missing-key', message, hint);
    }
}

/** Settings of a library are of use to who has it. */
function checkLibraries(context: CheckContext, name: string): void {
  const { resolver, cgo, netty, nodejs, program } = context.file.pods[name] ?? {};
  const [kind = ''] = (resolver ?? '').split(' ');
  const isLibc = kind === 'glibc' || kind === 'musl';
  const object = (key: string, message: string, hint: string): void =>
    objectTo(context, ['pods', name, key], 'conflict', message, hint);
  const libc = readResolver(cgo ?? '')?.kind;
  if (cgo !== undefined && kind !== 'go')
    object('cgo', `${resolver} has no cgo`, 'leave cgo out, or take a resolver go');
  else if (cgo !== undefined && libc !== 'glibc' && libc !== 'musl')
    object('cgo', `"${cgo}" is not a libc`, 'write such as glibc 2.36');
  if (netty !== undefined && kind !== 'netty')
    object('netty', `${resolver} is not Netty`, 'leave netty out, or take a resolver netty');
  for (const [key, given] of Object.entries({ nodejs, program }))
    if (given !== undefined && !isLibc) object(key, `it would call libc, not ${resolver}`, 'take glibc or musl');
}

/** A kind of client says what resolv.conf is, and needs whom it asks. */
function checkClient(context: CheckContext, name: string): void {
  const { pods, cluster } = context.file;
  const pod = pods[name];
  if (pod?.client === undefined) return;
  const { client, resolvConf, dnsPolicy, dnsConfig } = pod;
  const object = (code: string, message: string, hint: string) =>
    objectTo(context, ['pods', name, 'client'], code, message, hint);
  const given = { resolvConf, dnsPolicy, dnsConfig };
  const other = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (other !== undefined) {
    object('conflict', `client ${client} and ${other} both say what resolv.conf is`, 'leave one of them out');
  }
  const { servers }: ClientPreset = clientPresets[client];
  for (const node of nodesOf(pod, cluster)) {
    if (servers === 'node' && cluster.nodes[node]?.resolvConf === undefined)
      object(
        'missing-key',
        `client ${client} needs the resolv.conf of ${node}`,
        `add resolvConf to cluster.nodes.${node}`,
      );
    if (servers === 'node-cache' && !nodesWithCache(cluster).includes(node))
      object('missing-key', `client ${client} needs NodeLocal DNSCache on ${node}`, 'add cluster.nodeLocalDNS');
  }
}

/** The nodes that a pod may be on. */
function nodesOf(
  { node, deployment }: ScenarioFile['pods'][string],
  cluster: ScenarioFile['cluster'],
): readonly string[] {
  return deployment === undefined ? [node] : (deployment.nodes ?? Object.keys(cluster.nodes));
}

/** Only what is not modelled can be left out by the scenario's word. */
function checkIgnored(context: CheckContext): void {
  const known = [...new Set(releaseNames.flatMap((name) => findRelease(name)?.plugins ?? []))];
  for (const [i, plugin] of context.file.cluster.coredns.ignore.entries()) {
    const path = ['cluster', 'coredns', 'ignore', i];
    if (!known.includes(plugin)) {
      const hint = didYouMean(plugin, known, 'plugins');
      objectTo(context, path, 'unknown-plugin', `CoreDNS has no plugin "${plugin}"`, hint);
    } else if (findPlugin(plugin).kind === 'modelled') {
      const hint = 'take it out of the Corefile to see what happens without it';
      objectTo(context, path, 'modelled-plugin', `plugin ${plugin} is modelled and is not left out`, hint);
    }
  }
}

/** A recursor must follow the rules of a program that is modelled, set by words of that program's own. */
export function checkRecursors(context: CheckContext): void {
  for (const [name, server] of Object.entries(context.file.servers)) {
    if (server.role !== 'recursor') continue;
    const { software, options } = server;
    if (!recursorSoftware.includes(software)) {
      objectTo(
        context,
        ['servers', name, 'software'],
        'unknown-software',
        `recursor "${software}" is not modelled`,
        didYouMean(software, recursorSoftware, 'modelled recursors'),
      );
      continue;
    }
    const known = recursorOptions(software);
    for (const [option, value] of Object.entries(options)) {
      const takes = known.get(option);
      if (takes === undefined) {
        context.problems.push({
          code: 'unknown-option',
          ...context.document.keyAt(['servers', name, 'options', option]),
          message: `option ${option} of ${software} is not modelled`,
          hint: didYouMean(option, [...known.keys()], `modelled options of ${software}`),
        });
      } else if (!takes.includes(typeof value) && !takes.includes(JSON.stringify(value))) {
        const remedy = `give ${takes.map((kind) => examples[kind] ?? kind).join(', or ')}`;
        const what = `option ${option} of ${software} takes a ${takes.join(' or a ')}`;
        objectTo(context, ['servers', name, 'options', option], 'wrong-type', what, remedy);
      }
    }
  }
}

/** What an option may be set to, by the kind of its value. */
const examples: Readonly<Record<string, string>> = {
  number: 'a number, such as 30',
  boolean: 'true or false',
  string: 'text in quotation marks',
};

import { nearestWord } from '../../problem/suggestion.ts';
import type { Command, Given } from './command.ts';

const families = ['any', 'ipv4', 'ipv6'] as const;
const behaviours = ['answer', 'dead', 'slow', 'nxdomain', 'servfail', 'refused'] as const;

/** `dnspath lookup`: the queries of one lookup. */
export const lookupCommand: Command = {
  name: 'lookup',
  summary: 'Show the queries that one lookup makes: what does ndots do to me?',
  usage: `NAME

Makes one lookup as a resolver really does, and prints every query in its order:
the names tried and why, the servers, times, and who answered what. What is not
given is that of an everyday cluster, as dnspath init writes it: a pod's
resolv.conf, kubeadm's Corefile. NAME is found: a name of one label, or of the
cluster's domain, is a Service; any other a name of the internet.`,
  options: {
    'resolv-conf': { type: 'text', describe: "The pod's (or host's) resolv.conf [default: of dnsPolicy ClusterFirst]" },
    resolver: { type: 'text', describe: 'glibc, musl, go, c-ares, netty, …, and its release [default: glibc 2.36]' },
    family: { type: 'text', describe: 'any, ipv4 or ipv6 [default: any]' },
    corefile: { type: 'text', describe: "CoreDNS's Corefile or ConfigMap" },
    'node-local': { type: 'text', describe: "NodeLocal DNSCache's Corefile or ConfigMap" },
    release: { type: 'text', describe: 'CoreDNS release, such as 1.11.1' },
    upstream: {
      type: 'list',
      describe: `ADDRESS=${behaviours.join('|')}: what a server outside the cluster does (slow: 3 s)`,
    },
    service: { type: 'list', describe: 'A Service that is there, NAMESPACE/NAME' },
    'pod-namespace': { type: 'text', describe: 'Namespace of the pod [default: default]' },
    seed: { type: 'text', describe: 'Other ports, ids and CoreDNS pods [default: 1]' },
    hops: { type: 'flag', describe: 'Also tell every hop: nodes, rules, caches' },
    json: { type: 'flag', describe: 'Print it as JSON' },
  },
  examples: [
    ['www.example.com', 'what a pod of today sends'],
    ['www.example.com --resolver "musl 1.2.5"', 'the same in Alpine'],
    ['api.example.com --resolv-conf resolv.conf', "with a pod's own resolv.conf"],
    ['db.example.com --corefile Corefile --upstream 10.0.0.2=dead', 'with a server that is gone'],
  ],
  epilogue: 'Exit codes: 0 fine, also where the lookup fails, 2 bad input, 70 a defect.',
  mistakes: (given) => [
    ...nameMistakes(given),
    ...familyMistakes(given),
    ...given.list('upstream').flatMap(upstreamMistakes),
    ...given.list('service').flatMap(serviceMistakes),
  ],
  execute: async ({ words: [name = ''], text, list, flag }, terminal) => {
    const { printLookup } = await import('../print-lookup.ts');
    return printLookup(
      {
        name,
        family: families.find((family) => family === text('family')) ?? 'any',
        resolver: text('resolver') ?? 'glibc 2.36',
        resolvConf: text('resolv-conf'),
        corefile: text('corefile'),
        nodeLocal: text('node-local'),
        release: text('release'),
        namespace: text('pod-namespace') ?? 'default',
        services: list('service'),
        upstreams: list('upstream').flatMap((given) => readUpstream(given) ?? []),
        seed: text('seed') ?? '1',
      },
      { hops: flag('hops'), json: flag('json') },
      terminal,
    );
  },
};

function nameMistakes({ words }: Given): string[] {
  if (words.length === 0) return ['lookup needs a name, such as www.example.com'];
  return words.length === 1 ? [] : [`lookup takes one name, not ${words.length}: ${words.join(' ')}`];
}

function familyMistakes({ text }: Given): string[] {
  const word = text('family');
  if (word === undefined || word === '' || families.some((family) => family === word)) return [];
  return [`--family takes ${families.join(', ')}, not ${word}${meant(word, families)}`];
}

function readUpstream(given: string) {
  const [address = '', word] = given.split('=');
  const behaviour = behaviours.find((known) => known === word);
  return behaviour === undefined ? undefined : { address, behaviour };
}

function upstreamMistakes(given: string): string[] {
  if (given === '') return [];
  const [address, word] = given.split('=');
  if (word === undefined) return [`--upstream ${given} does not say what it does: write ${address}=dead`];
  if (!isAddress(address ?? '')) return [`--upstream ${given}: ${address || 'nothing'} is not an IPv4 address`];
  if (readUpstream(given) !== undefined) return [];
  return [`--upstream ${given}: ${word || 'nothing'} is none of ${behaviours.join(', ')}${meant(word, behaviours)}`];
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);
}

function serviceMistakes(given: string): string[] {
  if (given === '' || /^[a-z0-9-]+\/[a-z0-9-]+$/.test(given)) return [];
  return [`--service ${given}: write NAMESPACE/NAME, such as default/${given.replace(/[^a-z0-9-].*/, '') || 'shop'}`];
}

function meant(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

import { behaviourOf, type Histories, type History, inRelease, since } from '../../coredns/history.ts';

/**
 * The CoreDNS inside node-cache (k8s-dns-node-cache), from the release on in which it came.
 * Source: go.mod of each tag of kubernetes/dns; 1.15.x its vendor directory.
 */
const corednsInside: History<string> = [
  ['1.15.10', '1.6.7'],
  ['1.16.0', '1.7.0'],
  ['1.20.0', '1.8.3'],
  ['1.21.0', '1.7.0'],
  ['1.22.14', '1.10.0'],
  ['1.24.0', '1.11.3'],
  ['1.26.5', '1.12.2'],
  ['1.26.6', '1.13.1'],
];

/** Plugins that cmd/node-cache/main.go of a tag brings in, beside those of the releases before it. */
const brings: readonly (readonly [since: string, plugins: string])[] = [
  ['1.15.10', 'bind cache debug errors forward health loadbalance log loop prometheus pprof reload whoami'],
  ['1.15.13', 'template'],
  ['1.17.0', 'hosts rewrite trace'],
  ['1.21.3', 'dns64'],
  ['1.22.7', 'bufsize'],
];

/** cmd/node-cache at each tag. */
const behaviours = {
  /** Knows __PILLAR__DNS__SERVER__, and notices when the node-local-dns ConfigMap changes. */
  watchesBaseCorefile: since('1.15.13'),
  knowsSetupInterface: since('1.15.16'),
  /** -kubednscm is empty unless said: /etc/kube-dns is then read only where it is there. */
  looksForKubeDns: since('1.17.0'),
  /** With -pidfile the rules are written as soon as CoreDNS runs, not at the first tick. */
  waitsForPidfile: since('1.17.4'),
  /** Servers of the kube-dns ConfigMap are looked at as `forward` would. */
  validatesServers: since('1.22.10'),
  /** Its rules carry comments. */
  commentsRules: since('1.22.19'),
  knowsReloadWithSignal: since('1.26.5'),
  /** The addon's manifest passes -pidfile: not with 1.22.28, with 1.26.4 (cluster/addons/dns/nodelocaldns). */
  stockPidfile: since('1.23.0'),
} satisfies Histories<Record<string, boolean>>;

/** What a release of node-cache is and does. */
export type NodeCacheRelease = { readonly [K in keyof typeof behaviours]: boolean } & {
  readonly name: string;
  /** Release of the CoreDNS inside. */
  readonly coredns: string;
  /** Directives that its Corefile may use. */
  readonly builtIn: readonly string[];
};

/** Tags of kubernetes/dns with node-cache: of each minor release the first and the last patch. */
const patches: Readonly<Record<string, readonly [first: number, last: number]>> = {
  '1.15': [10, 16],
  '1.16': [0, 0],
  '1.17': [0, 4],
  '1.18': [0, 1],
  '1.19': [0, 1],
  '1.20': [0, 0],
  '1.21': [0, 4],
  '1.22': [0, 28],
  '1.23': [0, 1],
  '1.24': [0, 1],
  '1.25': [0, 0],
  '1.26': [0, 7],
};

/** Every release that is modelled, oldest first. */
export const nodeCacheReleaseNames: readonly string[] = Object.entries(patches).flatMap(([minor, [first, last]]) =>
  Array.from({ length: last - first + 1 }, (_, i) => `${minor}.${first + i}`),
);

/** The release of that name, if it is one that we know. */
export function nodeCacheRelease(name: string): NodeCacheRelease | undefined {
  if (!nodeCacheReleaseNames.includes(name)) return undefined;
  return {
    name,
    coredns: inRelease(corednsInside, name),
    builtIn: brings.flatMap(([from, plugins]) => (inRelease(since(from), name) ? plugins.split(' ') : [])),
    ...behaviourOf(behaviours, name),
  };
}

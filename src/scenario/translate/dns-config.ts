import { kubernetesReleases } from '../../cluster/releases.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type DnsConfig = NonNullable<ScenarioFile['pods'][string]['dnsConfig']>;

/** The three kinds of line that the kubelet writes. */
export interface PodDns {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** `ndots:5`, `use-vc` */
  readonly options: readonly string[];
}

/** MaxDNSNameservers of pkg/apis/core/validation. */
const mostNameservers = 3;

/** A search domain beyond this is left out (maxSearchDomainLen). */
const longestDomain = 253;

/** What of pkg/kubelet/network/dns changed with a release; ExpandedDNSConfig is on by default from 1.26 on. */
interface KubeletRelease {
  readonly since: string;
  /** How long a search list may be. */
  readonly domains: number;
  readonly characters: number;
  /** Of the node's search list: are final dots stripped, and what becomes of a lone dot? */
  readonly stripsDots: boolean;
  readonly keepsRoot: boolean;
  /** Of the node's options lines: do all count, or the last? (#112414) */
  readonly mergesOptions: boolean;
}
const kubelet1_18: KubeletRelease = {
  since: '1.18',
  domains: 6,
  characters: 256,
  stripsDots: false,
  keepsRoot: false,
  mergesOptions: false,
};
const kubelet1_22 = { ...kubelet1_18, since: '1.22', stripsDots: true };
// `search .` came through in this release alone (#109441, #112157).
const kubelet1_25 = { ...kubelet1_22, since: '1.25', keepsRoot: true };
const kubelet1_26 = { ...kubelet1_22, since: '1.26', domains: 32, characters: 2048, mergesOptions: true };
const kubelets: readonly KubeletRelease[] = [kubelet1_18, kubelet1_22, kubelet1_25, kubelet1_26];

/** What stands in a file, as the kubelet of a release reads the node's: the last `search` line counts. */
export function readPodDns(text: string, kubernetes: string): PodDns {
  const { stripsDots, keepsRoot, mergesOptions } = kubeletOf(kubernetes);
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const wordsOf = (word: string) => lines.filter(([keyword]) => keyword === word).map((line) => line.slice(1));
  const searches = (wordsOf('search').at(-1) ?? []).filter((domain) => domain !== '.' || keepsRoot);
  const options = wordsOf('options');
  return {
    nameservers: wordsOf('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    searches: stripsDots ? searches.map((domain) => domain.replace(/(.)\.$/, '$1')) : searches,
    options: mergesOptions ? merged(options.flat()) : (options.at(-1) ?? []),
  };
}

/** Of two options with one name the later one counts. */
function merged(options: readonly string[]): string[] {
  const byName = new Map(options.map((option) => [option.split(':')[0] ?? '', option]));
  return [...byName.values()];
}

/** dnsConfig on top of what the policy made: servers and domains come after, an option replaces its namesake (appendDNSConfig of kubelet network/dns). */
export function withDnsConfig(base: PodDns, { nameservers, searches, options }: DnsConfig): PodDns {
  const given = options.map(({ name, value }) => (value === undefined ? name : `${name}:${value}`));
  const names = new Set(options.map(({ name }) => name));
  const kept = base.options.filter((option) => !names.has(option.split(':')[0] ?? ''));
  return {
    nameservers: [...new Set([...base.nameservers, ...nameservers])],
    searches: [...new Set([...base.searches, ...searches])],
    options: [...kept, ...given],
  };
}

/** The file; what is beyond the kubelet's limits is left out. */
export function formatPodDns({ nameservers, searches, options }: PodDns, kubernetes: string): string {
  const { domains, characters } = kubeletOf(kubernetes);
  const fitting = searches.slice(0, domains).filter(({ length }) => length <= longestDomain);
  while (fitting.join(' ').length > characters) fitting.pop();
  return [
    ...(fitting.length === 0 ? [] : [`search ${fitting.join(' ')}`]),
    ...nameservers.slice(0, mostNameservers).map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

function kubeletOf(kubernetes: string): KubeletRelease {
  const at = (release: string): number => kubernetesReleases.findIndex(({ name }) => name === release);
  return kubelets.findLast(({ since }) => at(since) <= at(kubernetes)) ?? kubelet1_18;
}

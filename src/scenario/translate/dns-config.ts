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

/** How long a search list may be: ExpandedDNSConfig is on by default from 1.26 on. */
const searchLimits = [
  { since: '1.18', domains: 6, characters: 256 },
  { since: '1.26', domains: 32, characters: 2048 },
] as const;

/** What stands in a file, as the kubelet reads the node's: the last `search` and the last `options` line count. */
export function readPodDns(text: string): PodDns {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const last = (word: string) => lines.findLast(([keyword]) => keyword === word)?.slice(1) ?? [];
  return {
    nameservers: lines.flatMap(([keyword, address]) =>
      keyword === 'nameserver' && address !== undefined ? [address] : [],
    ),
    searches: last('search'),
    options: last('options'),
  };
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
  const { domains, characters } = limitOf(kubernetes);
  const fitting = searches.slice(0, domains);
  while (fitting.join(' ').length > characters) fitting.pop();
  return [
    ...(fitting.length === 0 ? [] : [`search ${fitting.join(' ')}`]),
    ...nameservers.slice(0, mostNameservers).map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

function limitOf(kubernetes: string) {
  const at = (release: string): number => kubernetesReleases.findIndex(({ name }) => name === release);
  return searchLimits.findLast(({ since }) => at(since) <= at(kubernetes)) ?? searchLimits[0];
}

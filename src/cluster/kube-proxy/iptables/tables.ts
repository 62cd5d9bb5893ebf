import { isProxied } from '../endpoint-choice.ts';
import type { Services } from '../proxier.ts';
import { firewallRules, topChains } from './layout.ts';
import { type PortRules, portRules, type RuleSettings } from './service-rules.ts';

/** What one sync gives iptables-restore: a text a table, and the chains of Services that are in use. */
export interface KubeProxyTables {
  readonly filter: string;
  readonly nat: string;
  readonly chains: ReadonlySet<string>;
  /** More than 1000 end points: no comments, and chains out of use are deleted less often. */
  readonly isLarge: boolean;
}

const largeClusterEndpoints = 1000;

/**
 * Both tables of the mode iptables. The chains that stand for all Services are written anew each time; a Service's own
 * chains only if `isWritten` says so, which otherwise stay as they are. Chains of `inUse` that are no longer needed go.
 */
export function kubeProxyTables(
  services: Services,
  settings: Omit<RuleSettings, 'isLarge'>,
  isWritten: (service: Services[number]) => boolean,
  inUse: Iterable<string>,
): KubeProxyTables {
  const proxied = services.filter(isProxied);
  const endpoints = proxied.reduce((sum, service) => sum + service.ports.length * service.endpoints.length, 0);
  const isLarge = endpoints > largeClusterEndpoints;
  const ports = proxied.flatMap((service) =>
    service.ports.map((port) => ({
      ...portRules(service, port, { ...settings, isLarge }),
      isWritten: isWritten(service),
    })),
  );
  const chains = new Set(ports.flatMap((port) => port.chains.map(({ name }) => name)));
  const gone = [...inUse].filter((chain) => !chains.has(chain));
  return { filter: filterTable(ports, settings), nat: natTable(ports, gone, settings), chains, isLarge };
}

function filterTable(
  ports: readonly PortRules[],
  { release, family }: Pick<RuleSettings, 'release' | 'family'>,
): string {
  return [
    '*filter',
    ...topChains('filter', release).map(declare),
    ...firewallRules(release, family),
    ...ports.flatMap(({ filter }) => filter),
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'COMMIT',
    '',
  ].join('\n');
}

function natTable(
  ports: readonly (PortRules & { readonly isWritten: boolean })[],
  gone: readonly string[],
  { release }: Pick<RuleSettings, 'release'>,
): string {
  const own = ports.flatMap(({ chains, isWritten }) => (isWritten ? chains : []));
  return [
    '*nat',
    ...topChains('nat', release).map(declare),
    ...own.map(({ name }) => declare(name)),
    ...gone.map(declare),
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ...ports.flatMap(({ nat }) => nat),
    ...own.flatMap(({ rules }) => rules),
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n');
}

function declare(chain: string): string {
  return `:${chain} - [0:0]`;
}

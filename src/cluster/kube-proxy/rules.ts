import { readyAddresses } from '../endpoint.ts';
import { headless, type ServiceDescription } from '../world.ts';
import { endpointChain, serviceChain } from './chain-name.ts';
import type { ProxiedService } from './proxier.ts';

type Port = ServiceDescription['ports'][number];

/**
 * What kube-proxy writes in iptables mode for ClusterIP Services, one text a table, in iptables-save's spelling.
 * The tables are committed one after the other: filter first. Chains for node ports, external addresses and
 * load balancers, which hold no rule here, are left out.
 */
export function kubeProxyTables(services: readonly ProxiedService[], podCidr: string): { filter: string; nat: string } {
  const proxied = services.filter(({ address }) => address !== headless);
  return { filter: filterTable(proxied), nat: natTable(proxied, podCidr) };
}

/**
 * The jumps into kube-proxy's chains, put in front of all other rules when it starts: the last of each chain first,
 * so that they end up in kube-proxy's order.
 */
export const kubeProxyJumps = [
  '*filter',
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-FORWARD - [0:0]',
  '-I OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  'COMMIT',
  '*nat',
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-POSTROUTING - [0:0]',
  '-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  'COMMIT',
  '',
].join('\n');

function filterTable(services: readonly ProxiedService[]): string {
  const rejects = services.flatMap((service) =>
    readyAddresses(service.endpoints).length > 0 || service.whenEmpty === 'nothing'
      ? []
      : service.ports.map(
          (port) =>
            `-A KUBE-SERVICES -d ${service.address}/32 -p ${port.protocol} -m comment --comment "${portName(service, port)} has no endpoints" ` +
            `-m ${port.protocol} --dport ${port.port} -j REJECT --reject-with icmp-port-unreachable`,
        ),
  );
  return [
    '*filter',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-FORWARD - [0:0]',
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...rejects,
    'COMMIT',
    '',
  ].join('\n');
}

function natTable(services: readonly ProxiedService[], podCidr: string): string {
  const chains: string[] = [];
  const rules: string[] = [];
  for (const service of services) {
    if (readyAddresses(service.endpoints).length === 0) continue;
    for (const port of service.ports) addServicePort(service, port, podCidr, chains, rules);
  }
  return [
    '*nat',
    ...[':KUBE-SERVICES - [0:0]', ':KUBE-POSTROUTING - [0:0]', ':KUBE-MARK-MASQ - [0:0]'],
    ...chains.map((chain) => `:${chain} - [0:0]`),
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

function addServicePort(
  service: ServiceDescription,
  port: Port,
  podCidr: string,
  chains: string[],
  rules: string[],
): void {
  const name = portName(service, port);
  const { protocol } = port;
  const chain = serviceChain(name, protocol);
  const cluster = `-d ${service.address}/32 -p ${protocol} -m comment --comment "${name} cluster IP" -m ${protocol} --dport ${port.port}`;
  chains.push(chain);
  rules.push(`-A KUBE-SERVICES ${cluster} -j ${chain}`, `-A ${chain} ! -s ${podCidr} ${cluster} -j KUBE-MARK-MASQ`);
  const addresses = readyAddresses(service.endpoints);
  addresses.forEach((address, index) => {
    const endpoint = `${address}:${port.targetPort}`;
    const endpointName = endpointChain(name, protocol, endpoint);
    const left = addresses.length - index;
    const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    chains.push(endpointName);
    rules.push(
      `-A ${chain} -m comment --comment "${name} -> ${endpoint}"${share} -j ${endpointName}`,
      `-A ${endpointName} -s ${address}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
      `-A ${endpointName} -p ${protocol} -m comment --comment "${name}" -m ${protocol} -j DNAT --to-destination ${endpoint}`,
    );
  });
}

function portName(service: ServiceDescription, port: Port): string {
  return `${service.name}:${port.name}`;
}

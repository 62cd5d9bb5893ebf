import type { NftChain, NftElement, NftRule, NftSet, NftTable } from '../../../kernel/nftables/table.ts';
import { type AddressFamily, octetsOf, parseAddress } from '../../../network/address.ts';
import type { ServiceDescription } from '../../world.ts';
import { chooseEndpoints, internalPolicy, isProxied } from '../endpoint-choice.ts';
import { familyOfCidr } from '../families.ts';
import type { ProxiedService, Services } from '../proxier.ts';
import { endpointName, serviceChain } from './names.ts';
import { checksAfterDnat } from './releases.ts';

type Port = ServiceDescription['ports'][number];

export interface NftablesSite {
  readonly node: string;
  readonly release: string;
  readonly podCidr: string;
  /** Absent: unknown, and nothing is dropped for its sake. */
  readonly serviceCidr: string | undefined;
  /** The node's own address, where node ports are. */
  readonly nodeAddress: string | undefined;
}

const table = 'kube-proxy';
const nodePorts = 'inet_proto . inet_service : verdict';

/** Words that differ between tables `ip` and `ip6`. */
const wordsOf = {
  ipv4: { ip: 'ip', type: 'ipv4_addr', reject: 'icmp-port-unreachable' },
  ipv6: { ip: 'ip6', type: 'ipv6_addr', reject: 'icmp6-port-unreachable' },
} as const satisfies Record<AddressFamily, object>;

/** The table `kube-proxy` for ClusterIP Services (pkg/proxy/nftables/proxier.go); chains for traffic from outside hold no rule. */
export function nftablesTable(all: Services, site: NftablesSite): NftTable {
  const { ip } = wordsOf[familyOfCidr(site.podCidr)];
  const proxied = all.filter(isProxied);
  const ports = proxied.flatMap((service) => service.ports.map((port) => new PortRules(service, port, site)));
  const parts: Parts = {
    addresses: proxied.map(({ address }) => address),
    dispatched: ports.flatMap(({ dispatch }) => dispatch ?? []),
    refused: ports.flatMap(({ refusal }) => refusal ?? []),
  };
  return {
    family: ip,
    name: table,
    comment: 'rules for kube-proxy',
    sets: [...commonSets(parts, site), ...ports.flatMap(({ sets }) => sets)],
    chains: [...baseChains(site.release), ...commonChains(parts, site), ...ports.flatMap(({ chains }) => chains)],
  };
}

/** What all Services together put into sets and chains. */
interface Parts {
  /** ClusterIPs. */
  readonly addresses: readonly string[];
  readonly dispatched: readonly NonNullable<PortRules['dispatch']>[];
  readonly refused: readonly NonNullable<PortRules['refusal']>[];
}

function commonSets({ addresses, dispatched, refused }: Parts, { podCidr, nodeAddress }: NftablesSite): NftSet[] {
  const { type } = wordsOf[familyOfCidr(podCidr)];
  const services = `${type} . inet_proto . inet_service : verdict`;
  return [
    set('set', 'cluster-ips', type, 'Active ClusterIPs', addresses.map(addressElement)),
    set(
      'set',
      'nodeport-ips',
      type,
      'IPs that accept NodePort traffic',
      nodeAddress === undefined ? [] : [addressElement(nodeAddress)],
    ),
    set(
      'map',
      'no-endpoint-services',
      services,
      'vmap to drop or reject packets to services with no endpoints',
      refused.map(({ element }) => element),
    ),
    set(
      'map',
      'no-endpoint-nodeports',
      nodePorts,
      'vmap to drop or reject packets to service nodeports with no endpoints',
      [],
    ),
    set('map', 'firewall-ips', services, 'destinations that are subject to LoadBalancerSourceRanges', []),
    set(
      'map',
      'service-ips',
      services,
      'ClusterIP, ExternalIP and LoadBalancer IP traffic',
      dispatched.map(({ element }) => element),
    ),
    set('map', 'service-nodeports', nodePorts, 'NodePort traffic', []),
  ];
}

function commonChains({ addresses, dispatched, refused }: Parts, site: NftablesSite): NftChain[] {
  const { ip, reject } = wordsOf[familyOfCidr(site.podCidr)];
  const destination = `${ip} daddr . meta l4proto . th dport`;
  return [
    chain('nodeport-endpoints-check', [
      rule(`${ip} daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports`),
    ]),
    chain('service-endpoints-check', [
      rule(`${destination} vmap @no-endpoint-services`, ...refused.map(({ runs }) => runs)),
    ]),
    chain('firewall-check', [rule(`${destination} vmap @firewall-ips`)]),
    chain('services', [
      rule(`${destination} vmap @service-ips`, ...dispatched.map(({ runs }) => runs)),
      rule(`${ip} daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports`),
    ]),
    chain('masquerading', [
      rule('meta mark & 0x00004000 == 0x00000000 return', '-m mark ! --mark 0x4000/0x4000 -j RETURN'),
      rule('meta mark set meta mark ^ 0x00004000', '-j MARK --set-xmark 0x4000/0x0'),
      rule('masquerade fully-random', '-j MASQUERADE --random-fully'),
    ]),
    chain('cluster-ips-check', clusterIpChecks(addresses, site)),
    chain('mark-for-masquerade', [rule('meta mark set meta mark | 0x00004000', '-j MARK --set-xmark 0x4000/0x4000')]),
    {
      ...chain('reject-chain', [rule('reject', `-j REJECT --reject-with ${reject}`)]),
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
    },
  ];
}

function rule(text: string, ...runs: readonly string[]): NftRule {
  return { text, runs };
}

function chain(name: string, rules: readonly NftRule[]): NftChain {
  return { name, rules };
}

function set(
  kind: NftSet['kind'],
  name: string,
  type: string,
  comment: string,
  elements: readonly NftElement[],
): NftSet {
  return { kind, name, type, comment, elements };
}

/** A jump of new flows, or with `all` of every packet that asks. */
function jump(chainName: string, all = false): NftRule {
  if (all) return rule(`jump ${chainName}`, `-j ${chainName}`);
  return rule(`ct state new jump ${chainName}`, `-m conntrack --ctstate NEW -j ${chainName}`);
}

function base(
  name: string,
  type: 'filter' | 'nat',
  hook: NonNullable<NftChain['base']>['hook'],
  priority: number,
  ...rules: readonly NftRule[]
): NftChain {
  return { name, base: { type, hook, priority }, rules };
}

const natBases: readonly NftChain[] = [
  base('nat-prerouting', 'nat', 'PREROUTING', -100, jump('services', true)),
  base('nat-output', 'nat', 'OUTPUT', -100, jump('services', true)),
  base('nat-postrouting', 'nat', 'POSTROUTING', 100, jump('masquerading', true)),
];

function baseChains(release: string): readonly NftChain[] {
  const [firewall, nodeport, endpoints, addresses] = [
    'firewall-check',
    'nodeport-endpoints-check',
    'service-endpoints-check',
    'cluster-ips-check',
  ].map((name) => jump(name));
  if (firewall === undefined || nodeport === undefined || endpoints === undefined || addresses === undefined) return [];
  if (checksAfterDnat(release))
    return [
      base('filter-prerouting-pre-dnat', 'filter', 'PREROUTING', -110, firewall),
      base('filter-output-pre-dnat', 'filter', 'OUTPUT', -110, firewall),
      base('filter-input', 'filter', 'INPUT', 0, nodeport, endpoints),
      base('filter-forward', 'filter', 'FORWARD', 0, endpoints, addresses),
      base('filter-output', 'filter', 'OUTPUT', 0, endpoints, addresses),
      ...natBases,
    ];
  return [
    base('filter-prerouting', 'filter', 'PREROUTING', -110, firewall),
    base('filter-input', 'filter', 'INPUT', -110, nodeport, endpoints),
    base('filter-forward', 'filter', 'FORWARD', -110, endpoints, addresses),
    base('filter-output', 'filter', 'OUTPUT', -110, endpoints, firewall),
    base('filter-output-post-dnat', 'filter', 'OUTPUT', -90, addresses),
    ...natBases,
  ];
}

function clusterIpChecks(addresses: readonly string[], { podCidr, serviceCidr }: NftablesSite): NftRule[] {
  const { ip, reject } = wordsOf[familyOfCidr(podCidr)];
  const rejects = addresses.map((address) => `-d ${address} -j REJECT --reject-with ${reject}`);
  return [
    rule(`${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`, ...rejects),
    ...(serviceCidr === undefined
      ? []
      : [
          rule(
            `${ip} daddr ${serviceCidr} drop comment "Drop traffic to unallocated ClusterIPs"`,
            `-d ${serviceCidr} -j DROP`,
          ),
        ]),
  ];
}

interface Dispatch {
  readonly element: NftElement;
  readonly runs: string;
}

/** What one port of a Service puts into the table. */
class PortRules {
  /** Its element of service-ips. */
  readonly dispatch: Dispatch | undefined;
  /** Its element of no-endpoint-services. */
  readonly refusal: Dispatch | undefined;
  readonly chains: readonly NftChain[];
  readonly sets: readonly NftSet[];
  readonly #service: ProxiedService;
  readonly #port: Port;
  readonly #words: (typeof wordsOf)[AddressFamily];

  constructor(service: ProxiedService, port: Port, { node, release, podCidr }: NftablesSite) {
    this.#service = service;
    this.#port = port;
    this.#words = wordsOf[familyOfCidr(podCidr)];
    const { cluster, local, any } = chooseEndpoints(service, node, release);
    const isLocal = internalPolicy(service, release) === 'Local';
    const addresses = (isLocal ? local : cluster).map(({ address }) => address);
    const name = serviceChain(isLocal ? 'local' : 'service', service, port);
    const found = addresses.length > 0;
    this.dispatch = found ? this.#to(`goto ${name}`, `-g ${name}`) : undefined;
    this.refusal = found || service.whenEmpty === 'nothing' ? undefined : this.#refusal(any);
    this.chains = found
      ? [chain(name, this.#choice(addresses, podCidr)), ...addresses.map((address) => this.#endpoint(address))]
      : [];
    this.sets =
      service.sessionAffinity === undefined
        ? []
        : addresses.map((address) => this.#affinity(address, service.sessionAffinity));
  }

  #matches(): string {
    const { protocol, port } = this.#port;
    return `-d ${this.#service.address} -p ${protocol} -m ${protocol} --dport ${port}`;
  }

  #to(verdict: string, words: string, comment?: string): Dispatch {
    const { protocol, port } = this.#port;
    const { address } = this.#service;
    const key = `${address} . ${protocol} . ${port}${comment === undefined ? '' : ` comment "${comment}"`}`;
    const order = [port, protocol === 'tcp' ? 6 : 17, ...octets(address).reverse()];
    return { element: { text: `${key} : ${verdict}`, order }, runs: `${this.#matches()} ${words}` };
  }

  /** End points elsewhere, and none where the policy Local looks: dropped, not rejected. */
  #refusal(elsewhere: boolean): Dispatch {
    const comment = `${this.#service.name}:${this.#port.name}`;
    return elsewhere ? this.#to('drop', '-j DROP', comment) : this.#to('goto reject-chain', '-g reject-chain', comment);
  }

  #choice(addresses: readonly string[], podCidr: string): NftRule[] {
    const { address, sessionAffinity } = this.#service;
    const { ip } = this.#words;
    const called = (kind: 'endpoint' | 'affinity', one: string) => endpointName(kind, this.#service, this.#port, one);
    const goes = addresses.map((one) => called('endpoint', one));
    const vmap = goes.map((target, i) => `${i} : goto ${target}`).join(', ');
    const picks = goes.map((target, i) => {
      const left = goes.length - i;
      return `${left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)} ` : ''}-g ${target}`;
    });
    return [
      rule(
        `${ip} daddr ${address} ${ip} saddr != ${podCidr} jump mark-for-masquerade`,
        `! -s ${podCidr} -d ${address} -j mark-for-masquerade`,
      ),
      ...(sessionAffinity === undefined
        ? []
        : addresses.map((one) =>
            rule(
              `${ip} saddr @${called('affinity', one)} goto ${called('endpoint', one)}`,
              `-m recent --rcheck --seconds ${sessionAffinity} --name ${listName(called('affinity', one))} -g ${called('endpoint', one)}`,
            ),
          )),
      rule(`numgen random mod ${goes.length} vmap { ${vmap} }`, ...picks),
    ];
  }

  #endpoint(address: string): NftChain {
    const { targetPort, protocol } = this.#port;
    const affinity = endpointName('affinity', this.#service, this.#port, address);
    const { ip } = this.#words;
    const target = address.includes(':') ? `[${address}]:${targetPort}` : `${address}:${targetPort}`;
    return chain(endpointName('endpoint', this.#service, this.#port, address), [
      rule(`${ip} saddr ${address} jump mark-for-masquerade`, `-s ${address} -j mark-for-masquerade`),
      ...(this.#service.sessionAffinity === undefined
        ? []
        : [rule(`update @${affinity} { ${ip} saddr }`, `-m recent --set --name ${listName(affinity)}`)]),
      rule(`meta l4proto ${protocol} dnat to ${target}`, `-p ${protocol} -j DNAT --to-destination ${target}`),
    ]);
  }

  #affinity(address: string, timeout = 0): NftSet {
    const name = endpointName('affinity', this.#service, this.#port, address);
    return { kind: 'set', name, type: this.#words.type, timeout, elements: [] };
  }
}

function listName(affinity: string): string {
  return affinity.replaceAll('/', '.');
}

function addressElement(address: string): NftElement {
  return { text: address, order: octets(address) };
}

function octets(text: string): number[] {
  const address = parseAddress(text);
  return address === undefined ? [] : octetsOf(address);
}

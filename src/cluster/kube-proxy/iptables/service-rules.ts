import { inRelease } from '../../../coredns/history.ts';
import type { EndpointDescription } from '../../endpoint.ts';
import { chooseEndpoints, type EndpointChoice, internalPolicy, isExternal } from '../endpoint-choice.ts';
import type { ProxiedService } from '../proxier.ts';
import { endpointChain, serviceChain } from './chain-name.ts';
import { marksInServiceChain, namesEndpoints } from './layout.ts';

/** What the rules depend on beside the Services. */
export interface RuleSettings {
  readonly release: string;
  readonly node: string;
  /** Traffic from elsewhere is masqueraded. */
  readonly podCidr: string;
  readonly family: 'ipv4' | 'ipv6';
  /** More than 1000 end points in all: rules go without comments. */
  readonly isLarge: boolean;
}

/** A chain of its own with all its rules. */
export interface OwnChain {
  readonly name: string;
  readonly rules: readonly string[];
}

/** What one port of a Service brings into both tables. */
export interface PortRules {
  /** In filter: KUBE-SERVICES and KUBE-EXTERNAL-SERVICES. */
  readonly filter: readonly string[];
  /** In nat: KUBE-SERVICES and KUBE-NODEPORTS. */
  readonly nat: readonly string[];
  /** In nat. */
  readonly chains: readonly OwnChain[];
}

type Port = ProxiedService['ports'][number];

/** The rules for one port of a Service, in iptables-save's spelling. */
export function portRules(service: ProxiedService, port: Port, settings: RuleSettings): PortRules {
  const writer = new PortWriter(service, port, settings);
  return { filter: writer.filter(), nat: writer.nat(), chains: writer.chains() };
}

/** `namespace/name:port`; a port without a name has no colon. */
function portName(service: ProxiedService, { name }: Port): string {
  return name === '' ? service.name : `${service.name}:${name}`;
}

class PortWriter {
  readonly #service: ProxiedService;
  readonly #port: Port;
  readonly #settings: RuleSettings;
  readonly #name: string;
  readonly #choice: EndpointChoice;
  readonly #bits: number;

  constructor(service: ProxiedService, port: Port, settings: RuleSettings) {
    this.#service = service;
    this.#port = port;
    this.#settings = settings;
    this.#name = portName(service, port);
    this.#choice = chooseEndpoints(service, settings.node, settings.release);
    this.#bits = settings.family === 'ipv4' ? 32 : 128;
  }

  /** Without end points for it, traffic is rejected; with some on other nodes alone, under the policy Local, dropped. */
  filter(): string[] {
    const { family } = this.#settings;
    const reject = `REJECT --reject-with ${family === 'ipv4' ? 'icmp' : 'icmp6'}-port-unreachable`;
    if (this.#service.whenEmpty === 'nothing') return [];
    const [why, target] = this.#choice.any ? ['has no local endpoints', 'DROP'] : ['has no endpoints', reject];
    const comment = `${this.#name} ${why}`;
    const inside = this.#hasInside ? [] : [`-A KUBE-SERVICES ${this.#to(this.#service.address, comment)} -j ${target}`];
    if (this.#hasOutside) return inside;
    const outside = this.#external.map(
      ({ address }) => `-A KUBE-EXTERNAL-SERVICES ${this.#to(address, comment)} -j ${target}`,
    );
    const { nodePort, protocol } = this.#port;
    if (nodePort === undefined) return [...inside, ...outside];
    return [
      ...inside,
      ...outside,
      `-A KUBE-EXTERNAL-SERVICES -p ${protocol} -m comment --comment "${comment}" -m addrtype --dst-type LOCAL -m ${protocol} --dport ${nodePort} -j ${target}`,
    ];
  }

  nat(): string[] {
    const { nodePort, protocol } = this.#port;
    const inside = `${this.#to(this.#service.address, `${this.#name} cluster IP`)}`;
    const marked = inRelease(marksInServiceChain, this.#settings.release);
    return [
      ...(this.#hasInside && !marked ? [`-A KUBE-SERVICES ${this.#fromElsewhere} ${inside} -j KUBE-MARK-MASQ`] : []),
      ...(this.#hasInside ? [`-A KUBE-SERVICES ${inside} -j ${this.#insideChain}`] : []),
      ...(this.#choice.any
        ? this.#external.map(
            ({ address, what }) =>
              `-A KUBE-SERVICES ${this.#to(address, `${this.#name} ${what}`)} -j ${this.#chain('EXT')}`,
          )
        : []),
      ...(this.#choice.any && nodePort !== undefined
        ? [
            `-A KUBE-NODEPORTS -p ${protocol} -m comment --comment "${this.#name}" -m ${protocol} --dport ${nodePort} -j ${this.#chain('EXT')}`,
          ]
        : []),
    ];
  }

  chains(): OwnChain[] {
    const { cluster, local, reachable, any } = this.#choice;
    return [
      ...(any && isExternal(this.#service) ? [{ name: this.#chain('EXT'), rules: this.#externalRules() }] : []),
      ...(cluster.length > 0 ? [this.#balanced('SVC', cluster)] : []),
      ...(local.length > 0 ? [this.#balanced('SVL', local)] : []),
      ...reachable.map((endpoint) => this.#endpointChain(endpoint)),
    ];
  }

  get #hasInside(): boolean {
    const { any, local } = this.#choice;
    return any && (internalPolicy(this.#service, this.#settings.release) === 'Cluster' || local.length > 0);
  }

  get #hasOutside(): boolean {
    const { any, local } = this.#choice;
    return any && (this.#service.externalTrafficPolicy !== 'Local' || local.length > 0);
  }

  get #insideChain(): string {
    return this.#chain(internalPolicy(this.#service, this.#settings.release) === 'Local' ? 'SVL' : 'SVC');
  }

  get #external(): { readonly address: string; readonly what: string }[] {
    const { externalIPs = [], loadBalancerIPs = [] } = this.#service;
    return [
      ...externalIPs.map((address) => ({ address, what: 'external IP' })),
      ...loadBalancerIPs.map((address) => ({ address, what: 'loadbalancer IP' })),
    ];
  }

  get #fromElsewhere(): string {
    return `! -s ${this.#settings.podCidr}`;
  }

  #chain(kind: 'SVC' | 'SVL' | 'EXT'): string {
    return serviceChain(kind, this.#name, this.#port.protocol);
  }

  /** Traffic to an address and this port. */
  #to(address: string, comment: string): string {
    const { protocol, port } = this.#port;
    return `-d ${address}/${this.#bits} -p ${protocol} -m comment --comment "${comment}" -m ${protocol} --dport ${port}`;
  }

  #comment(text: string): string {
    return this.#settings.isLarge ? '' : `-m comment --comment "${text}" `;
  }

  #externalRules(): string[] {
    const chain = this.#chain('EXT');
    const about = (text: string) => `-m comment --comment "${text} ${this.#name} external destinations"`;
    if (this.#service.externalTrafficPolicy !== 'Local')
      return [
        `-A ${chain} ${about('masquerade traffic for')} -j KUBE-MARK-MASQ`,
        `-A ${chain} -j ${this.#chain('SVC')}`,
      ];
    const local = '-m addrtype --src-type LOCAL';
    return [
      `-A ${chain} -s ${this.#settings.podCidr} ${about('pod traffic for')} -j ${this.#chain('SVC')}`,
      `-A ${chain} ${about('masquerade LOCAL traffic for')} ${local} -j KUBE-MARK-MASQ`,
      `-A ${chain} ${about('route LOCAL traffic for')} ${local} -j ${this.#chain('SVC')}`,
      ...(this.#hasOutside ? [`-A ${chain} -j ${this.#chain('SVL')}`] : []),
    ];
  }

  /** First the clients that were sent to an end point before, then each end point with the same probability. */
  #balanced(kind: 'SVC' | 'SVL', endpoints: readonly EndpointDescription[]): OwnChain {
    const chain = this.#chain(kind);
    const { release } = this.#settings;
    const isInside = this.#hasInside && chain === this.#insideChain && inRelease(marksInServiceChain, release);
    const places = endpoints
      .map((endpoint) => ({ endpoint, place: this.#place(endpoint) }))
      .sort((a, b) => (a.place < b.place ? -1 : 1));
    const comment = (place: string) =>
      this.#comment(inRelease(namesEndpoints, release) ? `${this.#name} -> ${place}` : this.#name);
    const { sessionAffinity } = this.#service;
    const recent = (name: string) => `-m recent --rcheck --seconds ${sessionAffinity} --reap --name ${name}`;
    const mask = this.#settings.family === 'ipv4' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
    return {
      name: chain,
      rules: [
        ...(isInside
          ? [
              `-A ${chain} ${this.#fromElsewhere} ${this.#to(this.#service.address, `${this.#name} cluster IP`)} -j KUBE-MARK-MASQ`,
            ]
          : []),
        ...(sessionAffinity === undefined
          ? []
          : places.map(({ place }) => {
              const name = this.#endpointName(place);
              return `-A ${chain} ${comment(place)}${recent(name)} --mask ${mask} --rsource -j ${name}`;
            })),
        ...places.map(({ place }, index) => {
          const left = places.length - index;
          const share = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)} ` : '';
          return `-A ${chain} ${comment(place)}${share}-j ${this.#endpointName(place)}`;
        }),
      ],
    };
  }

  #endpointChain(endpoint: EndpointDescription): OwnChain {
    const place = this.#place(endpoint);
    const name = this.#endpointName(place);
    const { protocol } = this.#port;
    const mask = this.#settings.family === 'ipv4' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
    const comment = this.#comment(this.#name);
    const remember =
      this.#service.sessionAffinity === undefined ? '' : `-m recent --set --name ${name} --mask ${mask} --rsource `;
    return {
      name,
      rules: [
        `-A ${name} -s ${endpoint.address}/${this.#bits} ${comment}-j KUBE-MARK-MASQ`,
        `-A ${name} -p ${protocol} ${comment}${remember}-m ${protocol} -j DNAT --to-destination ${place}`,
      ],
    };
  }

  /** `address:port`. */
  #place({ address }: EndpointDescription): string {
    const host = this.#settings.family === 'ipv4' ? address : `[${address}]`;
    return `${host}:${this.#port.targetPort}`;
  }

  #endpointName(place: string): string {
    return endpointChain(this.#name, this.#port.protocol, place);
  }
}

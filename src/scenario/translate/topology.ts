import { podBridge, podHost, podLink, vethOf } from '../../cluster/pods/pod-network.ts';
import type { HostDescription } from '../../kernel/description.ts';
import { familyOf, inPrefix, parseAddress, parsePrefix } from '../../network/address.ts';
import type { SegmentDescription } from '../../network/description.ts';
import { routerName } from '../names.ts';
import type { Artefacts, NodeRules } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { fabric, fabricSegment, type Links, podSegment } from './links.ts';
import { type PlacedPod, podRanges } from './pods.ts';

const routerAddresses = { ipv4: '169.254.2.1', ipv6: 'fe80::1' } as const;

/** Nodes, pods, servers and the router between them, with the links that join them. */
export function topology(
  links: Links,
  pods: readonly PlacedPod[],
  rules: Artefacts['rules'],
): { hosts: HostDescription[]; segments: SegmentDescription[] } {
  const { file } = links;
  const { nodes } = file.cluster;
  const ranges = podRanges(file);
  const strays = pods.filter((pod) => !addressesOf(pod).every((address) => isWithin(address, ranges.get(pod.node))));
  const placed: Placed = { file, ranges, byNode: byNode(pods), strays, rules };
  const kernel = (pod: PlacedPod) => nodes[pod.node]?.kernel ?? '';
  return {
    hosts: [
      ...Object.keys(nodes).map((name) => node(name, placed)),
      ...pods.map((pod) => podHost({ ...pod, kernel: kernel(pod) })),
      ...Object.entries(file.servers).map(([name, server]) => outsideHost(name, addressesOf(server), file)),
      router(file),
    ],
    segments: [
      fabricSegment(links),
      ...(file.cluster.podNetwork === 'bridge' ? Object.keys(nodes).map(bridgeSegment) : []),
      ...pods.map((pod) => podSegment(links, pod.name, pod.node)),
    ],
  };
}

/** Pods on their nodes. */
interface Placed {
  readonly file: ScenarioFile;
  /** The pods' addresses, by node. */
  readonly ranges: ReadonlyMap<string, readonly string[]>;
  readonly byNode: ReadonlyMap<string, readonly PlacedPod[]>;
  /** Pods with an address from elsewhere. */
  readonly strays: readonly PlacedPod[];
  readonly rules: Artefacts['rules'];
}

function byNode(pods: readonly PlacedPod[]): ReadonlyMap<string, readonly PlacedPod[]> {
  const found = new Map<string, PlacedPod[]>();
  for (const pod of pods) {
    const others = found.get(pod.node);
    if (others === undefined) found.set(pod.node, [pod]);
    else others.push(pod);
  }
  return found;
}

function isWithin(address: string, ranges: readonly string[] = []): boolean {
  const own = parseAddress(address);
  return ranges.some((range) => {
    const prefix = parsePrefix(range);
    return prefix !== undefined && own !== undefined && inPrefix(own, prefix);
  });
}

function isOfFamily(one: string, other: string): boolean {
  return one.includes(':') === other.includes(':');
}

/** Where a bridge's node asks for addresses of its range that no pod has: nobody answers. */
function bridgeSegment(node: string): SegmentDescription {
  return { name: bridgeOf(node), quality: { latency: 0, jitter: 0, loss: 0 }, pairs: [] };
}

function bridgeOf(node: string): string {
  return `${podBridge}-${node}`;
}

function node(name: string, placed: Placed): HostDescription {
  const { file, byNode, rules } = placed;
  const { nodes, podCIDR, otherPodCIDR, podNetwork } = file.cluster;
  const own = nodes[name];
  const addresses = own === undefined ? [] : addressesOf(own);
  return {
    name,
    kernel: own?.kernel ?? '',
    kernelRules: own?.kernelRules,
    forwarding: true,
    ...(own?.overlap === undefined ? {} : { overlap: own.overlap }),
    interfaces: [
      {
        name: uplinkOf(own),
        segment: fabric,
        ...(own?.mtu === undefined ? {} : { mtu: own.mtu }),
        addresses,
        captured: file.captures.includes('tcpdump'),
      },
      ...(podNetwork === 'bridge' ? [{ name: podBridge, segment: bridgeOf(name), addresses: [] }] : []),
      ...(byNode.get(name) ?? []).map((pod) => ({
        name: vethOf(pod.name),
        segment: pod.name,
        ...podLink(addressesOf(pod)),
      })),
    ],
    routes: routesOf(name, addresses, placed),
    ...rulesOf(rules[name], [podCIDR, ...(otherPodCIDR === undefined ? [] : [otherPodCIDR])]),
    sysctls: own?.sysctls ?? {},
  };
}

function uplinkOf(node: ScenarioFile['cluster']['nodes'][string] | undefined): string {
  return node?.device ?? 'uplink';
}

/** A node's ways to its neighbours, its own pods, the pods of other nodes, and the rest of the world. */
function routesOf(
  name: string,
  addresses: readonly string[],
  { file, ranges, byNode, strays }: Placed,
): RouteDescription[] {
  const { nodes, podNetwork } = file.cluster;
  const uplink = uplinkOf(nodes[name]);
  const toPod = (pod: PlacedPod) =>
    addressesOf(pod).map((to): RouteDescription => ({ to, kind: 'unicast', device: vethOf(pod.name) }));
  /** Of its own pods: nobody answers for those that are not there. */
  const toUnused = (to: string): RouteDescription =>
    podNetwork === 'bridge' ? { to, kind: 'unicast', device: podBridge } : { to, kind: 'blackhole' };
  /** By the other node's address of the same family, where both have one. */
  const overTo = (other: string, to: string): RouteDescription[] => {
    const via = addressesOf(nodes[other] ?? { address: '' }).find((address) => isOfFamily(address, to));
    return via === undefined ? [] : [{ to, kind: 'unicast', via, device: uplink }];
  };
  const others = [...ranges].filter(([other]) => other !== name);
  const straysElsewhere = strays.filter((pod) => pod.node !== name);
  return [
    ...onLink(neighbours(file, name), addresses, uplink),
    ...(byNode.get(name) ?? []).flatMap(toPod),
    ...(ranges.get(name) ?? []).map(toUnused),
    ...others.flatMap(([other, all]) => all.flatMap((to) => overTo(other, to))),
    ...straysElsewhere.flatMap((pod) => addressesOf(pod).flatMap((to) => overTo(pod.node, to))),
    ...defaultRoutes(addresses, uplink),
  ];
}

/** The node's own rules, or those of a CNI plugin. */
function rulesOf(
  own: NodeRules | undefined,
  podCidrs: readonly string[],
): Pick<HostDescription, 'iptables' | 'ip6tables'> {
  if (own?.iptables === undefined && own?.ip6tables === undefined) return cniMasquerade(podCidrs);
  const { iptables, ip6tables } = own;
  return { ...(iptables && { iptables: iptables.text }), ...(ip6tables && { ip6tables: ip6tables.text }) };
}

/** What a CNI plugin does: traffic of pods to the world outside leaves under the node's address. */
function cniMasquerade(podCidrs: readonly string[]): Pick<HostDescription, 'iptables' | 'ip6tables'> {
  const rules = (cidr: string | undefined) =>
    cidr === undefined
      ? ''
      : ['*nat', `-A POSTROUTING -s ${cidr} ! -d ${cidr} -j MASQUERADE --random-fully`, 'COMMIT', ''].join('\n');
  const isIpv6 = (cidr: string) => cidr.includes(':');
  return {
    iptables: rules(podCidrs.find((cidr) => !isIpv6(cidr))),
    ip6tables: rules(podCidrs.find(isIpv6)),
  };
}

interface Addressed {
  readonly address: string;
  readonly otherAddress?: string | undefined;
}

function addressesOf({ address, otherAddress }: Addressed): string[] {
  return otherAddress === undefined ? [address] : [address, otherAddress];
}

type RouteDescription = HostDescription['routes'][number];

/** Those of the families that a machine has an address of. */
function onLink(others: readonly string[], own: readonly string[], device: string): RouteDescription[] {
  return others
    .filter((to) => own.some((address) => isOfFamily(address, to)))
    .map((to) => ({ to, kind: 'unicast', device }));
}

function defaultRoutes(own: readonly string[], device: string): RouteDescription[] {
  return own.map((address) => {
    const via = routerAddresses[familyOf(parseAddress(address) ?? 0)];
    return { to: 'default', kind: 'unicast', via, device };
  });
}

function outsideHost(name: string, addresses: readonly string[], file: ScenarioFile): HostDescription {
  return {
    name,
    kernel: outsideKernel,
    forwarding: false,
    interfaces: [{ name: 'eth0', segment: fabric, addresses }],
    routes: [...onLink(neighbours(file, name), addresses, 'eth0'), ...defaultRoutes(addresses, 'eth0')],
    sysctls: {},
  };
}

const outsideKernel = '6.1'; // only its sockets are seen, which are the same in all releases

/** Takes what nobody else takes, and loses it in silence. */
function router(file: ScenarioFile): HostDescription {
  return {
    name: routerName,
    kernel: outsideKernel,
    forwarding: true,
    interfaces: [{ name: 'eth0', segment: fabric, addresses: Object.values(routerAddresses) }],
    routes: [
      ...onLink(neighbours(file, routerName), Object.values(routerAddresses), 'eth0'),
      { to: '0.0.0.0/0', kind: 'blackhole' },
      { to: '::/0', kind: 'blackhole' },
    ],
    sysctls: {},
  };
}

/** Addresses that are on the wire beside a machine's own. */
function neighbours(file: ScenarioFile, except: string): string[] {
  const machines: [string, string[]][] = [
    ...Object.entries(file.cluster.nodes).map(([name, node]): [string, string[]] => [name, addressesOf(node)]),
    ...Object.entries(file.servers).map(([name, server]): [string, string[]] => [name, addressesOf(server)]),
    [routerName, Object.values(routerAddresses)],
  ];
  return machines.filter(([name]) => name !== except).flatMap(([, addresses]) => addresses);
}

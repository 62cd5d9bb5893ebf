import { podGateway, podHost, vethOf } from '../../cluster/pods/pod-network.ts';
import type { HostDescription } from '../../kernel/description.ts';
import { inPrefix, parseAddress, parsePrefix } from '../../network/address.ts';
import type { SegmentDescription } from '../../network/description.ts';
import { routerName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { fabric, fabricSegment, type Links, podSegment } from './links.ts';
import { type PlacedPod, podRanges } from './pods.ts';

const routerAddress = '169.254.2.1';

/** Nodes, pods, servers and the router between them, with the links that join them. */
export function topology(
  links: Links,
  pods: readonly PlacedPod[],
): { hosts: HostDescription[]; segments: SegmentDescription[] } {
  const { file } = links;
  const { nodes } = file.cluster;
  const ranges = podRanges(file);
  const strays = pods.filter((pod) => !isWithin(pod.address, ranges.get(pod.node)));
  const placed: Placed = { file, ranges, byNode: byNode(pods), strays };
  const kernel = (pod: PlacedPod) => nodes[pod.node]?.kernel ?? '';
  return {
    hosts: [
      ...Object.keys(nodes).map((name) => node(name, placed)),
      ...pods.map((pod) => podHost({ ...pod, kernel: kernel(pod) })),
      ...Object.entries(file.servers).map(([name, { address }]) => outsideHost(name, address, file)),
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
  readonly ranges: ReadonlyMap<string, string>;
  readonly byNode: ReadonlyMap<string, readonly PlacedPod[]>;
  /** Pods with an address from elsewhere. */
  readonly strays: readonly PlacedPod[];
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

function isWithin(address: string, range: string | undefined): boolean {
  const [prefix, own] = [parsePrefix(range ?? ''), parseAddress(address)];
  return prefix !== undefined && own !== undefined && inPrefix(own, prefix);
}

/** Where a bridge's node asks for addresses of its range that no pod has: nobody answers. */
function bridgeSegment(node: string): SegmentDescription {
  return { name: bridgeOf(node), quality: { latency: 0, jitter: 0, loss: 0 }, pairs: [] };
}

function bridgeOf(node: string): string {
  return `cni0-${node}`;
}

function node(name: string, { file, ranges, byNode: pods, strays }: Placed): HostDescription {
  const { nodes, podCIDR, podNetwork } = file.cluster;
  const own = nodes[name];
  const local = pods.get(name) ?? [];
  const range = ranges.get(name) ?? '';
  const isBridge = podNetwork === 'bridge';
  const via = (other: string) => ({ kind: 'unicast' as const, via: nodes[other]?.address ?? '', device: 'uplink' });
  return {
    name,
    kernel: own?.kernel ?? '',
    forwarding: true,
    ...(own?.overlap === undefined ? {} : { overlap: own.overlap }),
    interfaces: [
      {
        name: 'uplink',
        segment: fabric,
        ...(own?.mtu === undefined ? {} : { mtu: own.mtu }),
        addresses: [`${own?.address}/32`],
        captured: file.captures.includes('tcpdump'),
      },
      ...(isBridge ? [{ name: 'cni0', segment: bridgeOf(name), addresses: [] }] : []),
      ...local.map((pod) => ({ name: vethOf(pod.name), segment: pod.name, addresses: [`${podGateway}/32`] })),
    ],
    routes: [
      ...neighbours(file, name).map((address) => ({ to: `${address}/32`, kind: 'unicast' as const, device: 'uplink' })),
      ...local.map((pod) => ({ to: `${pod.address}/32`, kind: 'unicast' as const, device: vethOf(pod.name) })),
      ...(isBridge
        ? [{ to: range, kind: 'unicast' as const, device: 'cni0' }]
        : [{ to: range, kind: 'blackhole' as const }]),
      ...[...ranges].filter(([other]) => other !== name).map(([other, to]) => ({ to, ...via(other) })),
      ...strays.filter((pod) => pod.node !== name).map((pod) => ({ to: `${pod.address}/32`, ...via(pod.node) })),
      { to: 'default', kind: 'unicast', via: routerAddress, device: 'uplink' },
    ],
    iptables: cniMasquerade(podCIDR),
    sysctls: {},
  };
}

/** What a CNI plugin does: traffic of pods to the world outside leaves under the node's address. */
function cniMasquerade(podCidr: string): string {
  const rule = `-A POSTROUTING -s ${podCidr} ! -d ${podCidr} -j MASQUERADE --random-fully`;
  return ['*nat', rule, 'COMMIT', ''].join('\n');
}

function outsideHost(name: string, address: string, file: ScenarioFile): HostDescription {
  return {
    name,
    kernel: outsideKernel,
    forwarding: false,
    interfaces: [{ name: 'eth0', segment: fabric, addresses: [`${address}/32`] }],
    routes: [
      ...neighbours(file, name).map((to) => ({ to: `${to}/32`, kind: 'unicast' as const, device: 'eth0' })),
      { to: 'default', kind: 'unicast', via: routerAddress, device: 'eth0' },
    ],
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
    interfaces: [{ name: 'eth0', segment: fabric, addresses: [`${routerAddress}/32`] }],
    routes: [
      ...neighbours(file, routerName).map((to) => ({ to: `${to}/32`, kind: 'unicast' as const, device: 'eth0' })),
      { to: 'default', kind: 'blackhole' },
    ],
    sysctls: {},
  };
}

/** Addresses that are on the wire beside a machine's own. */
function neighbours(file: ScenarioFile, except: string): string[] {
  const machines: [string, string][] = [
    ...Object.entries(file.cluster.nodes).map(([name, { address }]): [string, string] => [name, address]),
    ...Object.entries(file.servers).map(([name, { address }]): [string, string] => [name, address]),
    [routerName, routerAddress],
  ];
  return machines.filter(([name]) => name !== except).map(([, address]) => address);
}

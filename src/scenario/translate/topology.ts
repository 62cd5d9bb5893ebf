import type { HostDescription } from '../../kernel/description.ts';
import type { SegmentDescription } from '../../network/description.ts';
import { routerName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { fabric, fabricSegment, type Links, podSegment } from './links.ts';
import type { PlacedPod } from './pods.ts';

/** Address of each node towards its pods, as their next hop. */
const podGateway = '169.254.1.1';
const routerAddress = '169.254.2.1';

/** Nodes, pods, servers and the router between them, with the links that join them. */
export function topology(
  links: Links,
  pods: readonly PlacedPod[],
): { hosts: HostDescription[]; segments: SegmentDescription[] } {
  const { file } = links;
  return {
    hosts: [
      ...Object.keys(file.cluster.nodes).map((name) => node(name, file, pods)),
      ...pods.map((pod) => podHost(pod, file)),
      ...Object.entries(file.servers).map(([name, { address }]) => outsideHost(name, address, file)),
      router(file),
    ],
    segments: [fabricSegment(links), ...pods.map((pod) => podSegment(links, pod.name, pod.node))],
  };
}

function node(name: string, file: ScenarioFile, pods: readonly PlacedPod[]): HostDescription {
  const { nodes, podCIDR } = file.cluster;
  const own = nodes[name];
  const local = pods.filter((pod) => pod.node === name);
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
      ...local.map((pod) => ({ name: `v-${pod.name}`, segment: pod.name, addresses: [`${podGateway}/32`] })),
    ],
    routes: [
      ...neighbours(file, name).map((address) => ({ to: `${address}/32`, kind: 'unicast' as const, device: 'uplink' })),
      ...local.map((pod) => ({ to: `${pod.address}/32`, kind: 'unicast' as const, device: `v-${pod.name}` })),
      ...pods
        .filter((pod) => pod.node !== name)
        .map((pod) => ({
          to: `${pod.address}/32`,
          kind: 'unicast' as const,
          via: nodes[pod.node]?.address ?? '',
          device: 'uplink',
        })),
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

function podHost(pod: PlacedPod, file: ScenarioFile): HostDescription {
  return {
    name: pod.name,
    kernel: file.cluster.nodes[pod.node]?.kernel ?? '',
    forwarding: false,
    interfaces: [{ name: 'eth0', segment: pod.name, addresses: [`${pod.address}/32`] }],
    routes: [
      { to: `${podGateway}/32`, kind: 'unicast', device: 'eth0' },
      { to: 'default', kind: 'unicast', via: podGateway, device: 'eth0' },
    ],
    sysctls: {},
  };
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

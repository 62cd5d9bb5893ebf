import type { HostDescription } from '../../kernel/description.ts';
import type { LinkQuality, SegmentDescription } from '../../network/description.ts';
import { routerName } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import type { PlacedPod } from './pods.ts';

/** What a link is like when the scenario does not say: round trips of 0.1 ms to a pod of the same node and 0.4 ms between machines of a zone. */
export const defaultQuality = {
  pods: { latency: 25, jitter: 0, loss: 0 },
  machines: { latency: 200, jitter: 0, loss: 0 },
} as const satisfies Record<string, LinkQuality>;

/** Address of each node towards its pods, as their next hop. */
const podGateway = '169.254.1.1';
const routerAddress = '169.254.2.1';
const fabric = 'fabric';

/** Nodes, pods, servers and the router between them, with the links that join them. */
export function topology(
  file: ScenarioFile,
  pods: readonly PlacedPod[],
): { hosts: HostDescription[]; segments: SegmentDescription[] } {
  return {
    hosts: [
      ...Object.keys(file.cluster.nodes).map((name) => node(name, file, pods)),
      ...pods.map((pod) => podHost(pod, file)),
      ...Object.entries(file.servers).map(([name, { address }]) => outsideHost(name, address, file)),
      router(file),
    ],
    segments: [fabricSegment(file), ...pods.map((pod) => podSegment(pod, file))],
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

function fabricSegment(file: ScenarioFile): SegmentDescription {
  const machines = { ...defaultQuality.machines, ...withoutAbsent(file.links.default) };
  const pairs = Object.entries(file.links).flatMap(([link, quality]) => {
    const [a = '', b = ''] = link.split('..');
    const isPod = (name: string) => !(name in file.cluster.nodes) && !(name in file.servers);
    if (b === '' || isPod(a) || isPod(b)) return [];
    return [{ between: [a, b] as const, quality: { ...machines, ...withoutAbsent(quality) } }];
  });
  return { name: fabric, quality: machines, pairs };
}

function podSegment(pod: PlacedPod, file: ScenarioFile): SegmentDescription {
  const own = file.links[`${pod.name}..${pod.node}`] ?? file.links[`${pod.node}..${pod.name}`];
  const quality = { ...defaultQuality.pods, ...withoutAbsent(file.links.pods), ...withoutAbsent(own) };
  return { name: pod.name, quality, pairs: [] };
}

function withoutAbsent(quality: ScenarioFile['links'][string] | undefined): Partial<LinkQuality> {
  const { latency, jitter, loss } = quality ?? {};
  return {
    ...(latency === undefined ? {} : { latency }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss }),
  };
}

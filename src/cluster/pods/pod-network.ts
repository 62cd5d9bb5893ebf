import type { Simulation } from '../../engine/simulation.ts';
import type { HostDescription } from '../../kernel/description.ts';
import { createHost, type Host } from '../../kernel/host.ts';
import { type AddressFamily, familyOf } from '../../network/address.ts';
import type { LinkQuality } from '../../network/description.ts';
import type { Network } from '../../network/network.ts';
import { freeAddress, placeOf, prefixOf } from './addresses.ts';

/**
 * The next hop of pods, the same on every node (Calico's). That of IPv4 nobody has: the node answers for it. So what a
 * node itself sends to its pods, or masquerades towards them, comes from the node's own address.
 */
const podGateways: Readonly<Record<AddressFamily, string>> = {
  ipv4: '169.254.1.1',
  ipv6: 'fe80::ecee:eeee:eeee:eeee',
};

function podGatewayFor(address: string): string {
  return podGateways[familyOf(prefixOf(address).address)];
}

/** What a node's end of a pod's link has, and what it answers for. */
export function podLink(addresses: readonly string[]): { readonly addresses: string[]; readonly proxied: string[] } {
  const gateways = addresses.map(podGatewayFor);
  const isProxied = (gateway: string) => gateway === podGateways.ipv4;
  return { addresses: gateways.filter((one) => !isProxied(one)), proxied: gateways.filter(isProxied) };
}

const podDevice = 'eth0';

/** What the pods of a node are joined by, where the CNI plugin `bridge` makes their network. */
export const podBridge = 'cni0';

/** Name of a pod's link on its node. */
export function vethOf(pod: string): string {
  return `v-${pod}`;
}

interface PodPlace {
  readonly name: string;
  readonly address: string;
  readonly otherAddress?: string;
  readonly kernel: string;
}

/** A pod's network namespace: an address, or one of each family, and the way out by its node. */
export function podHost({ name, address, otherAddress, kernel }: PodPlace): HostDescription {
  const addresses = [address, ...(otherAddress === undefined ? [] : [otherAddress])];
  const gateways = addresses.map(podGatewayFor);
  return {
    name,
    kernel,
    forwarding: false,
    interfaces: [{ name: podDevice, segment: name, addresses }],
    routes: [
      ...gateways.map((to) => ({ to, kind: 'unicast' as const, device: podDevice })),
      ...gateways.map((via) => ({ to: 'default', kind: 'unicast' as const, via, device: podDevice })),
    ],
    sysctls: {},
  };
}

/** A node whose pods' network is looked after. */
export interface PodNode {
  readonly address: string;
  readonly otherAddress?: string;
  readonly host: Host;
  readonly kernel: string;
  readonly podCidr: string;
  readonly otherPodCidr?: string;
}

interface PluggedPod extends Omit<PodPlace, 'kernel'> {
  readonly host: Host;
  readonly description: HostDescription;
}

/** What a CNI plugin does on the nodes: a namespace, an address of the node's range, a veth pair and a route for each pod. */
export class PodNetwork {
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #link: LinkQuality;
  readonly #taken: Set<string>;

  constructor(simulation: Simulation, network: Network, link: LinkQuality, taken: Iterable<string>) {
    this.#simulation = simulation;
    this.#network = network;
    this.#link = link;
    this.#taken = new Set(taken);
  }

  /** A namespace for a pod, plugged into its node; undefined: the node has no address left. */
  plugIn(pod: string, { host: node, kernel, podCidr, otherPodCidr }: PodNode): PluggedPod | undefined {
    const free = (cidr: string) => freeAddress(cidr, placeOf(pod), (candidate) => this.#taken.has(candidate))?.address;
    const address = free(podCidr);
    const otherAddress = otherPodCidr === undefined ? undefined : free(otherPodCidr);
    if (address === undefined) return undefined;
    const addresses = [address, ...(otherAddress === undefined ? [] : [otherAddress])];
    const place = { name: pod, address, ...(otherAddress !== undefined && { otherAddress }) };
    const segment = this.#network.add({ name: pod, quality: this.#link, pairs: [] });
    const description = podHost({ ...place, kernel });
    const host = createHost(this.#simulation, this.#network, description);
    const veth = node.stack.addDevice(vethOf(pod), segment);
    const link = podLink(addresses);
    for (const own of link.addresses) node.stack.addAddress(veth, prefixOf(own));
    veth.proxied = link.proxied.map((gateway) => prefixOf(gateway).address);
    for (const one of addresses) {
      this.#taken.add(one);
      node.stack.routes.add({ to: prefixOf(one), kind: 'unicast', via: undefined, device: veth.name });
    }
    return { ...place, host, description };
  }

  /** The namespace goes, and with it the link, its route and the flows that were masqueraded by it. */
  unplug(pod: Host, addresses: readonly string[], { host: node }: PodNode): void {
    for (const [stack, name] of [
      [node.stack, vethOf(pod.host)],
      [pod.stack, podDevice],
    ] as const) {
      const device = stack.devices.get(name);
      if (device !== undefined) stack.removeDevice(device, stack.devices.get(podBridge));
    }
    this.#network.remove(pod.host);
    for (const address of addresses) this.#taken.delete(address);
  }
}

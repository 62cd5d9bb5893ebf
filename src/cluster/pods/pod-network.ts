import type { Simulation } from '../../engine/simulation.ts';
import type { HostDescription } from '../../kernel/description.ts';
import { createHost, type Host } from '../../kernel/host.ts';
import { type Prefix, parsePrefix } from '../../network/address.ts';
import type { LinkQuality } from '../../network/description.ts';
import type { Network } from '../../network/network.ts';
import { freeAddress, placeOf } from './addresses.ts';

/** Address of each node towards its pods, as their next hop: no address of a pod, and the same on every node. */
export const podGateway = '169.254.1.1';

const podDevice = 'eth0';

/** Name of a pod's link on its node. */
export function vethOf(pod: string): string {
  return `v-${pod}`;
}

interface PodPlace {
  readonly name: string;
  readonly address: string;
  readonly kernel: string;
}

/** A pod's network namespace: one address, and the way out by its node. */
export function podHost({ name, address, kernel }: PodPlace): HostDescription {
  return {
    name,
    kernel,
    forwarding: false,
    interfaces: [{ name: podDevice, segment: name, addresses: [`${address}/32`] }],
    routes: [
      { to: `${podGateway}/32`, kind: 'unicast', device: podDevice },
      { to: 'default', kind: 'unicast', via: podGateway, device: podDevice },
    ],
    sysctls: {},
  };
}

/** A node whose pods' network is looked after. */
export interface PodNode {
  readonly address: string;
  readonly host: Host;
  readonly kernel: string;
  readonly podCidr: string;
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
  plugIn(
    pod: string,
    { host: node, kernel, podCidr }: PodNode,
  ): { readonly host: Host; readonly address: string; readonly description: HostDescription } | undefined {
    const address = freeAddress(podCidr, placeOf(pod), (candidate) => this.#taken.has(candidate))?.address;
    if (address === undefined) return undefined;
    this.#taken.add(address);
    const segment = this.#network.add({ name: pod, quality: this.#link, pairs: [] });
    const description = podHost({ name: pod, address, kernel });
    const host = createHost(this.#simulation, this.#network, description);
    const veth = node.stack.addDevice(vethOf(pod), segment);
    node.stack.addAddress(veth, prefixOf(podGateway));
    node.stack.routes.add({ to: prefixOf(address), kind: 'unicast', via: undefined, device: veth.name });
    return { host, address, description };
  }

  /** The namespace goes, and with it the link, its route and the flows that were masqueraded by it. */
  unplug(pod: Host, address: string, { host: node }: PodNode): void {
    for (const [stack, name] of [
      [node.stack, vethOf(pod.host)],
      [pod.stack, podDevice],
    ] as const) {
      const device = stack.devices.get(name);
      if (device !== undefined) stack.removeDevice(device);
    }
    this.#network.remove(pod.host);
    this.#taken.delete(address);
  }
}

function prefixOf(address: string): Prefix {
  const prefix = parsePrefix(address);
  if (prefix === undefined) throw new Error(`not an address: ${address}`);
  return prefix;
}

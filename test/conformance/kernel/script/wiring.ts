import type { Simulation } from '../../../../src/engine/simulation.ts';
import { createHost, type Host } from '../../../../src/kernel/host.ts';
import type { Device } from '../../../../src/kernel/ip/device.ts';
import { createNetwork, type Network } from '../../../../src/network/network.ts';
import { Segment } from '../../../../src/network/segment.ts';
import { recordedCollectorInterval } from '../../../support/collector.ts';

const quality = { latency: 10, jitter: 0, loss: 0 };

interface End {
  readonly host: Host;
  readonly device: string;
}

/** Namespaces, and the cables and bridges between them. */
export class Wiring {
  readonly hosts = new Map<string, Host>();
  /** Bridges of each host: their ports, by the host behind them. */
  readonly bridges = new Map<string, Map<string, Map<string, string>>>();
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #kernel: string;
  readonly #segments = new Map<string, Segment>();
  readonly #peers = new Map<string, End>();

  constructor(simulation: Simulation, kernel: string) {
    this.#simulation = simulation;
    this.#network = createNetwork(simulation, []);
    this.#kernel = kernel;
  }

  addHost(name: string): void {
    const nothing = { forwarding: false, interfaces: [], routes: [], sysctls: {} };
    const description = { name, kernel: this.#kernel, collectorInterval: recordedCollectorInterval, ...nothing };
    this.hosts.set(name, createHost(this.#simulation, this.#network, description));
  }

  /** `ip link add DEVICE type veth peer name PEER netns NAMESPACE`. */
  addPair(near: End, far: End, mtu: number, farMtu: number): void {
    const wire = this.#segment(`${near.host.host} ${near.device}`);
    near.host.stack.addDevice(near.device, wire, mtu);
    far.host.stack.addDevice(far.device, wire, farMtu);
    this.#peers.set(key(near), far);
    this.#peers.set(key(far), near);
  }

  addBridge(host: Host, name: string): void {
    host.stack.addDevice(name, this.#segment(`${host.host} ${name}`));
    const bridges = this.bridges.get(host.host) ?? new Map<string, Map<string, string>>();
    this.bridges.set(host.host, bridges.set(name, new Map()));
  }

  /** `ip link set DEVICE master BRIDGE`: what is at the cable's other end is now on the bridge. */
  plug(host: Host, device: string, bridge: string): boolean {
    const far = this.#peers.get(key({ host, device }));
    const segment = this.#segments.get(`${host.host} ${bridge}`);
    const old = far?.host.stack.devices.get(far.device);
    if (far === undefined || segment === undefined || old === undefined) return false;
    const { addresses, mtu } = old;
    far.host.stack.removeDevice(old);
    const moved = far.host.stack.addDevice(far.device, segment, mtu);
    for (const address of addresses) far.host.stack.addAddress(moved, address);
    this.bridges.get(host.host)?.get(bridge)?.set(far.host.host, device);
    return true;
  }

  /** Both ends of a cable go. */
  remove(host: Host, device: Device): void {
    const far = this.#peers.get(key({ host, device: device.name }));
    const other = far?.host.stack.devices.get(far.device);
    host.stack.removeDevice(device);
    if (far !== undefined && other !== undefined) far.host.stack.removeDevice(other);
  }

  /** As tcpdump sees it, a packet on a bridge goes by a port too: which, where the packet's other host is known. */
  portOf(host: string, device: string, other: string): string | undefined {
    return this.bridges.get(host)?.get(device)?.get(other);
  }

  #segment(name: string): Segment {
    const segment = new Segment(this.#simulation, this.#network.backlog, { name, quality, pairs: [] });
    this.#segments.set(name, segment);
    return segment;
  }
}

const key = ({ host, device }: End) => `${host.host} ${device}`;

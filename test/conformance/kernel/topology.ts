import type { Simulation } from '../../../src/engine/simulation.ts';
import { createHost, type Host } from '../../../src/kernel/host.ts';
import { familyOf, parseAddress, parsePrefix } from '../../../src/network/address.ts';
import { createNetwork, type Network } from '../../../src/network/network.ts';
import type { Address } from '../../../src/network/packet.ts';
import { Segment } from '../../../src/network/segment.ts';
import { recordedCollectorInterval } from '../../support/collector.ts';
import { type Row, text } from './recording.ts';

/** The address of the node on every pod's link, as krlib.py and krlib6.py have it. */
const nodeAddresses = { ipv4: '10.244.1.1', ipv6: 'fd00:10:244:1::1' } as const;
const quality = { latency: 10, jitter: 0, loss: 0 };

/** The namespaces of a recording, as krlib.py builds them. */
export class Topology {
  readonly node: Host;
  readonly hosts = new Map<string, Host>();
  /** Ports of bridges on the node: the device behind which they are. */
  readonly bridgePorts = new Map<string, string>();
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #kernel: string;
  readonly #mtus: ReadonlyMap<string, number>;

  /** `mtus`: of the links of pods, where they are not 1500. */
  constructor(simulation: Simulation, kernel: string, mtus: ReadonlyMap<string, number>) {
    this.#simulation = simulation;
    this.#network = createNetwork(simulation, []);
    this.#kernel = kernel;
    this.#mtus = mtus;
    this.node = this.#host('node', true);
  }

  /** The host that has an address. */
  owner(address: string): Host | undefined {
    const wanted = parseAddress(address) ?? 0;
    return [...this.hosts.values()].find((host) => host.owns(wanted));
  }

  /** False when the change is not understood. */
  apply(row: Row): boolean {
    switch (text(row, 'op')) {
      case 'pod-add':
        this.#addPod(text(row, 'pod'), text(row, 'ip'));
        return true;
      case 'gw-add':
        this.#addGateway(text(row, 'node_uplink'), text(row, 'gw'));
        return true;
      case 'bridge':
        this.#addBridge(text(row, 'node'), text(row, 'pod'));
        return true;
      case 'pod-del': {
        const device = this.node.stack.devices.get(`v-${text(row, 'pod')}`);
        if (device !== undefined) this.node.stack.removeDevice(device);
        return true;
      }
      default:
        return false;
    }
  }

  /** Point to point, as the ptp CNI does it: the whole address on both ends. */
  #addPod(name: string, ip: string): void {
    const wire = this.#segment(name);
    const mtu = this.#mtus.get(name);
    const family = familyOf(parseAddress(ip) ?? 0);
    const nodeAddress = nodeAddresses[family];
    this.#attach(this.node, `v-${name}`, wire, nodeAddress, mtu);
    const pod = this.#host(name, false);
    this.#attach(pod, 'eth0', wire, ip, mtu);
    pod.command(`ip route add ${nodeAddress} dev eth0; ip route add default via ${nodeAddress} dev eth0`);
    this.node.command(`ip route add ${ip} dev v-${name}`);
  }

  /** Forwards nothing, silently. */
  #addGateway(uplink: string, gateway: string): void {
    const wire = this.#segment('gw');
    this.#attach(this.node, 'uplink', wire, uplink);
    const host = this.#host('gw', true);
    this.#attach(host, 'eth0', wire, `${gateway}/${uplink.split('/')[1] ?? '24'}`);
    host.command(gateway.includes(':') ? 'ip -6 route add blackhole default' : 'ip route add blackhole default');
    this.node.command(`ip route add default via ${gateway} dev uplink`);
  }

  /** `cni0 10.244.2.1/24` on the node and `br1 10.244.2.20/24` behind it. */
  #addBridge(bridge: string, member: string): void {
    const [device = '', own = ''] = bridge.split(' ');
    const [name = '', ip = ''] = member.split(' ');
    const wire = this.#segment(device);
    this.#attach(this.node, device, wire, own);
    const pod = this.#host(name, false);
    this.#attach(pod, 'eth0', wire, ip);
    pod.command(`ip route add default via ${own.split('/')[0]}`);
    this.bridgePorts.set(device, `v-${name}`);
  }

  /** Gives the gateway's host an address that the recording's clients ask there. */
  addAddress(host: Host, address: Address): void {
    const device = host.stack.devices.get('eth0');
    const length = device?.addresses[0]?.length ?? 32;
    if (device === undefined || host.owns(address)) return;
    host.stack.addAddress(device, { address, length });
  }

  #segment(name: string): Segment {
    return new Segment(this.#simulation, this.#network.backlog, { name, quality, pairs: [] });
  }

  #attach(host: Host, device: string, wire: Segment, address: string, mtu?: number): void {
    const prefix = parsePrefix(address);
    if (prefix === undefined) throw new Error(`not an address: ${address}`);
    host.stack.addAddress(host.stack.addDevice(device, wire, mtu), prefix);
  }

  #host(name: string, forwarding: boolean): Host {
    const shared = { interfaces: [], routes: [], sysctls: {}, collectorInterval: recordedCollectorInterval };
    const description = { name, kernel: this.#kernel, forwarding, ...shared };
    const host = createHost(this.#simulation, this.#network, description);
    this.hosts.set(name, host);
    return host;
  }
}

// A node between pods and the network, with kube-proxy's rules for many Services: packets of known flows and of new ones.
import { readyEndpoint } from '../src/cluster/endpoint.ts';
import { IptablesProxier } from '../src/cluster/kube-proxy/iptables/proxier.ts';
import { type ProxiedService, settle } from '../src/cluster/kube-proxy/proxier.ts';
import { Recorder, type Sink } from '../src/engine/recorder.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { second } from '../src/engine/time.ts';
import { createHost, type Host } from '../src/kernel/host.ts';
import type { Device } from '../src/kernel/ip/device.ts';
import { parseAddress } from '../src/network/address.ts';
import { createNetwork } from '../src/network/network.ts';

const nothing: Sink = { write: () => {}, trace: () => {} };
const commitGap = { least: { kind: 'constant', value: 0 }, perLine: 0 } as const;
const payload = { size: 40 };
/** A prime: neighbours in the rules do not come one after the other. */
const step = 7919;

/** The nth address of a /8 or /9. */
function nth(first: string, n: number): string {
  return `${first}.${Math.floor(n / 65_025)}.${Math.floor(n / 255) % 255}.${(n % 255) + 1}`;
}

function serviceNo(n: number, generation: number): ProxiedService {
  return {
    name: `team-${n % 50}/service-${n}`,
    address: nth('11', n),
    ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 5353 }],
    endpoints: [readyEndpoint(nth(n === 0 ? `${13 + (generation % 2)}` : '12', n))],
    whenEmpty: 'reject',
  };
}

/** A node with so many Services of one end point each: two rules in long chains and five more for each. */
export class BusyNode {
  readonly #simulation = new Simulation('1', new Recorder(nothing));
  readonly #node: Host;
  readonly #uplink: Device;
  readonly #proxier: IptablesProxier;
  readonly #vips: readonly number[];
  readonly #client = number('10.1.0.9');
  #generation = 0;
  #services: readonly ProxiedService[];
  #flows = 0;

  constructor(count: number) {
    const quality = { latency: 1, jitter: 0, loss: 0 };
    const network = createNetwork(this.#simulation, [{ name: 'fabric', quality, pairs: [] }]);
    const host = (name: string, address: string, forwarding: boolean, route: string) =>
      createHost(this.#simulation, network, {
        name,
        kernel: '6.1',
        forwarding,
        interfaces: [{ name: 'eth0', segment: 'fabric', addresses: [`${address}/32`] }],
        routes: [
          { to: `${route}/32`, kind: 'unicast', device: 'eth0' },
          { to: 'default', kind: 'unicast', via: route, device: 'eth0' },
        ],
        sysctls: {},
      });
    host('router', '10.0.0.2', false, '10.0.0.1');
    this.#node = host('node', '10.0.0.1', true, '10.0.0.2');
    this.#node.sysctls.set('net.netfilter.nf_conntrack_max', 1_000_000);
    const uplink = this.#node.stack.devices.get('eth0');
    if (uplink === undefined) throw new Error('no device');
    this.#uplink = uplink;
    this.#services = Array.from({ length: count }, (_, n) => serviceNo(n, 0));
    this.#vips = this.#services.map(({ address }) => number(address));
    const site = { simulation: this.#simulation, host: this.#node, release: '1.29', podCidr: '10.0.0.0/8', commitGap };
    this.#proxier = new IptablesProxier(site);
    settle(this.#proxier, this.#services);
  }

  get rules(): number {
    return this.#node.netfilter.print().filter((line) => line.startsWith('-A')).length;
  }

  /** Packets of a thousand flows that are known already. */
  known(packets: number): void {
    for (let n = 0; n < packets; n++) this.#send(((n % 1000) * step) % this.#vips.length, 1024 + (n % 1000));
    this.#simulation.run(this.#simulation.now + second);
  }

  /** Each the first packet of its flow, to one Service after the other; those of before are forgotten. */
  fresh(packets: number): void {
    this.#simulation.run(this.#simulation.now + 200 * second);
    for (let n = 0; n < packets; n++, this.#flows++)
      this.#send((this.#flows * step) % this.#vips.length, 2048 + (n % 60_000));
    this.#simulation.run(this.#simulation.now + second);
  }

  /** A full sync after one Service has another end point: kube-proxy writes all its rules again. */
  sync(): void {
    const before = this.#services;
    this.#generation++;
    this.#services = before.with(0, serviceNo(0, this.#generation));
    const steps = this.#proxier.sync({ services: this.#services, before, full: true });
    for (const { take } of steps) take();
  }

  #send(service: number, sourcePort: number): void {
    const destination = this.#vips[service] ?? 0;
    const source = this.#client;
    this.#node.stack.receive(this.#uplink, {
      protocol: 'udp',
      source,
      sourcePort,
      destination,
      destinationPort: 53,
      ttl: 64,
      trace: 0,
      payload,
    });
  }
}

function number(text: string): number {
  const address = parseAddress(text);
  if (typeof address !== 'number') throw new Error(`not an address: ${text}`);
  return address;
}

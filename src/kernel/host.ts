import type { Process, TimedOut } from '../engine/process.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, millisecond } from '../engine/time.ts';
import {
  type AddressFamily,
  defaultRoute,
  familyOf,
  formatAddress,
  parseAddress,
  parsePrefix,
} from '../network/address.ts';
import type { Network } from '../network/network.ts';
import type { Address, Endpoint } from '../network/packet.ts';
import { type Problem, ProblemsFound, type Source } from '../problem/problem.ts';
import { runCommand } from './command.ts';
import { Tracker } from './conntrack/tracker.ts';
import type { HostDescription } from './description.ts';
import { deliveredFields } from './ip/describe.ts';
import type { SocketBuffer } from './ip/socket-buffer.ts';
import { IpStack } from './ip/stack.ts';
import { defaultTtl } from './ip/ttl.ts';
import { IpSets } from './ipset/sets.ts';
import { IpvsAdministration } from './ipvs/administration.ts';
import { Ipvs } from './ipvs/ipvs.ts';
import { Hooks } from './netfilter/hooks.ts';
import { commandPrinted, kernelLogged, natRule, packetDelivered } from './records.ts';
import { type KernelRules, kernelRules } from './releases.ts';
import type { SocketError, Sockets, TcpConnection, TcpListener, UdpOptions, UdpSocket } from './socket/socket.ts';
import { TcpSockets } from './socket/tcp.ts';
import { UdpSockets } from './socket/udp.ts';
import { Sysctls } from './sysctls.ts';

/** A Linux host (network namespace): devices, routes, rules, connection tracking and sockets. */
export class Host implements Sockets {
  readonly host: string;
  /** Its release, such as `5.15`. */
  readonly kernel: string;
  readonly rules: KernelRules;
  readonly sysctls: Sysctls;
  readonly stack: IpStack;
  readonly netfilter: Hooks;
  readonly conntrack: Tracker;
  /** What ipset holds. */
  readonly sets = new IpSets();
  readonly network: Network;
  readonly #simulation: Simulation;
  readonly #udp: UdpSockets;
  readonly #tcp: TcpSockets;
  #ipvs: Ipvs | undefined;
  #ipvsAdministration: IpvsAdministration | undefined;

  constructor(simulation: Simulation, network: Network, description: HostDescription) {
    const { name, kernel, kernelRules: own, collectorInterval } = description;
    this.host = name;
    this.kernel = kernel;
    this.network = network;
    this.#simulation = simulation;
    this.rules = kernelRules(kernel, own);
    this.sysctls = new Sysctls(this.rules);
    const { backlog } = network;
    const { sysctls, rules } = this;
    const draws = (part: string) => simulation.stream(`host/${name}/${part}`);
    this.conntrack = new Tracker({
      simulation,
      host: name,
      sysctls,
      rules,
      draws: draws('conntrack'),
      collectorInterval,
    });
    this.netfilter = new Hooks({
      tracker: this.conntrack,
      sets: this.sets,
      ipvs: (hook, buffer) => this.ipvs.handle(hook, buffer),
      natDraws: draws('nat'),
      statisticDraws: (source) => draws(`statistic/${formatAddress(source)}`),
      now: () => simulation.now,
      addressType: (address, device) => this.stack.ways.addressType(address, device),
      deviceTowards: (address) => this.stack.ways.deviceTo(address),
      masqueradeAddress: (device, destination) => this.stack.ways.masqueradeAddress(device, destination),
      onTranslation: ({ trace }, target, rule) => simulation.recorder.write(natRule, name, trace, target, { rule }),
      onLog: ({ trace }, text) => simulation.recorder.write(kernelLogged, name, trace, 'rule-log', { text }),
    });
    this.stack = new IpStack({
      simulation,
      backlog,
      name,
      netfilter: this.netfilter,
      deliver: (buffer) => this.#deliver(buffer),
      cpus: draws('cpus'),
      neighbours: draws('neighbours'),
      forwarding: (family) => this.sysctls.get(forwardingKnobs[family]) !== 0,
      errorInterval: (destination) => this.#errorInterval(destination),
    });
    const { stack } = this;
    const ports = draws('ports');
    this.#udp = new UdpSockets({ simulation, stack, host: name, ports, sysctls });
    this.#tcp = new TcpSockets({
      simulation,
      stack,
      host: name,
      ports,
      sysctls,
      rules,
      together: (sends) => backlog.run(sends),
    });
    this.#deliverIcmp = (buffer) => {
      const { packet } = buffer;
      simulation.recorder.write(packetDelivered, name, packet.trace, '', deliveredFields('kernel', packet));
    };
  }

  readonly #deliverIcmp: (buffer: SocketBuffer) => void;

  get ipvs(): Ipvs {
    this.#ipvs ??= new Ipvs({
      simulation: this.#simulation,
      host: this.host,
      sysctls: this.sysctls,
      rules: this.rules,
      tracker: this.conntrack,
      isLocal: (address) => this.owns(address),
    });
    return this.#ipvs;
  }

  /** What ipvsadm does. */
  get ipvsAdministration(): IpvsAdministration {
    this.#ipvsAdministration ??= new IpvsAdministration(this.#simulation, this.ipvs, {
      sysctls: this.sysctls,
      rules: this.rules,
      onFirst: () => this.netfilter.useIpvs(),
    });
    return this.#ipvsAdministration;
  }

  udp(options: UdpOptions): UdpSocket | SocketError {
    return this.#udp.open(options);
  }

  listen(local: Endpoint, owner: string, options: Pick<UdpOptions, 'reusePort'> = {}): TcpListener | SocketError {
    return this.#tcp.listen(local, owner, options);
  }

  connect(
    remote: Endpoint,
    options: { readonly owner: string; readonly trace: TraceId; readonly deadline: Micros; readonly bind?: Endpoint },
  ): Process<TcpConnection | SocketError | TimedOut> {
    return this.#tcp.connect(remote, options);
  }

  closeSockets(owner: string): void {
    this.#udp.closeOf(owner);
    this.#tcp.closeOf(owner);
  }

  /** Adds rules as `iptables-restore --noflush` does, or ip6tables-restore; a rule that is wrong is a mistake of the caller's. */
  restore(source: Source, family: AddressFamily = 'ipv4'): void {
    const problems: Problem[] = [];
    this.netfilter.restore(source, true, problems, family);
    if (problems.length > 0) throw new ProblemsFound(problems);
  }

  /** Runs what an operator would type on the host; a command that is wrong is a mistake of the caller's. */
  command(text: string): void {
    const problems: Problem[] = [];
    runCommand(this, { file: `${this.host}: command`, text }, problems);
    if (problems.length > 0) throw new ProblemsFound(problems);
  }

  /** Takes a line that a command prints. */
  readonly print = (command: string, text: string, stamped = false): void => {
    this.#simulation.recorder.write(commandPrinted, this.host, noTrace, '', { command, text, stamped });
  };

  owns(address: Address): boolean {
    return this.stack.owns(address);
  }

  sourceFor(destination: Address): Address | undefined {
    const source = this.stack.sourceFor(destination);
    return typeof source === 'string' ? undefined : source;
  }

  /** Hands a packet that has passed INPUT to its socket, or answers that nobody listens. */
  #deliver(buffer: SocketBuffer): void {
    const { packet } = buffer;
    switch (packet.protocol) {
      case 'udp':
        if (this.#udp.deliver(buffer)) return;
        this.stack.drop(buffer, 'socket', 'port-closed');
        this.stack.sendError(portUnreachable, buffer, { from: packet.destination });
        return;
      case 'tcp':
        if (this.#tcp.deliver(buffer)) return;
        this.stack.drop(buffer, 'socket', 'port-closed');
        this.#tcp.refuse(buffer);
        return;
      case 'icmp':
        this.#deliverIcmp(buffer);
        if (packet.type === 'echo-request') {
          this.#echo(buffer);
          return;
        }
        if (packet.about !== undefined && packet.mtu !== undefined)
          this.stack.pathMtus.learn(packet.about.destination, packet.mtu);
        if (packet.about?.protocol === 'udp') this.#udp.error(packet.about, packet);
        if (packet.about?.protocol === 'tcp') this.#tcp.error(packet.about, packet);
    }
  }

  /** Before 0201eedb69b2 IPv6 hosts that are reached by a wider prefix get more errors (net/ipv6/icmp.c). */
  #errorInterval(destination: Address): Micros {
    if (typeof destination === 'number') return this.sysctls.get('net.ipv4.icmp_ratelimit') * millisecond;
    const interval = this.sysctls.get('net.ipv6.icmp.ratelimit');
    const hostBits = this.rules.icmpv6FavoursPrefixes
      ? 128 - (this.stack.routes.lookup(destination)?.to.length ?? 128)
      : 0;
    return (interval >> (hostBits >> 5)) * millisecond;
  }

  #echo({ packet }: SocketBuffer): void {
    if (packet.protocol !== 'icmp') return;
    const { source, destination } = packet;
    this.stack.send({ ...packet, source: destination, destination: source, ttl: defaultTtl, type: 'echo-reply' });
  }
}

const forwardingKnobs = { ipv4: 'net.ipv4.ip_forward', ipv6: 'net.ipv6.conf.all.forwarding' } as const;
const portUnreachable = { type: 'destination-unreachable', code: 'port-unreachable' } as const;

/** A host as described. A malformed address or a missing segment is a mistake of the caller's. */
export function createHost(simulation: Simulation, network: Network, description: HostDescription): Host {
  const host = new Host(simulation, network, description);
  for (const { name, segment, mtu, addresses, proxied = [], captured = false } of description.interfaces) {
    const wire = segment === undefined ? undefined : network.segments.get(segment);
    if (segment !== undefined && wire === undefined) throw new Error(`${description.name}: no segment ${segment}`);
    const device = host.stack.addDevice(name, wire, mtu);
    device.captured = captured;
    device.proxied = proxied.map((address) => need(parseAddress(address), address));
    for (const address of addresses) host.stack.addAddress(device, need(parsePrefix(address), address));
  }
  for (const { to, kind, via, device } of description.routes) {
    const gateway = via === undefined ? undefined : need(parseAddress(via), via);
    const prefix = to === 'default' ? defaultRoute[familyOf(gateway ?? 0)] : need(parsePrefix(to), to);
    const out = device ?? (gateway === undefined ? undefined : host.stack.deviceTowards(gateway));
    host.stack.routes.add({ to: prefix, kind, via: gateway, device: out });
  }
  host.stack.overlap = description.overlap ?? 0;
  if (description.forwarding) for (const knob of Object.values(forwardingKnobs)) host.sysctls.set(knob, 1);
  for (const [name, value] of Object.entries(description.sysctls))
    if (!host.sysctls.set(name, value)) throw new Error(`${description.name}: no sysctl ${name}`);
  const { name, iptables = '', ip6tables = '' } = description;
  host.restore({ file: `${name}: iptables`, text: iptables });
  host.restore({ file: `${name}: ip6tables`, text: ip6tables }, 'ipv6');
  return host;
}

function need<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`not an address: ${text}`);
  return value;
}

import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { type AddressFamily, addressBits, familyOf, type Prefix } from '../../network/address.ts';
import type { Backlog } from '../../network/backlog.ts';
import { type Address, copyOf, type Fragment, type IcmpCode, type Packet } from '../../network/packet.ts';
import type { Port, Segment } from '../../network/segment.ts';
import { ipLength } from '../../network/size.ts';
import type { Errno } from '../socket/socket.ts';
import { LocalAddresses } from './addresses.ts';
import { Device, type DeviceOwner } from './device.ts';
import { fragmentsOf, Reassembly } from './fragments.ts';
import type { Hook, Netfilter, Verdict } from './hook.ts';
import { type IcmpErrorOptions, IcmpErrors } from './icmp-errors.ts';
import { Neighbours } from './neighbours.ts';
import { PacketLog } from './packet-log.ts';
import { PathMtus } from './path-mtu.ts';
import { resetFor } from './reset.ts';
import { type IcmpError, type Trouble, troubleErrors } from './route-failures.ts';
import type { Routes } from './routes.ts';
import { SocketBuffer } from './socket-buffer.ts';
import { type Onwards, Ways } from './ways.ts';

/** Where a packet that is for this host, or leaves it, passes last. */
type LastHook = 'INPUT' | 'POSTROUTING';

/** MTU of the loopback interface, and of what is plugged into Ethernet. */
const loopbackMtu = 65_536;
const ethernetMtu = 1500;

/** What the IP layer asks of the host that it works in. */
export interface StackSettings {
  readonly simulation: Simulation;
  readonly backlog: Backlog;
  readonly name: string;
  readonly netfilter: Netfilter;
  /** Draws of whether two CPUs are at work. */
  readonly cpus: RandomStream;
  /** Draws of how long a neighbour that has answered is not asked again. */
  readonly neighbours: RandomStream;
  /** Hands a packet for this host to its sockets. */
  readonly deliver: (buffer: SocketBuffer) => void;
  readonly forwarding: (family: AddressFamily) => boolean;
  /** How long it takes until one more ICMP error may go to an address; 0: they are not rationed. */
  readonly errorInterval: (destination: Address) => Micros;
}

/** The IP layer of one host: routes, forwarding, neighbours, ICMP errors, with netfilter's hooks on the way. */
export class IpStack implements DeviceOwner {
  readonly name: string;
  readonly ways: Ways;
  readonly devices = new Map<string, Device>();
  readonly pathMtus: PathMtus;
  /** Without power it is deaf and dumb: what comes is lost, and nobody is told. */
  powered = true;
  /** Share of new flows whose first packet another of the same instant overtakes before it is confirmed. */
  overlap = 0;
  readonly #settings: StackSettings;
  readonly #log: PacketLog;
  readonly #local = new LocalAddresses();
  readonly #errors: IcmpErrors;
  readonly #reassembly = new Reassembly();
  readonly #neighbours: Neighbours;
  #lastIndex = 1;
  readonly #loopback = new Device(this, { name: 'lo', index: 1, mtu: loopbackMtu });

  constructor(settings: StackSettings) {
    this.name = settings.name;
    this.#settings = settings;
    this.#log = new PacketLog(settings.simulation.recorder, settings.name);
    this.pathMtus = new PathMtus(settings.simulation);
    this.#neighbours = new Neighbours(settings.simulation, settings.neighbours, {
      transmit: (device, to, buffer) => this.#emit(device, to, buffer),
      vanish: (device, buffer) => this.#log.vanished(device, buffer.packet),
      failed: (buffer) => this.#unreachable(buffer),
    });
    this.#errors = new IcmpErrors({
      simulation: settings.simulation,
      host: settings.name,
      interval: settings.errorInterval,
      owns: (address) => this.owns(address),
      sourceFor: (destination) => this.sourceFor(destination),
    });
    this.devices.set('lo', this.#loopback);
    this.ways = new Ways(this.#local, this.devices, this.#loopback);
    this.addAddress(this.#loopback, { address: 0x7f000001, length: 8 });
    this.addAddress(this.#loopback, { address: 1n, length: 128 });
  }

  addDevice(name: string, segment: Segment | undefined, mtu = ethernetMtu): Device {
    const existing = this.devices.get(name);
    if (existing !== undefined) return existing;
    const device = new Device(this, { name, index: ++this.#lastIndex, mtu, segment });
    this.devices.set(name, device);
    this.ways.forget();
    return device;
  }

  /** `bridge`: it was a port of that one. */
  removeDevice(device: Device, bridge?: Device): void {
    if (device.port !== undefined) device.segment?.detach(device.port);
    this.devices.delete(device.name);
    for (const prefix of device.addresses) this.#local.remove(device, prefix, [...this.devices.values()]);
    this.ways.forget();
    this.routes.removeDevice(device.name);
    this.#neighbours.forget(device, bridge);
    this.#settings.netfilter.deviceGone(device);
  }

  get routes(): Routes {
    return this.ways.routes;
  }

  setUp(device: Device, up: boolean): void {
    if (device.up === up) return;
    device.up = up;
    this.ways.forget();
    if (up) for (const prefix of device.addresses) this.#addSubnetRoute(device, prefix);
    else {
      this.routes.removeDevice(device.name);
      this.#neighbours.forget(device);
      this.#settings.netfilter.deviceGone(device);
    }
  }

  addAddress(device: Device, prefix: Prefix): void {
    this.#local.add(device, prefix);
    this.ways.forget();
    if (device.up) this.#addSubnetRoute(device, prefix);
  }

  /** False when the device does not have it. */
  removeAddress(device: Device, prefix: Prefix): boolean {
    const gone = this.#local.remove(device, prefix, [...this.devices.values()]);
    for (const one of gone) {
      this.routes.removeAddress(device, one);
      this.#settings.netfilter.deviceGone(device, one.address);
    }
    return gone.length > 0;
  }

  /** The most octets of an IP packet that go to an address in one piece, as far as this host knows. */
  mtuTowards(destination: Address): number {
    const way = this.ways.to(destination);
    return this.pathMtus.limit(destination, 'error' in way ? ethernetMtu : way.device.mtu);
  }

  owns(address: Address): boolean {
    return this.#local.owns(address);
  }

  /** The source address that a packet to `destination` gets, or why there is no way. */
  sourceFor(destination: Address): Address | Errno {
    return this.ways.sourceFor(destination);
  }

  /** Sends a packet made on this host; answers at once when it cannot leave. */
  send(packet: Packet, inherit?: SocketBuffer): Errno | undefined {
    return this.#settings.backlog.run(() => this.#output(packet, inherit));
  }

  /** A packet from outside. A fragment waits for the others, whether or not it is for this host (nf_defrag_ipv4). */
  receive(device: Device, packet: Packet, fragment?: Fragment): void {
    if (!device.up) return;
    this.#log.seen(device, packet, fragment);
    const buffer = new SocketBuffer(packet, device);
    if (!this.powered) {
      this.drop(buffer, 'power', 'no-power');
      return;
    }
    if (fragment !== undefined) {
      buffer.largestFragment = this.#reassembly.take(packet, fragment);
      if (buffer.largestFragment === undefined) return;
    }
    if (!this.#pass('PREROUTING', buffer)) return;
    this.#route(buffer);
  }

  /** An ICMP error about a packet, if the allowance lets it go. */
  sendError(error: IcmpError, about: SocketBuffer, options: IcmpErrorOptions = {}): void {
    const packet = this.#errors.about(about.packet, error, options);
    if (packet !== undefined) this.send(packet, about);
  }

  drop(buffer: SocketBuffer, where: string, cause: string, rule = ''): void {
    this.#log.dropped(buffer.packet, where, cause, rule);
  }

  #output(packet: Packet, inherit: SocketBuffer | undefined): Errno | undefined {
    const buffer = new SocketBuffer(packet, undefined);
    if (!this.powered) {
      this.drop(buffer, 'power', 'no-power');
      return undefined;
    }
    if (inherit !== undefined) this.#settings.netfilter.inherit(buffer, inherit);
    const first = this.ways.to(packet.destination);
    if ('error' in first) return this.#noWay(buffer, first);
    buffer.output = first.device;
    const limit = this.pathMtus.limit(packet.destination, first.device.mtu);
    if (packet.protocol !== 'tcp' && ipLength(packet) > limit) buffer.largestFragment = limit;
    if (!this.#pass('OUTPUT', buffer)) return 'EPERM';
    const way = buffer.packet.destination === packet.destination ? first : this.ways.to(buffer.packet.destination);
    if ('error' in way) return this.#noWay(buffer, way);
    this.#leave(buffer, way);
    return undefined;
  }

  #noWay(buffer: SocketBuffer, way: { error: Errno; kind: string }): Errno {
    this.drop(buffer, 'routing', `route-${way.kind}`);
    return way.error;
  }

  #route(buffer: SocketBuffer): void {
    const { source, destination } = buffer.packet;
    // Nobody else has an address of this host (fib_validate_source; IPv6 does not look).
    if (typeof source === 'number' && buffer.input !== this.#loopback && this.owns(source)) {
      this.drop(buffer, 'routing', 'martian-source');
      return;
    }
    if (this.owns(destination)) {
      this.#end('INPUT', buffer);
      return;
    }
    if (!this.#settings.forwarding(familyOf(destination))) {
      this.drop(buffer, 'routing', 'not-forwarding');
      return;
    }
    const way = this.ways.to(destination);
    if ('error' in way) {
      const trouble = way.kind === 'none' || way.kind === 'unicast' ? 'no-route' : way.kind;
      this.drop(buffer, 'routing', `route-${way.kind}`);
      if (trouble !== 'blackhole') this.#tell(trouble, buffer, { forRoute: true });
      return;
    }
    if (!this.#hops(buffer, way.device)) return;
    if (way.device === buffer.input && this.ways.isDirect(buffer.packet.source)) this.#errors.redirect(buffer.packet);
    buffer.output = way.device;
    if (this.#pass('FORWARD', buffer)) this.#leave(buffer, way);
  }

  /** Takes a hop off the packet's lifetime, if it has one left and fits the device; else its sender is told. */
  #hops(buffer: SocketBuffer, device: Device): boolean {
    const { ttl } = buffer.packet;
    if (ttl <= 1) {
      this.drop(buffer, 'routing', 'ttl-exceeded');
      this.#tell('hop-limit', buffer);
      return false;
    }
    if (!this.#fits(buffer, device)) return false;
    const onwards = copyOf(buffer.packet);
    onwards.ttl = ttl - 1;
    buffer.packet = onwards;
    return true;
  }

  /** As a packet of this host's own, which may however have come from outside (ip_vs_nat_xmit). */
  #redirect(buffer: SocketBuffer): void {
    const way = this.ways.to(buffer.packet.destination);
    if ('error' in way) {
      this.drop(buffer, 'routing', `route-${way.kind}`);
      this.#tell('unreachable', buffer);
      return;
    }
    if (!this.#hops(buffer, way.device)) return;
    buffer.input = undefined;
    buffer.output = way.device;
    if (this.#pass('OUTPUT', buffer)) this.#leave(buffer, way);
  }

  /** The last steps of a packet that leaves: POSTROUTING, then the neighbour; a local one comes back in by `lo`. */
  #leave(buffer: SocketBuffer, { device, nextHop }: Onwards): void {
    buffer.output = device;
    buffer.nextHop = nextHop;
    this.#end('POSTROUTING', buffer);
  }

  /** The hook where NAT decides on the source, and then its flow is entered: with several CPUs another may come before either. */
  #end(hook: LastHook, buffer: SocketBuffer): void {
    const overtaken = this.#overtaken(buffer);
    if (overtaken === 'before NAT') this.#later(() => this.#decide(hook, buffer, false));
    else this.#decide(hook, buffer, overtaken === 'before entry');
  }

  #decide(hook: LastHook, buffer: SocketBuffer, isOvertaken: boolean): void {
    if (!this.#pass(hook, buffer)) return;
    if (isOvertaken) this.#later(() => this.#enter(hook, buffer));
    else this.#enter(hook, buffer);
  }

  /** Its flow is entered; then it goes to its socket, or out. */
  #enter(hook: LastHook, buffer: SocketBuffer): void {
    const lastWord = this.#settings.netfilter.confirm(buffer);
    if (!this.#accepts(lastWord, hook, buffer)) return;
    if (hook === 'INPUT') this.#settings.deliver(buffer);
    else if (buffer.output !== undefined) this.#go(buffer, buffer.output, buffer.nextHop);
  }

  #go(buffer: SocketBuffer, device: Device, nextHop: Address): void {
    if (!this.#fits(buffer, device)) return;
    if (device === this.#loopback) this.#loop(buffer);
    else this.#neighbours.send(device, nextHop, buffer);
  }

  /** With several CPUs another packet of this instant may be faster. */
  #overtaken({ ctState }: SocketBuffer): 'before NAT' | 'before entry' | undefined {
    const { cpus } = this.#settings;
    if (this.overlap === 0 || ctState !== 'new' || cpus.fraction() >= this.overlap) return;
    return cpus.fraction() < 0.5 ? 'before NAT' : 'before entry';
  }

  #later(action: () => void): void {
    const { simulation } = this.#settings;
    simulation.at(simulation.now, action);
  }

  #loop(buffer: SocketBuffer): void {
    this.#log.sent(this.#loopback, this.#loopback, buffer.packet);
    const resume = () => {
      buffer.input = this.#loopback;
      buffer.output = undefined;
      if (this.#pass('PREROUTING', buffer)) this.#route(buffer);
    };
    this.#settings.backlog.put({ resume });
  }

  #emit(device: Device, to: Port, buffer: SocketBuffer): void {
    const { packet, largestFragment } = buffer;
    const limit = largestFragment === undefined ? device.mtu : Math.min(largestFragment, device.mtu);
    if (ipLength(packet) <= limit) this.#put(device, to, packet);
    else for (const fragment of fragmentsOf(packet, limit)) this.#put(device, to, packet, fragment);
  }

  #put(device: Device, to: Port, packet: Packet, fragment?: Fragment): void {
    this.#log.sent(device, to.station, packet, fragment);
    if (device.port !== undefined) device.segment?.carry(device.port, to, packet, fragment);
  }

  /** Can it leave by a device? What is too large and must not be cut, as nothing of IPv6 is by others than its sender, ends here. */
  #fits(buffer: SocketBuffer, { mtu }: Device): boolean {
    const { packet, largestFragment } = buffer;
    if (ipLength(packet) <= mtu) return true;
    const isIpv6 = typeof packet.source === 'bigint';
    if (largestFragment !== undefined && (!isIpv6 || largestFragment <= mtu)) return true;
    this.drop(buffer, 'routing', 'larger-than-mtu');
    this.#tell('too-big', buffer, { mtu });
    return false;
  }

  /** Nobody answered for the next hop. */
  #unreachable(buffer: SocketBuffer): void {
    this.drop(buffer, 'neighbour', 'no-neighbour');
    this.#tell('no-neighbour', buffer);
  }

  /** Tells a packet's sender why it ends here. */
  #tell(trouble: Trouble, buffer: SocketBuffer, options: IcmpErrorOptions = {}): void {
    this.sendError(troubleErrors[familyOf(buffer.packet.source)][trouble], buffer, options);
  }

  #pass(hook: Hook, buffer: SocketBuffer): boolean {
    return this.#accepts(this.#settings.netfilter.run(hook, buffer), hook, buffer);
  }

  #accepts(result: Verdict, hook: Hook, buffer: SocketBuffer): boolean {
    if (result.verdict === 'accept') return true;
    if (result.verdict === 'redirect') {
      this.#redirect(buffer);
      return false;
    }
    this.drop(buffer, hook, result.cause, result.rule);
    if (result.reject !== undefined) this.#reject(result.reject, hook, buffer);
    return false;
  }

  #reject(how: IcmpCode | 'tcp-reset', hook: Hook, buffer: SocketBuffer): void {
    if (how !== 'tcp-reset') {
      this.sendError({ type: 'destination-unreachable', code: how }, buffer);
      return;
    }
    const reset = resetFor(buffer.packet);
    if (reset !== undefined) this.send(reset, hook === 'OUTPUT' ? undefined : buffer);
  }

  /** The device by which a gateway is reached. */
  deviceTowards(gateway: Address): string | undefined {
    const way = this.ways.to(gateway);
    return 'error' in way ? undefined : way.device.name;
  }

  #addSubnetRoute(device: Device, prefix: Prefix): void {
    if (prefix.length < addressBits(prefix.address) && device !== this.#loopback)
      this.routes.add({ to: prefix, kind: 'unicast', via: undefined, device: device.name });
  }
}

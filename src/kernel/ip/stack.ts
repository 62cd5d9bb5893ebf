import type { Simulation } from '../../engine/simulation.ts';
import { formatAddress, isLoopback, networkOf, type Prefix } from '../../network/address.ts';
import type { Backlog } from '../../network/backlog.ts';
import type { Address, IcmpCode, IcmpType, Packet } from '../../network/packet.ts';
import type { Segment, Station } from '../../network/segment.ts';
import type { AddressType } from '../netfilter/rule.ts';
import { icmpWithheld, packetDropped, packetSent } from '../records.ts';
import type { Errno } from '../socket/socket.ts';
import { IcmpAllowance } from './allowance.ts';
import { packetFields } from './describe.ts';
import type { Device } from './device.ts';
import { Neighbours } from './neighbours.ts';
import { type Route, type RouteKind, Routes } from './routes.ts';
import { SocketBuffer } from './socket-buffer.ts';

/** net.ipv4.ip_default_ttl. */
export const defaultTtl = 64;

/** What a hook decides. `reject`: the packet ends here and its sender is told. */
export type Verdict =
  | { readonly verdict: 'accept' }
  | {
      readonly verdict: 'drop';
      readonly cause: string;
      /** The rule that did it, as iptables-save prints it; empty where none did. */
      readonly rule: string;
      readonly reject?: IcmpCode | 'tcp-reset';
    };

export const accepted: Verdict = { verdict: 'accept' };

/** The five places where netfilter looks at a packet. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** What the stack asks of netfilter. */
export interface Netfilter {
  run(hook: Hook, buffer: SocketBuffer): Verdict;
  /** An ICMP error made here belongs to the flow of the packet that it is about. */
  inherit(error: SocketBuffer, about: SocketBuffer): void;
  /** A device or address went away. */
  deviceGone(device: Device): void;
}

/** errno of a send that meets such a route. */
const routeErrors: Readonly<Record<Exclude<RouteKind, 'unicast'>, Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
};

/** What a forwarded packet that meets such a route is answered with. */
const routeReplies: Readonly<Record<Exclude<RouteKind, 'unicast'>, IcmpCode | undefined>> = {
  blackhole: undefined,
  unreachable: 'host-unreachable',
  prohibit: 'admin-prohibited',
};

type Way =
  | { readonly device: Device; readonly nextHop: Address }
  | { readonly error: Errno; readonly kind: RouteKind | 'none' };

export interface StackSettings {
  readonly simulation: Simulation;
  readonly backlog: Backlog;
  readonly name: string;
  readonly netfilter: Netfilter;
  /** Hands a packet for this host to its sockets. */
  readonly deliver: (buffer: SocketBuffer) => void;
  /** net.ipv4.ip_forward. */
  readonly forwarding: () => boolean;
}

/** The IP layer of one host: routes, forwarding, neighbours, ICMP errors, with netfilter's hooks on the way. */
export class IpStack {
  readonly routes = new Routes();
  readonly devices = new Map<string, Device>();
  readonly #settings: StackSettings;
  readonly #local = new Map<Address, Device>();
  readonly #allowance = new IcmpAllowance();
  readonly #neighbours: Neighbours;
  #lastIndex = 1;
  readonly #loopback: Device = {
    name: 'lo',
    index: 1,
    segment: undefined,
    station: undefined,
    addresses: [],
    up: true,
  };

  constructor(settings: StackSettings) {
    this.#settings = settings;
    this.#neighbours = new Neighbours(settings.simulation, {
      transmit: (device, station, buffer) => this.#emit(device, station, buffer),
      failed: (buffer) => this.#unreachable(buffer),
    });
    this.devices.set('lo', this.#loopback);
    this.addAddress(this.#loopback, { address: 0x7f000001, length: 8 });
  }

  addDevice(name: string, segment: Segment | undefined): Device {
    const existing = this.devices.get(name);
    if (existing !== undefined) return existing;
    const station: Station | undefined = segment && {
      host: this.#settings.name,
      device: name,
      answersFor: (address) => device.up && this.owns(address),
      arrive: (packet) => this.receive(device, packet),
    };
    const device: Device = { name, index: ++this.#lastIndex, segment, station, addresses: [], up: true };
    if (segment !== undefined && station !== undefined) segment.attach(station);
    this.devices.set(name, device);
    return device;
  }

  removeDevice(device: Device): void {
    if (device.segment !== undefined && device.station !== undefined) device.segment.detach(device.station);
    this.devices.delete(device.name);
    for (const prefix of device.addresses) this.#forget(device, prefix);
    device.addresses = [];
    this.routes.removeDevice(device.name);
    this.#neighbours.forget(device);
    this.#settings.netfilter.deviceGone(device);
  }

  setUp(device: Device, up: boolean): void {
    if (device.up === up) return;
    device.up = up;
    if (up) for (const prefix of device.addresses) this.#addSubnetRoute(device, prefix);
    else {
      this.routes.removeDevice(device.name);
      this.#neighbours.forget(device);
      this.#settings.netfilter.deviceGone(device);
    }
  }

  addAddress(device: Device, prefix: Prefix): void {
    device.addresses = [...device.addresses, prefix];
    this.#local.set(prefix.address, device);
    if (device.up) this.#addSubnetRoute(device, prefix);
  }

  /** False when the device does not have it. */
  removeAddress(device: Device, prefix: Prefix): boolean {
    const rest = device.addresses.filter((p) => p.address !== prefix.address || p.length !== prefix.length);
    if (rest.length === device.addresses.length) return false;
    device.addresses = rest;
    this.#forget(device, prefix);
    this.routes.remove(prefix, (r) => r.device === device.name && r.via === undefined);
    return true;
  }

  owns(address: Address): boolean {
    return this.#local.has(address) || isLoopback(address);
  }

  /** The source address that a packet to `destination` gets, or why there is no way. */
  sourceFor(destination: Address): Address | Errno {
    const holder = this.#local.get(destination);
    if (holder !== undefined) return primaryOf(holder, destination);
    if (isLoopback(destination)) return 0x7f000001;
    const way = this.#way(destination);
    if ('error' in way) return way.error;
    return this.#addressOf(way.device, way.nextHop) ?? 'EADDRNOTAVAIL';
  }

  /** Sends a packet made on this host; answers at once when it cannot leave. */
  send(packet: Packet, inherit?: SocketBuffer): Errno | undefined {
    return this.#settings.backlog.run(() => this.#output(packet, inherit));
  }

  receive(device: Device, packet: Packet): void {
    if (!device.up) return;
    const buffer = new SocketBuffer(packet, device);
    if (!this.#pass('PREROUTING', buffer)) return;
    this.#route(buffer);
  }

  /** An ICMP error about a packet, if the allowance lets it go. `from`: its source where that is given. */
  sendError(type: IcmpType, code: IcmpCode, about: SocketBuffer, from?: Address): void {
    const { packet } = about;
    if (packet.protocol === 'icmp' && packet.about !== undefined) return;
    const local = this.owns(packet.source);
    if (!local && !this.#allowance.take(packet.source, this.#settings.simulation.now)) {
      this.#settings.simulation.recorder.write(icmpWithheld, this.#settings.name, packet.trace, 'icmp-allowance', {
        destination: formatAddress(packet.source),
        code,
      });
      return;
    }
    const source = from ?? (this.owns(packet.destination) ? packet.destination : this.sourceFor(packet.source));
    if (typeof source !== 'number') return;
    const { trace } = packet;
    this.send(
      { protocol: 'icmp', source, destination: packet.source, ttl: defaultTtl, trace, type, code, about: packet },
      about,
    );
  }

  drop(buffer: SocketBuffer, where: string, cause: string, rule = ''): void {
    const { recorder } = this.#settings.simulation;
    recorder.write(packetDropped, this.#settings.name, buffer.packet.trace, cause, {
      where,
      rule,
      ...packetFields(buffer.packet),
    });
  }

  #output(packet: Packet, inherit: SocketBuffer | undefined): Errno | undefined {
    const buffer = new SocketBuffer(packet, undefined);
    if (inherit !== undefined) this.#settings.netfilter.inherit(buffer, inherit);
    const first = this.#way(packet.destination);
    if ('error' in first) return this.#noWay(buffer, first);
    buffer.output = first.device;
    if (!this.#pass('OUTPUT', buffer)) return 'EPERM';
    const way = buffer.packet.destination === packet.destination ? first : this.#way(buffer.packet.destination);
    if ('error' in way) return this.#noWay(buffer, way);
    this.#leave(buffer, way.device, way.nextHop);
    return undefined;
  }

  #noWay(buffer: SocketBuffer, way: { error: Errno; kind: string }): Errno {
    this.drop(buffer, 'routing', `route-${way.kind}`);
    return way.error;
  }

  #route(buffer: SocketBuffer): void {
    const { destination, ttl } = buffer.packet;
    if (this.owns(destination)) {
      this.#input(buffer);
      return;
    }
    if (!this.#settings.forwarding()) {
      this.drop(buffer, 'routing', 'not-forwarding');
      return;
    }
    const way = this.#way(destination);
    if ('error' in way) {
      const reply = way.kind === 'none' || way.kind === 'unicast' ? 'net-unreachable' : routeReplies[way.kind];
      this.drop(buffer, 'routing', `route-${way.kind}`);
      if (reply !== undefined) this.sendError('destination-unreachable', reply, buffer);
      return;
    }
    if (ttl <= 1) {
      this.drop(buffer, 'routing', 'ttl-exceeded');
      this.sendError('time-exceeded', 'none', buffer);
      return;
    }
    buffer.packet = { ...buffer.packet, ttl: ttl - 1 };
    buffer.output = way.device;
    if (this.#pass('FORWARD', buffer)) this.#leave(buffer, way.device, way.nextHop);
  }

  #input(buffer: SocketBuffer): void {
    if (this.#pass('INPUT', buffer)) this.#settings.deliver(buffer);
  }

  /** The last steps of a packet that leaves: POSTROUTING, then the neighbour; a local one comes back in by `lo`. */
  #leave(buffer: SocketBuffer, device: Device, nextHop: Address): void {
    buffer.output = device;
    if (!this.#pass('POSTROUTING', buffer)) return;
    if (device === this.#loopback) this.#loop(buffer);
    else this.#neighbours.send(device, nextHop, buffer);
  }

  #loop(buffer: SocketBuffer): void {
    this.#recordSent(this.#loopback, { host: this.#settings.name, device: 'lo' }, buffer);
    this.#settings.backlog.put(() => {
      buffer.input = this.#loopback;
      buffer.output = undefined;
      if (this.#pass('PREROUTING', buffer)) this.#route(buffer);
    });
  }

  #emit(device: Device, to: Station, buffer: SocketBuffer): void {
    this.#recordSent(device, to, buffer);
    if (device.segment !== undefined && device.station !== undefined)
      device.segment.carry(device.station, to, buffer.packet);
  }

  #recordSent(device: Device, to: Pick<Station, 'host' | 'device'>, { packet }: SocketBuffer): void {
    this.#settings.simulation.recorder.write(packetSent, this.#settings.name, packet.trace, '', {
      device: device.name,
      to: to.host,
      toDevice: to.device,
      ...packetFields(packet),
    });
  }

  /** Nobody answered for the next hop. */
  #unreachable(buffer: SocketBuffer): void {
    this.drop(buffer, 'neighbour', 'no-neighbour');
    this.sendError('destination-unreachable', 'host-unreachable', buffer);
  }

  #pass(hook: Hook, buffer: SocketBuffer): boolean {
    const result = this.#settings.netfilter.run(hook, buffer);
    if (result.verdict === 'accept') return true;
    this.drop(buffer, hook, result.cause, result.rule);
    if (result.reject !== undefined) this.#reject(result.reject, hook, buffer);
    return false;
  }

  #reject(how: IcmpCode | 'tcp-reset', hook: Hook, buffer: SocketBuffer): void {
    if (how !== 'tcp-reset') {
      this.sendError('destination-unreachable', how, buffer);
      return;
    }
    const { packet } = buffer;
    if (packet.protocol !== 'tcp' || packet.rst) return;
    this.send(
      {
        ...packet,
        source: packet.destination,
        destination: packet.source,
        sourcePort: packet.destinationPort,
        destinationPort: packet.sourcePort,
        ttl: defaultTtl,
        syn: false,
        fin: false,
        rst: true,
        ack: !packet.ack,
        sequence: packet.ack ? packet.acknowledgement : 0,
        acknowledgement: packet.ack ? 0 : packet.sequence + packet.length + (packet.syn ? 1 : 0) + (packet.fin ? 1 : 0),
        length: 0,
        payloads: [],
      },
      hook === 'OUTPUT' ? undefined : buffer,
    );
  }

  #way(destination: Address): Way {
    if (this.owns(destination)) return { device: this.#loopback, nextHop: destination };
    const route: Route | undefined = this.routes.lookup(destination);
    if (route === undefined) return { error: 'ENETUNREACH', kind: 'none' };
    if (route.kind !== 'unicast') return { error: routeErrors[route.kind], kind: route.kind };
    const device = this.devices.get(route.device ?? '');
    if (device === undefined || !device.up) return { error: 'ENETUNREACH', kind: 'none' };
    return { device, nextHop: route.via ?? destination };
  }

  /** An address of the device, best in the network of the next hop; else any address of the host but loopback. */
  #addressOf(device: Device, nextHop: Address): Address | undefined {
    const near = device.addresses.find((p) => networkOf(p.address, p.length) === networkOf(nextHop, p.length));
    const first = near ?? device.addresses[0];
    if (first !== undefined) return first.address;
    for (const address of this.#local.keys()) if (!isLoopback(address)) return address;
    return undefined;
  }

  /** What `-m addrtype` calls an address. */
  addressType(address: Address): AddressType {
    if (this.owns(address)) return 'LOCAL';
    if (address === 0xffffffff) return 'BROADCAST';
    if (address >>> 28 === 14) return 'MULTICAST';
    const kind = this.routes.lookup(address)?.kind ?? 'unicast';
    return kind === 'unicast'
      ? 'UNICAST'
      : kind === 'blackhole'
        ? 'BLACKHOLE'
        : kind === 'unreachable'
          ? 'UNREACHABLE'
          : 'PROHIBIT';
  }

  /** The device by which a gateway is reached. */
  deviceTowards(gateway: Address): string | undefined {
    const way = this.#way(gateway);
    return 'error' in way ? undefined : way.device.name;
  }

  /** The address that MASQUERADE gives to what leaves by a device. */
  masqueradeAddress(device: Device, destination: Address): Address | undefined {
    const way = this.#way(destination);
    return this.#addressOf(device, 'error' in way ? destination : way.nextHop);
  }

  #addSubnetRoute(device: Device, prefix: Prefix): void {
    if (prefix.length < 32 && device !== this.#loopback)
      this.routes.add({ to: prefix, kind: 'unicast', via: undefined, device: device.name });
  }

  /** An address leaves a device; others may have it too, as the node's address on every pod's link. */
  #forget(device: Device, { address }: Prefix): void {
    if (this.#local.get(address) !== device) return;
    this.#local.delete(address);
    for (const other of this.devices.values())
      if (other !== device && other.addresses.some((p) => p.address === address)) this.#local.set(address, other);
  }
}

/** The first address of the same subnet on that device: what the local route's source is. */
function primaryOf(device: Device, address: Address): Address {
  const own = device.addresses.find((p) => p.address === address);
  if (own === undefined) return address;
  const primary = device.addresses.find(
    (p) => p.length === own.length && networkOf(p.address, p.length) === networkOf(address, p.length),
  );
  return primary?.address ?? address;
}

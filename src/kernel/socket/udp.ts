import type { TimedOut, Waits } from '../../engine/process.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { familyOf, formatEndpoint, hears, isUnspecified, unspecified } from '../../network/address.ts';
import type { Address, Endpoint, Packet, Payload } from '../../network/packet.ts';
import { deliveredFields, packetFields } from '../ip/describe.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { IpStack } from '../ip/stack.ts';
import { defaultTtl } from '../ip/ttl.ts';
import { packetDelivered, packetDropped, socketError } from '../records.ts';
import type { Sysctls } from '../sysctls.ts';
import { ByPort } from './by-port.ts';
import { troubleOf } from './icmp-errors.ts';
import { Inbox } from './inbox.ts';
import { ephemeralPort } from './ports.ts';
import { bufferUse } from './receive-buffer.ts';
import { type Datagram, type Errno, isSocketError, SocketError, type UdpOptions, type UdpSocket } from './socket.ts';

type UdpPacket = Packet & { protocol: 'udp' };

export interface SocketSettings {
  readonly simulation: Simulation;
  readonly stack: IpStack;
  readonly host: string;
  readonly sysctls: Sysctls;
  /** Draws of ephemeral ports. */
  readonly ports: RandomStream;
}

/** All UDP sockets of a host. */
export class UdpSockets {
  readonly #settings: SocketSettings;
  readonly #byPort = new ByPort<UdpEndpoint>();

  constructor(settings: SocketSettings) {
    this.#settings = settings;
  }

  open(options: UdpOptions): UdpSocket | SocketError {
    const socket = new UdpEndpoint(this.#settings, this, options);
    const { bind } = options;
    if (bind === undefined) return socket;
    if (!isUnspecified(bind.address) && !this.#settings.stack.owns(bind.address))
      return new SocketError('EADDRNOTAVAIL');
    const failure = this.bind(socket, bind);
    return failure === undefined ? socket : new SocketError(failure);
  }

  /** Gives a socket its port; port 0 picks one. */
  bind(socket: UdpEndpoint, { address, port }: Endpoint): Errno | undefined {
    const taken = (p: number) => this.#taken(address, p, socket);
    const chosen = port !== 0 ? port : ephemeralPort(this.#settings.ports, taken);
    if (chosen === undefined || (port !== 0 && taken(port))) return 'EADDRINUSE';
    socket.local = { address, port: chosen };
    this.#byPort.add(socket);
    return undefined;
  }

  release(socket: UdpEndpoint): void {
    this.#byPort.remove(socket);
  }

  closeOf(owner: string): void {
    for (const socket of this.#byPort.all()) if (socket.owner === owner) socket.close();
  }

  /** A datagram for this host; false when nobody listens there. */
  deliver({ packet }: SocketBuffer): boolean {
    if (packet.protocol !== 'udp') return false;
    const { source, sourcePort, destination, destinationPort } = packet;
    const socket = this.#find(destination, destinationPort, { address: source, port: sourcePort });
    socket?.arrive(packet);
    return socket !== undefined;
  }

  /** An ICMP error about a datagram that this host sent. */
  error(about: UdpPacket, error: Packet & { protocol: 'icmp' }): void {
    const found = troubleOf(error);
    const peer = { address: about.destination, port: about.destinationPort };
    if (found !== undefined) this.#find(about.source, about.sourcePort, peer)?.fail(found.error, found.hard, about);
  }

  /** The socket that fits best: one connected to the peer before one that is not, a bound address before any. */
  #find(address: Address, port: number, peer: Endpoint): UdpEndpoint | undefined {
    let best: UdpEndpoint | undefined;
    let bestScore = -1;
    for (const socket of this.#byPort.around(port)) {
      if (socket.local.port !== port || !hears(socket.local.address, address)) continue;
      if (socket.peer !== undefined && (socket.peer.address !== peer.address || socket.peer.port !== peer.port))
        continue;
      const score = (isUnspecified(socket.local.address) ? 0 : 1) + (socket.peer === undefined ? 0 : 2);
      if (score > bestScore || (score === bestScore && socket.reusesAddress)) [best, bestScore] = [socket, score];
    }
    return best;
  }

  #taken(address: Address, port: number, by: UdpEndpoint): boolean {
    return this.#byPort
      .around(port)
      .some(
        ({ local, reusesPort, reusesAddress }) =>
          local.port === port &&
          (hears(local.address, address) || hears(address, local.address)) &&
          !(by.reusesPort && reusesPort) &&
          !(by.reusesAddress && reusesAddress),
      );
  }
}

class UdpEndpoint implements UdpSocket {
  local: Endpoint = { address: 0, port: 0 };
  peer: Endpoint | undefined;
  readonly #settings: SocketSettings;
  readonly #sockets: UdpSockets;
  readonly #options: UdpOptions;
  readonly #inbox: Inbox<Datagram | SocketError>;
  #closed = false;

  constructor(settings: SocketSettings, sockets: UdpSockets, options: UdpOptions) {
    this.#settings = settings;
    this.#sockets = sockets;
    this.#options = options;
    this.#inbox = new Inbox(settings.simulation);
  }

  get owner(): string {
    return this.#options.owner;
  }

  get reusesPort(): boolean {
    return this.#options.reusePort === true;
  }

  get reusesAddress(): boolean {
    return this.#options.reuseAddress === true;
  }

  connect(peer: Endpoint): SocketError | undefined {
    const source = this.#settings.stack.sourceFor(peer.address);
    if (typeof source === 'string') return new SocketError(source);
    const address = isUnspecified(this.local.address) ? source : this.local.address;
    if (this.local.port === 0) {
      const failure = this.#sockets.bind(this, { address, port: 0 });
      if (failure !== undefined) return new SocketError(failure);
    } else this.local = { address, port: this.local.port };
    this.peer = peer;
    return undefined;
  }

  send(payload: Payload, trace: TraceId, to?: Endpoint, from?: Endpoint): SocketError | undefined {
    const pending = this.#inbox.takeIf(isSocketError);
    if (pending !== undefined) return pending;
    const peer = to ?? this.peer;
    if (this.#closed || peer === undefined) return new SocketError('EINVAL');
    if (this.local.port === 0) {
      const failure = this.#sockets.bind(this, { address: unspecified[familyOf(peer.address)], port: 0 });
      if (failure !== undefined) return new SocketError(failure);
    }
    const source = from?.address ?? (this.local.address || this.#settings.stack.sourceFor(peer.address));
    if (typeof source === 'string') return new SocketError(source);
    const failure = this.#settings.stack.send({
      protocol: 'udp',
      source,
      sourcePort: this.local.port,
      destination: peer.address,
      destinationPort: peer.port,
      ttl: defaultTtl,
      trace,
      payload,
    });
    return failure === undefined ? undefined : new SocketError(failure, trace);
  }

  receive(deadline: Micros): Waits<Datagram | SocketError | TimedOut> {
    return this.#inbox.receive(deadline);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (let left = this.#inbox.take(); left !== undefined; left = this.#inbox.take())
      if (!isSocketError(left) && this.#options.bind !== undefined) this.#leaveUnread(left);
    this.#sockets.release(this);
  }

  /** A server that ends: what still waits for it is lost. */
  #leaveUnread({ from, to, payload, trace }: Datagram): void {
    const fields = packetFields({
      protocol: 'udp',
      source: from.address,
      sourcePort: from.port,
      destination: to.address,
      destinationPort: to.port,
      ttl: defaultTtl,
      trace,
      payload,
    });
    const lost = { where: 'socket', rule: '', ...fields };
    this.#settings.simulation.recorder.write(packetDropped, this.#settings.host, trace, 'unread', lost);
  }

  arrive(packet: UdpPacket): void {
    const { recorder } = this.#settings.simulation;
    const { owner } = this.#options;
    if (this.#isFull(packet.payload.size)) {
      const lost = { where: 'socket', rule: '', ...packetFields(packet) };
      recorder.write(packetDropped, this.#settings.host, packet.trace, 'receive-buffer-full', lost);
      return;
    }
    if (!recorder.counted(packetDelivered, ''))
      recorder.write(packetDelivered, this.#settings.host, packet.trace, '', deliveredFields(owner, packet));
    this.#inbox.put({
      from: { address: packet.source, port: packet.sourcePort },
      to: { address: packet.destination, port: packet.destinationPort },
      payload: packet.payload,
      trace: packet.trace,
    });
  }

  /** Has a process that does not read left no room (UdpRcvbufErrors)? */
  #isFull(size: number): boolean {
    if (this.#inbox.length === 0) return false;
    const waiting = this.#inbox.total((one) => (isSocketError(one) ? 0 : bufferUse(one.payload.size)));
    return waiting + bufferUse(size) > this.#settings.sysctls.get('net.core.rmem_default');
  }

  /** An error becomes pending; only the last one is kept, and it goes before waiting datagrams. */
  fail(error: Errno, hard: boolean, about: UdpPacket): void {
    const seen = this.#options.receiveErrors === true || (hard && this.peer !== undefined);
    this.#settings.simulation.recorder.write(socketError, this.#settings.host, about.trace, error, {
      owner: this.#options.owner,
      local: formatEndpoint({ address: about.source, port: about.sourcePort }),
      peer: formatEndpoint({ address: about.destination, port: about.destinationPort }),
      seen,
    });
    if (!seen) return;
    this.#inbox.takeIf(isSocketError);
    this.#inbox.putFirst(new SocketError(error, about.trace));
  }
}

import { type Process, type TimedOut, timedOut, type Waits } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { hears, isUnspecified } from '../../network/address.ts';
import type { Address, Endpoint, Packet } from '../../network/packet.ts';
import { resetFor } from '../ip/reset.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { KernelRules } from '../releases.ts';
import { ByPort } from './by-port.ts';
import { troubleOf } from './icmp-errors.ts';
import { Inbox } from './inbox.ts';
import { ephemeralPort } from './ports.ts';
import { isSocketError, SocketError, type TcpConnection, type TcpListener, type UdpOptions } from './socket.ts';
import { TcpEndpoint } from './tcp-endpoint.ts';
import type { SocketSettings } from './udp.ts';

type TcpPacket = Packet & { protocol: 'tcp' };

export interface TcpSettings extends SocketSettings {
  readonly rules: Pick<KernelRules, 'tcpDialogueAfter'>;
  /** Does several sends before what comes of the first. */
  readonly together: (sends: () => void) => void;
}

/** All TCP sockets of a host. */
export class TcpSockets {
  readonly #settings: TcpSettings;
  readonly #listeners = new ByPort<Listener>();
  readonly #connections = new ByPort<TcpEndpoint>();

  constructor(settings: TcpSettings) {
    this.#settings = settings;
  }

  listen(local: Endpoint, owner: string, options: Pick<UdpOptions, 'reusePort'> = {}): TcpListener | SocketError {
    if (!isUnspecified(local.address) && !this.#settings.stack.owns(local.address))
      return new SocketError('EADDRNOTAVAIL');
    const shares = options.reusePort === true;
    const clash = this.#listenersAt(local.port).some(
      (l) =>
        (hears(l.local.address, local.address) || hears(local.address, l.local.address)) && !(shares && l.reusesPort),
    );
    if (clash) return new SocketError('EADDRINUSE');
    const listener = new Listener(this.#settings, local, owner, shares, () => this.#listeners.remove(listener));
    this.#listeners.add(listener);
    return listener;
  }

  *connect(
    remote: Endpoint,
    options: { readonly owner: string; readonly trace: TraceId; readonly deadline: Micros; readonly bind?: Endpoint },
  ): Process<TcpConnection | SocketError | TimedOut> {
    const local = this.#localFor(remote, options.bind);
    if (isSocketError(local)) return local;
    const connection = this.#open(local, remote, options.owner, options.trace);
    connection.connect(options.deadline === Number.POSITIVE_INFINITY);
    let outcome: 'established' | SocketError | TimedOut = timedOut;
    try {
      outcome = yield* connection.established.receive(options.deadline);
    } finally {
      // Too late, or whoever opened it is gone.
      if (outcome === timedOut) connection.forget();
    }
    return outcome === 'established' ? connection : outcome;
  }

  closeOf(owner: string): void {
    for (const group of [this.#listeners, this.#connections])
      for (const socket of group.all()) if (socket.owner === owner) socket.close();
  }

  /** A segment for this host; false when it belongs to no socket, so that a RST is due. */
  deliver({ packet }: SocketBuffer): boolean {
    if (packet.protocol !== 'tcp') return false;
    const { source, sourcePort, destination, destinationPort } = packet;
    const connection = this.#connected(destination, destinationPort, { address: source, port: sourcePort });
    if (connection !== undefined && !(connection.inTimeWait && packet.syn)) {
      connection.arrive(packet);
      return true;
    }
    connection?.forget();
    const there = this.#listenersAt(destinationPort);
    const listener =
      there.find(({ local }) => local.address === destination) ??
      there.find(({ local }) => hears(local.address, destination));
    if (listener === undefined || !packet.syn || packet.ack) return false;
    const local = { address: destination, port: destinationPort };
    this.#open(local, { address: source, port: sourcePort }, listener.owner, packet.trace).accept(packet, listener);
    return true;
  }

  /** An ICMP error about a segment that this host sent. */
  error(about: TcpPacket, error: Packet & { protocol: 'icmp' }): void {
    const connection = this.#connections
      .around(about.sourcePort)
      .find(
        ({ local, remote }) =>
          local.port === about.sourcePort &&
          remote.port === about.destinationPort &&
          remote.address === about.destination,
      );
    const found = troubleOf(error);
    if (found !== undefined) connection?.icmp(found.error, about.trace);
  }

  /** The RST that answers a segment without a socket. */
  refuse({ packet }: SocketBuffer): void {
    const reset = resetFor(packet);
    if (reset !== undefined) this.#settings.stack.send(reset);
  }

  #open(local: Endpoint, remote: Endpoint, owner: string, trace: TraceId): TcpEndpoint {
    const ended = () => this.#connections.remove(connection);
    const connection = new TcpEndpoint(this.#settings, local, remote, owner, trace, ended);
    this.#connections.add(connection);
    return connection;
  }

  #localFor(remote: Endpoint, bind: Endpoint | undefined): Endpoint | SocketError {
    const source =
      bind !== undefined && !isUnspecified(bind.address)
        ? bind.address
        : this.#settings.stack.sourceFor(remote.address);
    if (typeof source === 'string') return new SocketError(source);
    if (!this.#settings.stack.owns(source)) return new SocketError('EADDRNOTAVAIL');
    const port = bind?.port || ephemeralPort(this.#settings.ports, (p) => this.#taken(source, p, remote));
    if (port === undefined) return new SocketError('EADDRINUSE');
    // Who asks for the very port takes it over from a connection in TIME_WAIT (tcp_twsk_unique).
    const old = this.#connected(source, port, remote);
    if (old?.inTimeWait === true) old.forget();
    if (this.#taken(source, port, remote)) return new SocketError('EADDRINUSE');
    return { address: source, port };
  }

  #connected(address: Address, port: number, remote: Endpoint): TcpEndpoint | undefined {
    return this.#connections
      .around(port)
      .find(
        ({ local, remote: to }) =>
          local.port === port && local.address === address && to.address === remote.address && to.port === remote.port,
      );
  }

  #taken(address: Address, port: number, remote: Endpoint): boolean {
    return this.#connected(address, port, remote) !== undefined || this.#listenersAt(port).length > 0;
  }

  #listenersAt(port: number): readonly Listener[] {
    return this.#listeners.around(port).filter(({ local }) => local.port === port);
  }
}

class Listener implements TcpListener {
  readonly local: Endpoint;
  readonly owner: string;
  readonly reusesPort: boolean;
  readonly #ready: Inbox<TcpEndpoint>;
  readonly #closed: () => void;

  constructor(settings: TcpSettings, local: Endpoint, owner: string, reusesPort: boolean, closed: () => void) {
    this.local = local;
    this.owner = owner;
    this.reusesPort = reusesPort;
    this.#ready = new Inbox(settings.simulation);
    this.#closed = closed;
  }

  accept(deadline: Micros): Waits<TcpConnection | TimedOut> {
    return this.#ready.receive(deadline);
  }

  established(connection: TcpEndpoint): void {
    this.#ready.put(connection);
  }

  close(): void {
    this.#closed();
  }
}

import { type Process, type TimedOut, timedOut, type Waits } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { hears, isUnspecified } from '../../network/address.ts';
import type { Address, Endpoint, Packet } from '../../network/packet.ts';
import { resetFor } from '../ip/reset.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { KernelRules } from '../releases.ts';
import { troubleOf } from './icmp-errors.ts';
import { Inbox } from './inbox.ts';
import { ephemeralPort } from './ports.ts';
import { isSocketError, type SocketError, type TcpConnection, type TcpListener, type UdpOptions } from './socket.ts';
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
  readonly #listeners = new Map<number, Listener[]>();
  /** By local port. */
  readonly #connections = new Map<number, TcpEndpoint[]>();

  constructor(settings: TcpSettings) {
    this.#settings = settings;
  }

  listen(local: Endpoint, owner: string, options: Pick<UdpOptions, 'reusePort'> = {}): TcpListener | SocketError {
    if (!isUnspecified(local.address) && !this.#settings.stack.owns(local.address))
      return { error: 'EADDRNOTAVAIL', about: 0 };
    const there = this.#listeners.get(local.port) ?? [];
    const shares = options.reusePort === true;
    const clash = there.some(
      (l) =>
        (hears(l.local.address, local.address) || hears(local.address, l.local.address)) && !(shares && l.reusesPort),
    );
    if (clash) return { error: 'EADDRINUSE', about: 0 };
    const listener = new Listener(this.#settings, local, owner, shares, () => {
      this.#listeners.set(
        local.port,
        (this.#listeners.get(local.port) ?? []).filter((l) => l !== listener),
      );
    });
    this.#listeners.set(local.port, [...there, listener]);
    return listener;
  }

  *connect(
    remote: Endpoint,
    options: { readonly owner: string; readonly trace: TraceId; readonly deadline: Micros; readonly bind?: Endpoint },
  ): Process<TcpConnection | SocketError | TimedOut> {
    const local = this.#localFor(remote, options.bind);
    if (isSocketError(local)) return local;
    const connection = this.#open(local, remote, options.owner, options.trace);
    connection.connect();
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
      for (const socket of [...group.values()].flat()) if (socket.owner === owner) socket.close();
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
    const there = this.#listeners.get(destinationPort) ?? [];
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
    const connection = (this.#connections.get(about.sourcePort) ?? []).find(
      (c) => c.remote.port === about.destinationPort && c.remote.address === about.destination,
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
    const connection = new TcpEndpoint(this.#settings, local, remote, owner, trace, () => {
      const rest = (this.#connections.get(local.port) ?? []).filter((c) => c !== connection);
      if (rest.length > 0) this.#connections.set(local.port, rest);
      else this.#connections.delete(local.port);
    });
    this.#connections.set(local.port, [...(this.#connections.get(local.port) ?? []), connection]);
    return connection;
  }

  #localFor(remote: Endpoint, bind: Endpoint | undefined): Endpoint | SocketError {
    const source =
      bind !== undefined && !isUnspecified(bind.address)
        ? bind.address
        : this.#settings.stack.sourceFor(remote.address);
    if (typeof source === 'string') return { error: source, about: 0 };
    if (!this.#settings.stack.owns(source)) return { error: 'EADDRNOTAVAIL', about: 0 };
    const port = bind?.port || ephemeralPort(this.#settings.ports, (p) => this.#taken(source, p, remote));
    if (port === undefined) return { error: 'EADDRINUSE', about: 0 };
    // Who asks for the very port takes it over from a connection in TIME_WAIT (tcp_twsk_unique).
    const old = this.#connected(source, port, remote);
    if (old?.inTimeWait === true) old.forget();
    if (this.#taken(source, port, remote)) return { error: 'EADDRINUSE', about: 0 };
    return { address: source, port };
  }

  #connected(address: Address, port: number, remote: Endpoint): TcpEndpoint | undefined {
    return (this.#connections.get(port) ?? []).find(
      (c) => c.local.address === address && c.remote.address === remote.address && c.remote.port === remote.port,
    );
  }

  #taken(address: Address, port: number, remote: Endpoint): boolean {
    return this.#connected(address, port, remote) !== undefined || (this.#listeners.get(port) ?? []).length > 0;
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

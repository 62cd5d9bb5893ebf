import { nothingToDisarm, type Process, type TimedOut, timedOut, waitFor } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Address, Endpoint, Payload } from '../../network/packet.ts';
import {
  type Arrival,
  type Datagram,
  type EndOfStream,
  isSocketError,
  type SocketError,
  type Sockets,
  type TcpConnection,
  type TcpListener,
  type UdpOptions,
  type UdpSocket,
} from './socket.ts';
import { WrappedConnection } from './wrapped-connection.ts';

/**
 * The sockets of a process that may be stopped (SIGSTOP). Meanwhile the kernel goes on: datagrams queue up, handshakes
 * complete; the process takes and sends nothing until it is continued. Its own timers are not held.
 */
export class StoppableSockets implements Sockets {
  readonly #sockets: Sockets;
  #stopped = false;
  /** What is done when the process goes on. */
  #held: (() => void)[] = [];

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  get host(): string {
    return this.#sockets.host;
  }

  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
    for (const act of this.#held.splice(0)) act();
  }

  /** Does it now, or when the process goes on. */
  whenRunning(act: () => void): void {
    if (this.#stopped) this.#held.push(act);
    else act();
  }

  /** Waits until the process is not stopped. */
  *running(): Process {
    while (this.#stopped) {
      yield* waitFor<void>((wake) => {
        this.#held.push(wake);
        return nothingToDisarm;
      });
    }
  }

  udp(options: UdpOptions): UdpSocket | SocketError {
    const socket = this.#sockets.udp(options);
    return isSocketError(socket) ? socket : new HeldUdp(this, socket);
  }

  listen(local: Endpoint, owner: string, options: Pick<UdpOptions, 'reusePort'> = {}): TcpListener | SocketError {
    const listener = this.#sockets.listen(local, owner, options);
    return isSocketError(listener) ? listener : new HeldListener(this, listener);
  }

  *connect(
    remote: Endpoint,
    options: Parameters<Sockets['connect']>[1],
  ): Process<TcpConnection | SocketError | TimedOut> {
    const connection = yield* this.#sockets.connect(remote, options);
    yield* this.running();
    return connection === timedOut || isSocketError(connection) ? connection : new HeldConnection(this, connection);
  }

  owns(address: Address): boolean {
    return this.#sockets.owns(address);
  }

  sourceFor(destination: Address): Address | undefined {
    return this.#sockets.sourceFor(destination);
  }

  closeSockets(owner: string): void {
    this.#sockets.closeSockets(owner);
  }
}

class HeldUdp implements UdpSocket {
  readonly #process: StoppableSockets;
  readonly #socket: UdpSocket;

  constructor(process: StoppableSockets, socket: UdpSocket) {
    this.#process = process;
    this.#socket = socket;
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  connect(peer: Endpoint): SocketError | undefined {
    return this.#socket.connect(peer);
  }

  send(payload: Payload, trace: TraceId, to?: Endpoint, from?: Endpoint): SocketError | undefined {
    let failed: SocketError | undefined;
    this.#process.whenRunning(() => {
      failed = this.#socket.send(payload, trace, to, from);
    });
    return failed;
  }

  *receive(deadline: Micros): Process<Datagram | SocketError | TimedOut> {
    const got = yield* this.#socket.receive(deadline);
    yield* this.#process.running();
    return got;
  }

  close(): void {
    this.#socket.close();
  }
}

class HeldListener implements TcpListener {
  readonly #process: StoppableSockets;
  readonly #listener: TcpListener;

  constructor(process: StoppableSockets, listener: TcpListener) {
    this.#process = process;
    this.#listener = listener;
  }

  get local(): Endpoint {
    return this.#listener.local;
  }

  *accept(deadline: Micros): Process<TcpConnection | TimedOut> {
    const connection = yield* this.#listener.accept(deadline);
    yield* this.#process.running();
    return connection === timedOut ? timedOut : new HeldConnection(this.#process, connection);
  }

  close(): void {
    this.#listener.close();
  }
}

class HeldConnection extends WrappedConnection {
  readonly #process: StoppableSockets;

  constructor(process: StoppableSockets, connection: TcpConnection) {
    super(connection);
    this.#process = process;
  }

  override send(payload: Payload, trace: TraceId): SocketError | undefined {
    let failed: SocketError | undefined;
    this.#process.whenRunning(() => {
      failed = this.connection.send(payload, trace);
    });
    return failed;
  }

  override *receive(deadline: Micros): Process<Arrival | EndOfStream | SocketError | TimedOut> {
    const got = yield* this.connection.receive(deadline);
    yield* this.#process.running();
    return got;
  }
}

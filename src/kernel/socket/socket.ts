import type { Process, TimedOut, Waits } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Address, Endpoint, Payload } from '../../network/packet.ts';

/** errno of a failed socket call. */
export type Errno =
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'EACCES'
  | 'EPERM'
  | 'EINVAL'
  | 'ENOPROTOOPT'
  | 'EMSGSIZE'
  | 'EPIPE'
  | 'ETIMEDOUT'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL';

/** A socket call that failed. `about`: the trace of the packet that brought the error, where one did. */
export class SocketError {
  /** No other object is one, whatever its keys. */
  declare protected readonly brand: 'socket error';
  readonly error: Errno;
  readonly about: TraceId;

  constructor(error: Errno, about: TraceId = 0) {
    this.error = error;
    this.about = about;
  }
}

/** A datagram as recvmsg(2) returns it. */
export interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly payload: Payload;
  readonly trace: TraceId;
}

/** How a UDP socket is opened. */
export interface UdpOptions {
  /** Name of the owner in records, such as `app-1` or `coredns-1`. */
  readonly owner: string;
  /** Absent: chosen by the kernel at connect or first send. Address 0: any local address. */
  readonly bind?: Endpoint;
  /** IP_RECVERR: host and net unreachable are reported too. */
  readonly receiveErrors?: boolean;
  /** SO_REUSEPORT: sockets that all ask for it may share a port, one of any address with those of one. */
  readonly reusePort?: boolean;
  /** SO_REUSEADDR: the same, and of those that fit alike the one bound last is given all datagrams. */
  readonly reuseAddress?: boolean;
}

/** A UDP socket. An error that came by ICMP is told once, by the next call. */
export interface UdpSocket {
  /** Port 0 until bound. */
  readonly local: Endpoint;
  /** Fixes the peer; only its datagrams and its errors come in from now on. */
  connect(peer: Endpoint): SocketError | undefined;
  /** Sends to the peer, or to `to`. `from` overrides the source address (as IP_PKTINFO does) on an any-address socket. */
  send(payload: Payload, trace: TraceId, to?: Endpoint, from?: Endpoint): SocketError | undefined;
  /** The next datagram or pending error. */
  receive(deadline: Micros): Waits<Datagram | SocketError | TimedOut>;
  close(): void;
}

/** A message that came whole out of a TCP stream. */
export interface Arrival {
  readonly payload: Payload;
  readonly trace: TraceId;
}

/** The peer has sent FIN: nothing more will come. */
export interface EndOfStream {
  readonly end: true;
}

/** One end of a TCP connection. */
export interface TcpConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly state: 'established' | 'closed';
  send(payload: Payload, trace: TraceId): SocketError | undefined;
  receive(deadline: Micros): Waits<Arrival | EndOfStream | SocketError | TimedOut>;
  /** FIN after what was sent; what comes is still read (SHUT_WR). */
  shutdown(): void;
  /** FIN after what was sent. */
  close(): void;
  /** RST. */
  abort(): void;
}

export interface TcpListener {
  readonly local: Endpoint;
  accept(deadline: Micros): Waits<TcpConnection | TimedOut>;
  /** Stops listening; accepted connections go on. */
  close(): void;
}

/** What a process on a host may do with the network: all that actors see of the kernel. */
export interface Sockets {
  /** Name of the host (network namespace). */
  readonly host: string;
  udp(options: UdpOptions): UdpSocket | SocketError;
  listen(local: Endpoint, owner: string, options?: Pick<UdpOptions, 'reusePort'>): TcpListener | SocketError;
  /** Waits for the handshake; the kernel's own give-up is ETIMEDOUT, the caller's deadline is a time-out; without end: the call blocks. */
  connect(
    remote: Endpoint,
    options: { readonly owner: string; readonly trace: TraceId; readonly deadline: Micros; readonly bind?: Endpoint },
  ): Process<TcpConnection | SocketError | TimedOut>;
  /** Is this an address of the host? */
  owns(address: Address): boolean;
  /** The source address that what is sent to an address would have; undefined: there is no way. */
  sourceFor(destination: Address): Address | undefined;
  /** What the kernel does at the end of a program: its sockets are closed. `owner`: as it opened them. */
  closeSockets(owner: string): void;
}

/** Tells a failed call from what it would have returned. */
export function isSocketError(value: unknown): value is SocketError {
  return value instanceof SocketError;
}

import { type Process, sleep, timedOut } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { Simulation } from '../../../engine/simulation.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { isSocketError, type Sockets, type TcpConnection, type UdpSocket } from '../../../kernel/socket/socket.ts';
import type { Endpoint } from '../../../network/packet.ts';
import { isTlsFailure, openTls, type TlsClient } from '../../../transport/tls/client.ts';
import { dialError, transferError } from './errors.ts';
import type { Undialled } from './options.ts';

export type Protocol = 'udp' | 'tcp';

/** A socket to an upstream; one query at a time goes over it. */
export type Connection = { readonly created: Micros; used: Micros } & (
  | { readonly protocol: 'udp'; readonly socket: UdpSocket }
  | { readonly protocol: 'tcp'; readonly socket: TcpConnection }
);

export interface Dialled {
  readonly connection: Connection;
  readonly pooled: boolean;
}

/** How connections to one upstream are made and kept. `expire`: idle time after which one is closed; `maxAge`: since it was made, 0: any; `maxIdle`: how many may be idle, 0: any number. */
export interface ConnectionOptions {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly owner: string;
  readonly to: Endpoint;
  readonly undialled: Undialled | undefined;
  /** Every query goes over TLS, whatever its client used. */
  readonly tls: TlsClient | undefined;
  readonly reuse: 'newest' | 'oldest';
  readonly expire: Micros;
  readonly maxAge: Micros;
  readonly maxIdle: number;
  /** How often idle connections are looked through. */
  readonly cleanupEvery: Micros;
  /** IP_RECVERR on UDP sockets. */
  readonly receiveErrors: boolean;
}

const shortestDial = second;
const longestDial = 30 * second;
/** New observations count for a quarter. */
const weight = 4;
/** The sockets to one upstream: idle ones are pooled by protocol, UDP as well as TCP (`pkg/proxy` Transport). */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #idle: { readonly [P in Protocol]: Connection[] } = { udp: [], tcp: [] };
  #averageDial: Micros = longestDial / 2;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** A pooled connection. */
  take(asked: Protocol): Connection | undefined {
    return this.#take(this.#carrier(asked));
  }

  /** A new connection, by `tlsDeadline` where TLS is spoken; the text of the error when that fails. */
  *dial(asked: Protocol, trace: TraceId, tlsDeadline: Micros): Process<Connection | string> {
    const { simulation, to, tls, undialled } = this.#options;
    const protocol = this.#carrier(asked);
    if (undialled !== undefined) return `dial ${protocol}: ${undialled.error}`;
    const start = simulation.now;
    const limit = start + this.#dialLimit();
    const deadline = tls === undefined ? limit : Math.min(limit, tlsDeadline);
    const socket = protocol === 'udp' ? this.#openUdp() : yield* this.#openTcp(trace, deadline);
    const open = socket !== timedOut && !isSocketError(socket) && socket.protocol === 'tcp' ? socket.socket : undefined;
    const spoken =
      tls === undefined || open === undefined ? socket : yield* this.#secure(open, tls, trace, deadline, start);
    this.#averageDial += Math.trunc((simulation.now - start - this.#averageDial) / weight);
    if (spoken === timedOut) return dialError(protocol, to, undefined);
    if (typeof spoken === 'string') return spoken;
    if (isSocketError(spoken)) return dialError(protocol, to, spoken.error);
    return spoken.protocol === 'udp'
      ? { protocol: 'udp', socket: spoken.socket, created: simulation.now, used: simulation.now }
      : { protocol: 'tcp', socket: spoken.socket, created: simulation.now, used: simulation.now };
  }

  /** Gives a connection back after a query that went well. */
  release(connection: Connection): void {
    const idle = this.#idle[connection.protocol];
    const surplus = this.#options.maxIdle > 0 && idle.length >= this.#options.maxIdle;
    if (surplus || this.#stopped) {
      connection.socket.close();
      return;
    }
    connection.used = this.#options.simulation.now;
    idle.push(connection);
  }

  /** Closes what has been idle too long, again and again. */
  *cleanUp(): Process {
    for (;;) {
      yield* sleep(this.#options.cleanupEvery);
      for (const idle of [this.#idle.udp, this.#idle.tcp]) {
        const old = idle.filter((connection) => !this.#isFresh(connection));
        if (old.length === 0) continue;
        for (const connection of old) connection.socket.close();
        idle.splice(0, idle.length, ...idle.filter((connection) => !old.includes(connection)));
      }
    }
  }

  /** Closes all idle connections; those in use are closed when they come back. */
  stop(): void {
    this.#stopped = true;
    for (const idle of [this.#idle.udp, this.#idle.tcp]) {
      for (const connection of idle.splice(0)) connection.socket.close();
    }
  }

  /** TLS is spoken over TCP, whatever was asked for. */
  #carrier(asked: Protocol): Protocol {
    return this.#options.tls === undefined ? asked : 'tcp';
  }

  #take(protocol: Protocol): Connection | undefined {
    const idle = this.#idle[protocol];
    if (this.#options.reuse === 'oldest') {
      for (;;) {
        const oldest = idle.shift();
        if (oldest === undefined || this.#isFresh(oldest)) return oldest;
        oldest.socket.close();
      }
    }
    const newest = idle.pop();
    if (newest === undefined || this.#isFresh(newest)) return newest;
    for (const connection of [newest, ...idle.splice(0)]) connection.socket.close();
    return undefined;
  }

  #isFresh(connection: Connection): boolean {
    const { simulation, expire, maxAge } = this.#options;
    if (simulation.now - connection.used >= expire) return false;
    return maxAge === 0 || simulation.now - connection.created <= maxAge;
  }

  #dialLimit(): Micros {
    if (this.#averageDial < shortestDial) return shortestDial;
    return this.#averageDial < longestDial / 2 ? 2 * this.#averageDial : longestDial;
  }

  #openUdp() {
    const { sockets, owner, to, receiveErrors } = this.#options;
    const socket = sockets.udp({ owner, receiveErrors });
    if (isSocketError(socket)) return socket;
    const error = socket.connect(to);
    if (error === undefined) return { protocol: 'udp', socket } as const;
    socket.close();
    return error;
  }

  *#openTcp(trace: TraceId, deadline: Micros) {
    const { sockets, owner, to } = this.#options;
    const socket = yield* sockets.connect(to, { owner, trace, deadline });
    return socket === timedOut || isSocketError(socket) ? socket : ({ protocol: 'tcp', socket } as const);
  }

  /** The handshake on an open connection, or the text of its error. */
  *#secure(connection: TcpConnection, tls: TlsClient, trace: TraceId, deadline: Micros, begun: Micros) {
    const { simulation, owner, to } = this.#options;
    const { local } = connection;
    const open = yield* openTls(connection, tls, { simulation, owner, trace, deadline, begun });
    if (open === timedOut) return 'context deadline exceeded';
    if (isTlsFailure(open)) return open.tlsError;
    return isSocketError(open)
      ? transferError('read', 'tcp', local, to, open.error)
      : ({ protocol: 'tcp', socket: open } as const);
  }
}

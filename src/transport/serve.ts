import type { Message } from '../dns/message.ts';
import { Mailbox, type Process, type Task, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import {
  isSocketError,
  type SocketError,
  type Sockets,
  type TcpConnection,
  type UdpOptions,
  type UdpSocket,
} from '../kernel/socket/socket.ts';
import type { Endpoint, Payload } from '../network/packet.ts';
import { decode } from './decode.ts';
import { receiveTcp } from './exchange.ts';
import { DnsPayload, FramedDns } from './payload.ts';
import { connectionWaits } from './records.ts';

/** A query as it reached a server. `size` in octets. */
export interface Incoming {
  readonly message: Message;
  readonly size: number;
  readonly protocol: 'udp' | 'tcp';
  /** Did it come over TLS? */
  readonly tls?: boolean;
  readonly client: Endpoint;
  readonly local: Endpoint;
  readonly trace: TraceId;
}

/** What to send back; nothing where undefined; `'close'` ends the TCP connection. */
export type Answer = Payload | 'close' | undefined;
/** Answers a query; `send` is for replies beside the one that is returned. */
export type Answering = (query: Incoming, send: (reply: Payload) => void) => Process<Answer>;

/** How long a TCP server waits, and how much it serves on one connection. */
export interface TcpLimits {
  /** From accept to the first query. */
  readonly firstRead: Micros;
  /** From the last reply to the next query. */
  readonly idle: Micros;
  /** Queries a connection; the connection is closed behind the last reply. */
  readonly queries: number;
  /** How many connections are served at once, each until it ends; others are taken on and wait. */
  readonly connections: number;
  /** Are the queries of one connection answered at the same time? Otherwise strictly one after the other. */
  readonly concurrent: boolean;
}

export const unlimitedTcp: TcpLimits = {
  firstRead: Number.POSITIVE_INFINITY,
  idle: Number.POSITIVE_INFINITY,
  queries: Number.POSITIVE_INFINITY,
  connections: Number.POSITIVE_INFINITY,
  concurrent: false,
};

/** A server at work. */
export interface Serving {
  readonly local: Endpoint;
  /** Takes no more queries; those in flight are answered. */
  stopListening(): void;
  /** Ends everything at once, as the kernel does for a process that has ended: connections get their FIN. */
  kill(): void;
  /** Queries that are being answered. */
  readonly inFlight: number;
}

export interface TcpServing extends Serving {
  /** Connections that are there go on being served; new ones are refused. */
  stopAccepting(): void;
}

/** Serves DNS over UDP; each query is a process of its own. */
export function serveUdp(
  simulation: Simulation,
  sockets: Sockets,
  local: Endpoint,
  owner: string,
  answering: Answering,
  options: Pick<UdpOptions, 'reusePort'> = {},
): Serving | SocketError {
  const socket = sockets.udp({ owner, bind: local, ...options });
  if (isSocketError(socket)) return socket;
  const tasks = new Map<Incoming, Task>();
  let draining = false;
  const finish = () => {
    if (draining && tasks.size === 0) socket.close();
  };
  const answerOne = function* (query: Incoming): Process {
    const send = (reply: Payload) => socket.send(reply, query.trace, query.client, query.local);
    const answer = yield* answering(query, send);
    if (answer !== undefined && typeof answer !== 'string') send(answer);
    tasks.delete(query);
    finish();
  };
  const loop = simulation.spawn(
    receiveAll(socket, (query) => {
      tasks.set(query, simulation.spawn(answerOne(query)));
    }),
  );
  return {
    local,
    get inFlight() {
      return tasks.size;
    },
    stopListening() {
      draining = true;
      loop.kill();
      finish();
    },
    kill() {
      loop.kill();
      for (const task of tasks.values()) task.kill();
      tasks.clear();
      socket.close();
    },
  };
}

function* receiveAll(socket: UdpSocket, take: (query: Incoming) => void): Process {
  for (;;) {
    const datagram = yield* socket.receive(Number.POSITIVE_INFINITY);
    if (datagram === timedOut || isSocketError(datagram)) continue;
    const decoded = decode(datagram.payload);
    if (decoded === undefined || !('message' in decoded)) continue;
    const { from: client, to: local, trace } = datagram;
    take({ message: decoded.message, size: decoded.size, protocol: 'udp', client, local, trace });
  }
}

export interface TcpOptions extends Pick<UdpOptions, 'reusePort'> {
  /** Makes of a connection the one to be served, by a TLS handshake; undefined: it came to nothing. */
  readonly secure?: (connection: TcpConnection) => Process<TcpConnection | undefined>;
}

/** Serves DNS over TCP; each connection is a process of its own. `limits` is asked as a connection comes in. */
export function serveTcp(
  simulation: Simulation,
  sockets: Sockets,
  local: Endpoint,
  owner: string,
  answering: Answering,
  limits: () => TcpLimits = () => unlimitedTcp,
  options: TcpOptions = {},
): TcpServing | SocketError {
  const { secure } = options;
  const listener = sockets.listen(local, owner, options);
  if (isSocketError(listener)) return listener;
  const connections = new Map<TcpConnection, Task>();
  let places: Mailbox<true> | undefined;
  const busy = new Set<TcpConnection>();
  let draining = false;
  const state = { owner, busy, draining: () => draining };
  const loop = simulation.spawn(
    (function* (): Process {
      for (;;) {
        const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
        if (connection === timedOut) continue;
        places ??= placesFor(simulation, limits().connections);
        const task = simulation.spawn(
          (function* () {
            const place = places === undefined ? undefined : { free: places, taken: places.take() === true };
            const served = secure === undefined ? connection : yield* secure(connection);
            if (served !== undefined) {
              const tls = secure !== undefined;
              yield* serveConnection(simulation, served, answering, limits(), { ...state, place, tls });
            }
            if (place?.taken === true) place.free.put(true);
            connections.delete(connection);
          })(),
        );
        connections.set(connection, task);
      }
    })(),
  );
  const stopAccepting = () => {
    loop.kill();
    listener.close();
  };
  return {
    local,
    get inFlight() {
      return busy.size;
    },
    stopAccepting,
    stopListening() {
      draining = true;
      stopAccepting();
      for (const [connection, task] of connections) {
        if (busy.has(connection)) continue;
        task.kill();
        connection.close();
        connections.delete(connection);
      }
    },
    kill() {
      stopAccepting();
      for (const [connection, task] of connections) {
        task.kill();
        connection.close();
      }
      connections.clear();
      busy.clear();
    },
  };
}

/** As many as connections may be served at once; undefined where there is no end to them. */
function placesFor(simulation: Simulation, count: number): Mailbox<true> | undefined {
  if (!Number.isFinite(count)) return undefined;
  const places = new Mailbox<true>(simulation);
  for (let i = 0; i < count; i++) places.put(true);
  return places;
}

interface Place {
  readonly free: Mailbox<true>;
  taken: boolean;
}

interface ConnectionState {
  readonly owner: string;
  /** Among the connections that are served at once; undefined where there is no end to them. */
  readonly place: Place | undefined;
  readonly tls: boolean;
  readonly busy: Set<TcpConnection>;
  readonly draining: () => boolean;
}

function* serveConnection(
  simulation: Simulation,
  connection: TcpConnection,
  answering: Answering,
  limits: TcpLimits,
  state: ConnectionState,
): Process {
  let wait = limits.firstRead;
  for (let served = 0; served < limits.queries && !state.draining(); served++) {
    const query = yield* receiveTcp(connection, simulation.now + wait);
    if (query === timedOut || isSocketError(query) || !('message' in query)) break;
    const { message, size, trace } = query;
    if (state.place?.taken === false) {
      simulation.recorder.write(connectionWaits, state.owner, trace, 'all-places-taken', {
        places: limits.connections,
      });
      yield* state.place.free.receive();
      state.place.taken = true;
    }
    const incoming: Incoming = {
      message,
      size,
      trace,
      protocol: 'tcp',
      tls: state.tls,
      client: connection.remote,
      local: connection.local,
    };
    if (limits.concurrent) {
      simulation.spawn(answerOnce(connection, answering, incoming));
    } else {
      state.busy.add(connection);
      const goOn = yield* answerOnce(connection, answering, incoming);
      state.busy.delete(connection);
      if (!goOn) return;
    }
    wait = limits.idle;
  }
  connection.close();
}

/** Answers one query; false when the connection is gone. */
function* answerOnce(connection: TcpConnection, answering: Answering, query: Incoming): Process<boolean> {
  const send = (reply: Payload) =>
    connection.send(reply instanceof DnsPayload ? new FramedDns(reply) : reply, query.trace);
  const answer = yield* answering(query, send);
  if (answer === 'close') connection.close();
  else if (answer !== undefined) send(answer);
  return answer !== 'close';
}

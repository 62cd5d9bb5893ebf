import type { Message } from '../dns/message.ts';
import { type Process, type Task, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import {
  isSocketError,
  type SocketError,
  type Sockets,
  type UdpOptions,
  type UdpSocket,
} from '../kernel/socket/socket.ts';
import type { Endpoint, Payload } from '../network/packet.ts';
import { decode } from './decode.ts';

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

/** Where a server listens, and the name of its process. */
export interface ServerSite {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly local: Endpoint;
  readonly owner: string;
}

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

/** Serves DNS over UDP; each query is a process of its own. */
export function serveUdp(
  { simulation, sockets, local, owner }: ServerSite,
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

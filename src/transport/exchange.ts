import type { Message } from '../dns/message.ts';
import { type Process, type TimedOut, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { isSocketError, type SocketError, type TcpConnection, type UdpSocket } from '../kernel/socket/socket.ts';
import { type Decoded, decode, encode, frame } from './decode.ts';

/** A reply with the strand it came on. */
export type Reply = NonNullable<Decoded> & { readonly trace: TraceId };

/** The stream ended before a whole reply came. */
export interface Closed {
  readonly closed: true;
}

/** The next DNS datagram, whatever its id; what is not DNS is passed over. */
export function* receiveUdp(
  socket: UdpSocket,
  deadline: Micros,
  bufferSize?: number,
): Process<Reply | SocketError | TimedOut> {
  for (;;) {
    const datagram = yield* socket.receive(deadline);
    if (datagram === timedOut || isSocketError(datagram)) return datagram;
    const decoded = decode(datagram.payload, bufferSize);
    if (decoded !== undefined) return { ...decoded, trace: datagram.trace };
  }
}

/** The id of a reply, also of one that could not be unpacked. */
export function idOf(reply: NonNullable<Decoded>): number | undefined {
  return 'message' in reply ? reply.message.id : reply.head?.id;
}

/** Sends a query on a connected socket and waits for the reply with its id; others are passed over until the deadline. */
export function* exchangeUdp(
  socket: UdpSocket,
  query: Message,
  trace: TraceId,
  deadline: Micros,
  bufferSize?: number,
): Process<Reply | SocketError | TimedOut> {
  const failure = socket.send(encode(query, { compress: false }), trace);
  if (failure !== undefined) return failure;
  for (;;) {
    const reply = yield* receiveUdp(socket, deadline, bufferSize);
    if (reply === timedOut || isSocketError(reply) || idOf(reply) === query.id) return reply;
  }
}

/** The next DNS message of a TCP stream. */
export function* receiveTcp(
  connection: TcpConnection,
  deadline: Micros,
): Process<Reply | Closed | SocketError | TimedOut> {
  for (;;) {
    const arrival = yield* connection.receive(deadline);
    if (arrival === timedOut || isSocketError(arrival)) return arrival;
    if ('end' in arrival) return { closed: true };
    const decoded = decode(arrival.payload);
    if (decoded !== undefined) return { ...decoded, trace: arrival.trace };
  }
}

/** Sends a query on a connection and waits for the next message, as one query in flight a connection has it. */
export function* exchangeTcp(
  connection: TcpConnection,
  query: Message,
  trace: TraceId,
  deadline: Micros,
): Process<Reply | Closed | SocketError | TimedOut> {
  const failure = connection.send(frame(query, { compress: false }), trace);
  if (failure !== undefined) return failure;
  return yield* receiveTcp(connection, deadline);
}

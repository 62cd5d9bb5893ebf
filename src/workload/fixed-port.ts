import { query } from '../dns/build.ts';
import { absolute } from '../dns/name.ts';
import { type Process, sleepUntil, type TimedOut, timedOut, waitUntil } from '../engine/process.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import {
  type Datagram,
  isSocketError,
  type SocketError,
  type Sockets,
  type UdpSocket,
} from '../kernel/socket/socket.ts';
import { familyOf, formatEndpoint, parseAddress, unspecified } from '../network/address.ts';
import type { Payload } from '../network/packet.ts';
import { decode, encode } from '../transport/decode.ts';
import { ownName, type WorkloadDescription } from './description.ts';
import { datagramSent, replySeen } from './records.ts';
import { noReply, replyFields } from './reply-fields.ts';
import { TextPayload } from './text-payload.ts';

type FixedPortDescription = WorkloadDescription & { readonly kind: 'fixed-port' };
type Outcome = Datagram | SocketError | TimedOut;
/** Message id of the first question; the next ones count up. */
const firstId = 1000;

/** Sends each datagram at its time from one socket, and notes what comes back for it, whatever became of the others. */
export function* fixedPort(simulation: Simulation, sockets: Sockets, description: FixedPortDescription): Process {
  const peer = { address: parseAddress(description.to) ?? 0, port: description.port };
  const local = { address: unspecified[familyOf(peer.address)], port: description.sourcePort };
  const socket = sockets.udp({ owner: ownName(description), bind: local });
  if (isSocketError(socket)) throw new Error(`${description.name}: ${socket.error}`);
  if (description.connected) socket.connect(peer);
  const waiting = new Map<number, (outcome: Datagram | SocketError) => void>();
  simulation.spawn(receiveAll(socket, waiting));
  for (const [i, at] of description.times.entries()) {
    yield* sleepUntil(simulation, at);
    const trace = simulation.recorder.trace(noTrace);
    // The wait begins first: an answer may be there before the call to send returns.
    if (description.send.kind === 'question') {
      simulation.spawn(awaitReply(simulation, sockets.host, description, i, waiting, trace));
    }
    const payload = payloadOf(description, i);
    const failure = socket.send(payload, trace, description.connected ? undefined : peer);
    const fields = {
      workload: description.name,
      number: i + 1,
      text: textOf(description, i),
      error: failure?.error ?? '',
    };
    simulation.recorder.write(datagramSent, sockets.host, trace, '', fields);
  }
}

function* receiveAll(socket: UdpSocket, waiting: Map<number, (outcome: Datagram | SocketError) => void>): Process {
  for (;;) {
    const got = yield* socket.receive(Number.POSITIVE_INFINITY);
    if (got === timedOut) continue;
    if (isSocketError(got)) for (const wake of waiting.values()) wake(got);
    else {
      const decoded = decode(got.payload);
      if (decoded !== undefined && 'message' in decoded) waiting.get(decoded.message.id)?.(got);
    }
  }
}

function* awaitReply(
  simulation: Simulation,
  host: string,
  description: FixedPortDescription,
  index: number,
  waiting: Map<number, (outcome: Datagram | SocketError) => void>,
  trace: TraceId,
): Process {
  const { send } = description;
  if (send.kind !== 'question') return;
  const startedAt = simulation.now;
  const id = firstId + index;
  const outcome = yield* waitUntil<Datagram | SocketError>(simulation, startedAt + send.timeout, (wake) => {
    waiting.set(id, wake);
    return () => waiting.delete(id);
  });
  waiting.delete(id);
  simulation.recorder.write(replySeen, host, trace, '', {
    workload: description.name,
    number: index + 1,
    name: textOf(description, index),
    type: send.type,
    startedAt,
    latency: simulation.now - startedAt,
    ...outcomeFields(outcome),
  });
}

function outcomeFields(outcome: Outcome) {
  if (outcome === timedOut) return { error: 'timeout', ...noReply };
  if (isSocketError(outcome)) return { error: outcome.error, ...noReply };
  const decoded = decode(outcome.payload);
  if (decoded === undefined || !('message' in decoded)) return { error: 'garbled', ...noReply };
  return { error: '', from: formatEndpoint(outcome.from), ...replyFields(decoded.message, decoded.size) };
}

function payloadOf(description: FixedPortDescription, index: number): Payload {
  const text = textOf(description, index);
  if (description.send.kind === 'text') return new TextPayload(text);
  return encode(query(firstId + index, { name: absolute(text), type: description.send.type }), { compress: false });
}

/** Name or text of a datagram, its number filled in. */
function textOf({ send }: FixedPortDescription, index: number): string {
  return (send.kind === 'text' ? send.text : send.name).replaceAll('%n', String(index + 1));
}

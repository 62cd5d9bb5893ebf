import { query } from '../../dns/build.ts';
import type { Edns, Message } from '../../dns/message.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, toSeconds } from '../../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import { type Closed, exchangeTcp, exchangeUdp, idOf, type Reply, receiveTcp } from '../../transport/exchange.ts';
import { recursorTry } from '../records.ts';

/** Who asks: a recursor at work. */
export interface Asker {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly name: string;
}

/** What is asked of a server, and how. */
export interface Try {
  readonly name: string;
  readonly type: string;
  readonly rd: boolean;
  readonly cd?: boolean;
  readonly edns: Edns | undefined;
  readonly protocol: 'udp' | 'tcp';
  /** Counts the tries for one question from 1. */
  readonly attempt: number;
}

/** What a try brought: the reply and its octets, or what happened instead: `no reply`, or the error's name. */
export type Tried = { readonly reply: Message; readonly size: number } | { readonly failed: string };

/** One query to one server, over UDP from a port of its own, over TCP on a connection of its own. */
export function* tryServer(
  asker: Asker,
  server: Endpoint,
  asked: Try,
  trace: TraceId,
  deadline: Micros,
): Process<Tried> {
  const { simulation, name } = asker;
  const start = simulation.now;
  const { rd, cd = false, edns, protocol } = asked;
  const id = simulation.stream(`${name} ids`).integer(65_536);
  const message = query(id, asked, { flags: { rd, cd }, ...(edns !== undefined && { edns }) });
  const tried = yield* (protocol === 'udp' ? overUdp : overTcp)(asker, server, message, trace, deadline);
  simulation.recorder.write(recursorTry, name, trace, 'failed' in tried ? tried.failed : tried.reply.rcode, {
    upstream: formatEndpoint(server),
    protocol,
    name: asked.name,
    type: asked.type,
    attempt: asked.attempt,
    waited: toSeconds(simulation.now - start),
  });
  return tried;
}

const noReply: Tried = { failed: 'no reply' };

function* overUdp(asker: Asker, server: Endpoint, message: Message, trace: TraceId, deadline: Micros): Process<Tried> {
  const socket = asker.sockets.udp({ owner: asker.name });
  if (isSocketError(socket)) return { failed: socket.error };
  try {
    const failure = socket.connect(server);
    const reply = failure ?? (yield* exchangeUdp(socket, message, trace, deadline));
    if (reply === timedOut) return noReply;
    if (isSocketError(reply)) return { failed: reply.error };
    return 'message' in reply ? { reply: reply.message, size: reply.size } : noReply;
  } finally {
    socket.close();
  }
}

function* overTcp(asker: Asker, server: Endpoint, message: Message, trace: TraceId, deadline: Micros): Process<Tried> {
  const connection = yield* asker.sockets.connect(server, { owner: asker.name, trace, deadline });
  if (connection === timedOut) return noReply;
  if (isSocketError(connection)) return { failed: connection.error };
  let reply = yield* exchangeTcp(connection, message, trace, deadline);
  while (isStray(reply, message)) reply = yield* receiveTcp(connection, deadline);
  connection.close();
  if (reply === timedOut) return noReply;
  if (isSocketError(reply)) return { failed: reply.error };
  if ('closed' in reply) return { failed: 'end of stream' };
  return 'message' in reply ? { reply: reply.message, size: reply.size } : noReply;
}

/** Is it a reply to another query? */
function isStray(reply: Reply | Closed | SocketError | typeof timedOut, { id }: Message): boolean {
  if (reply === timedOut || isSocketError(reply) || 'closed' in reply) return false;
  return idOf(reply) !== id;
}

/** Does a reply settle the question? */
export function isAnswer({ rcode }: Message): boolean {
  return rcode === 'NOERROR' || rcode === 'NXDOMAIN';
}

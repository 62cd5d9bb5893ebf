import { query } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { type Process, sleepUntil, type TimedOut, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, toSeconds } from '../../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../network/address.ts';
import { type Closed, exchangeTcp, exchangeUdp, type Reply } from '../../transport/exchange.ts';
import { recursorTry } from '../records.ts';
import type { RecursorProfile } from './profile.ts';
import type { Upstream } from './upstream.ts';

/** A recursor as it asks others. */
export interface Asker {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly name: string;
  readonly profile: RecursorProfile;
}

/** A server's reply and the query that it answers, or why there is none. */
export type Asked =
  | { readonly reply: Message; readonly trace: TraceId }
  | { readonly failure: 'silence' | 'down' | 'refusal'; readonly trace: TraceId };

/** Asks one server after the other until one answers or none is left to try. */
export function* ask(
  asker: Asker,
  upstreams: readonly Upstream[],
  name: string,
  type: string,
  trace: TraceId,
): Process<Asked> {
  const { simulation, profile } = asker;
  const until = simulation.now + profile.givesUpAfter;
  const refused = new Map<Upstream, number>();
  let last: Asked = { failure: 'silence', trace };
  for (let attempt = 0; simulation.now < until; attempt++) {
    const open = upstreams.filter(
      (u) => u.waits(attempt) !== undefined && (refused.get(u) ?? 0) < profile.failuresTaken,
    );
    const upstream = choose(asker, open);
    if (upstream === undefined && attempt === 0) return yield* probe(asker, upstreams, name, type, trace);
    if (upstream === undefined) break;
    const strand = simulation.recorder.trace(trace);
    const deadline = Math.min(until, simulation.now + (upstream.waits(attempt) ?? 0));
    const result = yield* tryOnce(asker, upstream, name, type, strand, deadline, attempt);
    if (typeof result !== 'string') {
      upstream.answered(result.after);
      if (isAnswer(result.reply)) return { reply: result.reply, trace: strand };
    }
    if (result === 'silence') last = { failure: 'silence', trace: strand };
    else {
      refused.set(upstream, (refused.get(upstream) ?? 0) + 1);
      last = { failure: 'refusal', trace: strand };
    }
  }
  return last;
}

/** All servers are down: one query at a time finds out whether that is still so; others fail at once (unbound). */
function* probe(
  asker: Asker,
  upstreams: readonly Upstream[],
  name: string,
  type: string,
  trace: TraceId,
): Process<Asked> {
  const { simulation, profile } = asker;
  const [upstream] = upstreams;
  if (upstream === undefined || upstream.probing || profile.waiting.kind === 'list') return { failure: 'down', trace };
  upstream.probing = true;
  try {
    const strand = simulation.recorder.trace(trace);
    const result = yield* tryOnce(asker, upstream, name, type, strand, simulation.now + profile.waiting.down, 0);
    if (typeof result === 'string') return { failure: 'down', trace: strand };
    upstream.answered(result.after);
    return isAnswer(result.reply) ? { reply: result.reply, trace: strand } : { failure: 'refusal', trace: strand };
  } finally {
    upstream.probing = false;
  }
}

function isAnswer(reply: Message): boolean {
  return reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN';
}

/** Servers that answer come first; unbound draws among equals, the others keep the order of the configuration. */
function choose({ simulation, name, profile }: Asker, open: readonly Upstream[]): Upstream | undefined {
  const sound = open.filter((u) => !u.suspect);
  const best = sound.length > 0 ? sound : open;
  if (best.length < 2 || profile.waiting.kind === 'list') return best[0];
  return best[simulation.stream(`${name} servers`).integer(best.length)];
}

type Tried = { readonly reply: Message; readonly after: Micros } | 'silence' | 'refusal';

/** One query from a port of its own; TC is followed by the same over TCP. */
function* tryOnce(
  asker: Asker,
  upstream: Upstream,
  name: string,
  type: string,
  trace: TraceId,
  deadline: Micros,
  attempt: number,
): Process<Tried> {
  const { simulation, profile } = asker;
  const start = simulation.now;
  const id = simulation.stream(`${asker.name} ids`).integer(65_536);
  const edns = { udpSize: profile.udpSize, do: profile.asksWithDo, version: 0, options: [] };
  const message = query(id, { name, type }, { edns });
  const over = function* (protocol: 'udp' | 'tcp'): Process<Message | string> {
    const reply = yield* (protocol === 'udp' ? overUdp : overTcp)(asker, upstream, message, trace, deadline);
    const outcome = typeof reply === 'string' ? reply : reply.rcode;
    simulation.recorder.write(recursorTry, asker.name, trace, outcome, {
      upstream: formatEndpoint(upstream.endpoint),
      protocol,
      name,
      type,
      attempt: attempt + 1,
      waited: toSeconds(simulation.now - start),
    });
    return reply;
  };
  let reply = yield* over('udp');
  if (typeof reply !== 'string' && reply.flags.tc) {
    reply = yield* over('tcp');
    if (typeof reply === 'string') return 'refusal';
  }
  if (typeof reply !== 'string') return { reply, after: simulation.now - start };
  if (reply !== 'no reply' && profile.unreachableFails) return 'refusal';
  yield* sleepUntil(simulation, deadline);
  upstream.lost();
  return 'silence';
}

/** The reply, or what happened instead: `no reply`, or the error's name. */
function* overUdp(
  asker: Asker,
  { endpoint }: Upstream,
  message: Message,
  trace: TraceId,
  deadline: Micros,
): Process<Message | string> {
  const socket = asker.sockets.udp({ owner: asker.name });
  if (isSocketError(socket)) return socket.error;
  try {
    const failure = socket.connect(endpoint);
    const reply = failure ?? (yield* exchangeUdp(socket, message, trace, deadline));
    return messageOf(reply);
  } finally {
    socket.close();
  }
}

function* overTcp(
  asker: Asker,
  { endpoint }: Upstream,
  message: Message,
  trace: TraceId,
  deadline: Micros,
): Process<Message | string> {
  const connection = yield* asker.sockets.connect(endpoint, { owner: asker.name, trace, deadline });
  if (connection === timedOut) return 'no reply';
  if (isSocketError(connection)) return connection.error;
  const reply = yield* exchangeTcp(connection, message, trace, deadline);
  connection.close();
  return messageOf(reply);
}

function messageOf(reply: Reply | Closed | SocketError | TimedOut): Message | string {
  if (reply === timedOut) return 'no reply';
  if (isSocketError(reply)) return reply.error;
  return 'message' in reply ? reply.message : 'no reply';
}

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
  const question: Asking = { name, type, trace, until: simulation.now + profile.givesUpAfter, tries: 0, silences: 0 };
  if (upstreams.every(({ down }) => down)) return yield* probe(asker, upstreams, question);
  const rounds = new Map<Upstream, number>();
  const refusals = new Map<Upstream, number>();
  let failure: Extract<Asked, { failure: string }> = { failure: 'silence', trace };
  for (let round = 0; simulation.now < question.until; round++) {
    const open = upstreams.filter(
      (u) => !u.down && (rounds.get(u) ?? 0) < mostRounds(profile) && (refusals.get(u) ?? 0) < profile.failuresTaken,
    );
    const upstream = choose(asker, open);
    const wait = upstream && (profile.waiting.kind === 'list' ? profile.waiting.waits[round] : upstream.wait);
    if (upstream === undefined || wait === undefined) break;
    rounds.set(upstream, (rounds.get(upstream) ?? 0) + 1);
    const tried = yield* askOnce(asker, upstream, question, wait);
    if ('reply' in tried) return tried;
    if (tried.failure === 'refusal') refusals.set(upstream, (refusals.get(upstream) ?? 0) + 1);
    failure = tried;
  }
  return failure;
}

interface Asking {
  readonly name: string;
  readonly type: string;
  readonly trace: TraceId;
  /** When the recursor gives the question up. */
  readonly until: Micros;
  /** So far. */
  tries: number;
  /** Tries without reply so far. */
  silences: number;
}

function mostRounds({ waiting }: RecursorProfile): number {
  return waiting.kind === 'list' ? waiting.waits.length : waiting.rounds;
}

/** One round with one server. */
function* askOnce(asker: Asker, upstream: Upstream, question: Asking, wait: Micros): Process<Asked> {
  const { simulation, profile } = asker;
  const tries = profile.waiting.kind === 'measured' && wait < profile.waiting.repeatedBelow ? 2 : 1;
  let strand = question.trace;
  for (let i = 0; i < tries; i++) {
    strand = simulation.recorder.trace(question.trace);
    const deadline = Math.min(question.until, simulation.now + wait);
    const tried = yield* tryOnce(asker, upstream, question, strand, deadline);
    if (tried === 'refusal') return { failure: 'refusal', trace: strand };
    if (tried === 'silence') {
      question.silences++;
      continue;
    }
    upstream.answered(tried.after);
    return isAnswer(tried.reply) ? { reply: tried.reply, trace: strand } : { failure: 'refusal', trace: strand };
  }
  upstream.lost(wait);
  return { failure: 'silence', trace: strand };
}

/** All servers are down: one query at a time finds out whether that is still so; others fail at once (unbound). */
function* probe(asker: Asker, upstreams: readonly Upstream[], question: Asking): Process<Asked> {
  const [upstream] = upstreams;
  const { waiting } = asker.profile;
  if (upstream === undefined || upstream.probing || waiting.kind === 'list') {
    return { failure: 'down', trace: question.trace };
  }
  upstream.probing = true;
  try {
    return yield* askOnce(asker, upstream, question, waiting.down);
  } finally {
    upstream.probing = false;
  }
}

function isAnswer(reply: Message): boolean {
  return reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN';
}

/** unbound draws among the servers that are about as fast as the best; the others take the first that lost least. */
function choose({ simulation, name, profile }: Asker, open: readonly Upstream[]): Upstream | undefined {
  const { waiting } = profile;
  if (waiting.kind === 'list') return open.toSorted((a, b) => a.losses - b.losses)[0];
  const best = Math.min(...open.map(({ wait }) => wait));
  const equals = open.filter(({ wait }) => wait <= best + waiting.band);
  return equals.length < 2 ? equals[0] : equals[simulation.stream(`${name} servers`).integer(equals.length)];
}

type Tried = { readonly reply: Message; readonly after: Micros } | 'silence' | 'refusal';

/** One query from a port of its own; TC is followed by the same over TCP. */
function* tryOnce(
  asker: Asker,
  upstream: Upstream,
  question: Asking,
  trace: TraceId,
  deadline: Micros,
): Process<Tried> {
  const { simulation, profile } = asker;
  const { name, type } = question;
  const start = simulation.now;
  const attempt = ++question.tries;
  const id = simulation.stream(`${asker.name} ids`).integer(65_536);
  const isSmall = profile.retriesSmall && question.silences === 1 && upstream.known;
  const edns = { udpSize: isSmall ? 512 : profile.udpSize, do: profile.asksWithDo, version: 0, options: [] };
  const message = query(id, { name, type }, { edns });
  const over = function* (protocol: 'udp' | 'tcp'): Process<Message | string> {
    const reply = yield* (protocol === 'udp' ? overUdp : overTcp)(asker, upstream, message, trace, deadline);
    const outcome = typeof reply === 'string' ? reply : reply.rcode;
    simulation.recorder.write(recursorTry, asker.name, trace, outcome, {
      upstream: formatEndpoint(upstream.endpoint),
      protocol,
      name,
      type,
      attempt,
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

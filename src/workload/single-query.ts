import { query } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import { absolute } from '../dns/name.ts';
import { type Process, sleepUntil, type TimedOut, timedOut } from '../engine/process.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../kernel/socket/socket.ts';
import { formatEndpoint, parseAddress } from '../network/address.ts';
import { type Closed, exchangeTcp, exchangeUdp, type Reply } from '../transport/exchange.ts';
import type { WorkloadDescription } from './description.ts';
import { replySeen } from './records.ts';
import { noReply, replyFields } from './reply-fields.ts';

type QueryDescription = WorkloadDescription & { readonly kind: 'query' };
type Outcome = Reply | Closed | SocketError | TimedOut;

/** One message sent as written, once, like `dig +tries=1`. */
export function* singleQuery(simulation: Simulation, sockets: Sockets, description: QueryDescription): Process {
  yield* sleepUntil(simulation, description.at);
  const { now: startedAt, recorder } = simulation;
  const trace = recorder.trace(noTrace);
  const message = messageOf(description, simulation.stream(`${description.name}/id`).integer(65_536));
  const ask = description.protocol === 'udp' ? askUdp : askTcp;
  const outcome = yield* ask(sockets, description, message, trace, startedAt + description.timeout);
  const peer = { address: parseAddress(description.to) ?? 0, port: description.port };
  recorder.write(replySeen, sockets.host, trace, '', {
    workload: description.name,
    number: 0,
    name: description.question.name,
    type: description.question.type,
    startedAt,
    latency: simulation.now - startedAt,
    ...outcomeFields(outcome, formatEndpoint(peer)),
  });
}

function messageOf({ question, flags, edns }: QueryDescription, id: number): Message {
  const offered = edns && { ...edns, version: 0, options: [] };
  return query(id, { ...question, name: absolute(question.name) }, { flags, ...(offered && { edns: offered }) });
}

function* askUdp(
  sockets: Sockets,
  { name: owner, from, fromPort = 0, to, port }: QueryDescription,
  message: Message,
  trace: TraceId,
  deadline: Micros,
): Process<Outcome> {
  const socket = sockets.udp({ owner, bind: { address: parseAddress(from) ?? 0, port: fromPort } });
  if (isSocketError(socket)) return socket;
  const failure = socket.connect({ address: parseAddress(to) ?? 0, port });
  const outcome = failure ?? (yield* exchangeUdp(socket, message, trace, deadline));
  socket.close();
  return outcome;
}

function* askTcp(
  sockets: Sockets,
  { name: owner, from, fromPort = 0, to, port }: QueryDescription,
  message: Message,
  trace: TraceId,
  deadline: Micros,
): Process<Outcome> {
  const bind = { address: parseAddress(from) ?? 0, port: fromPort };
  const remote = { address: parseAddress(to) ?? 0, port };
  const connection = yield* sockets.connect(remote, { owner, trace, deadline, bind });
  if (connection === timedOut || isSocketError(connection)) return connection;
  const outcome = yield* exchangeTcp(connection, message, trace, deadline);
  connection.close();
  return outcome;
}

function outcomeFields(outcome: Outcome, from: string) {
  if (outcome === timedOut) return { error: 'timeout', ...noReply };
  if (isSocketError(outcome)) return { error: outcome.error, ...noReply };
  if ('closed' in outcome) return { error: 'closed', ...noReply };
  if (!('message' in outcome)) return { error: 'garbled', ...noReply };
  return { error: '', from, ...replyFields(outcome.message, outcome.size) };
}

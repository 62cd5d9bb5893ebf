import { type Process, type TimedOut, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, toSeconds } from '../../engine/time.ts';
import { type Arrival, isSocketError, type SocketError, type TcpConnection } from '../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../network/address.ts';
import { type Certificate, type Roots, refusal } from './certificate.ts';
import { TlsConnection } from './connection.ts';
import { Alert, ClientFinished, ClientHello, ServerFinished, ServerHello } from './messages.ts';
import { tlsHandshake } from './records.ts';

interface Ticket {
  readonly server: object;
  readonly certificate: Certificate;
}

/** Tickets by the server's name (Go's ClientSessionCache). */
export type Sessions = Map<string, Ticket>;

/** How a client does TLS with one server. */
export interface TlsClient {
  /** What the certificate must be for: a name, or an address as text. */
  readonly serverName: string;
  readonly roots: Roots;
  /** undefined: sessions are not kept. */
  readonly sessions: Sessions | undefined;
  /** Octets of its ClientHello. */
  readonly helloOctets: number;
}

/** A handshake that came to nothing; `error` in the words of Go's crypto/tls. */
export interface TlsFailure {
  readonly tlsError: string;
}

export const isTlsFailure = (value: unknown): value is TlsFailure =>
  typeof value === 'object' && value !== null && 'tlsError' in value;

export interface HandshakeContext {
  readonly simulation: Simulation;
  readonly owner: string;
  readonly trace: TraceId;
  readonly deadline: Micros;
  /** When the TCP connection was asked for. */
  readonly begun: Micros;
}

type Ended = { readonly open: TlsConnection; readonly hello: ServerHello } | TlsFailure | SocketError | TimedOut;

/** The client's side of a handshake on an open TCP connection, which is closed where that fails (Go's crypto/tls). */
export function* openTls(
  connection: TcpConnection,
  client: TlsClient,
  context: HandshakeContext,
): Process<TlsConnection | TlsFailure | SocketError | TimedOut> {
  const { simulation, owner, trace, begun } = context;
  const start = simulation.now;
  const ticket = usableTicket(client.sessions, client.serverName, start);
  const ended = yield* handshake(connection, client, ticket, context);
  const note = (hello: ServerHello | undefined) =>
    simulation.recorder.write(tlsHandshake, owner, trace, causeOf(ended), {
      to: formatEndpoint(connection.remote),
      serverName: client.serverName,
      version: hello?.version ?? '',
      resumed: hello?.resumed ?? false,
      connecting: toSeconds(start - begun),
      seconds: toSeconds(simulation.now - start),
      error: errorOf(ended),
    });
  if (ended !== timedOut && 'open' in ended) {
    note(ended.hello);
    return ended.open;
  }
  note(undefined);
  // RFC 5077 §3.2: a ticket with which a handshake failed is thrown away.
  if (ticket !== undefined) client.sessions?.delete(client.serverName);
  connection.close();
  return ended;
}

function causeOf(ended: Ended): string {
  if (ended === timedOut) return 'tls-handshake-timeout';
  if ('open' in ended) return '';
  return errorOf(ended).startsWith(refused) ? 'tls-certificate-refused' : 'tls-handshake-failed';
}

function errorOf(ended: Ended): string {
  if (ended === timedOut) return 'context deadline exceeded';
  if (isTlsFailure(ended)) return ended.tlsError;
  return isSocketError(ended) ? ended.error : '';
}

const refused = 'tls: failed to verify certificate: ';
/** A fatal alert in the clear, or behind what the handshake has agreed on. */
const alertOctets = 7;

function* handshake(
  connection: TcpConnection,
  client: TlsClient,
  ticket: Ticket | undefined,
  context: HandshakeContext,
): Process<Ended> {
  const { simulation, trace, deadline } = context;
  const { serverName, roots, sessions, helloOctets } = client;
  const failed = connection.send(new ClientHello(serverName, ticket?.server, helloOctets), trace);
  const said = failed ?? (yield* message(connection, deadline));
  if (said === timedOut || isSocketError(said) || isTlsFailure(said)) return said;
  const hello = said.payload;
  if (!(hello instanceof ServerHello)) return { tlsError: 'tls: first record does not look like a TLS handshake' };
  const { version, resumed, certificate } = hello;
  const why = resumed ? undefined : refusal(certificate, serverName, roots, simulation.now);
  if (why !== undefined) {
    connection.send(new Alert('bad certificate', alertOctets), trace);
    return { tlsError: `${refused}${why}` };
  }
  const onTicket = (server: object) => sessions?.set(serverName, { server, certificate });
  connection.send(new ClientFinished(version, resumed), trace);
  if (version === '1.2' && !resumed) {
    const finished = yield* message(connection, deadline);
    if (finished === timedOut || isSocketError(finished) || isTlsFailure(finished)) return finished;
    if (finished.payload instanceof ServerFinished) onTicket(finished.payload.server);
  }
  return { open: new TlsConnection(connection, { version, onTicket }, trace), hello };
}

/** A ticket, unless the certificate that came with it has run out since. */
function usableTicket(sessions: Sessions | undefined, serverName: string, now: Micros): Ticket | undefined {
  const kept = sessions?.get(serverName);
  return kept !== undefined && now <= kept.certificate.until ? kept : undefined;
}

/** The peer's next words; an alert or the end of the stream is a failure. */
function* message(connection: TcpConnection, deadline: Micros): Process<Arrival | TlsFailure | SocketError | TimedOut> {
  const got = yield* connection.receive(deadline);
  if (got === timedOut || isSocketError(got)) return got;
  if ('end' in got) return { tlsError: 'EOF' };
  return got.payload instanceof Alert ? { tlsError: `remote error: tls: ${got.payload.text}` } : got;
}

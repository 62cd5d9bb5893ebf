import { type Process, timedOut } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import { isSocketError, type TcpConnection } from '../../kernel/socket/socket.ts';
import { Garbage } from '../payload.ts';
import type { Certificate } from './certificate.ts';
import { TlsConnection } from './connection.ts';
import { ClientFinished, ClientHello, ServerFinished, ServerHello, type TlsVersion } from './messages.ts';

/** How a server greets who connects: with TLS, or as one that is broken does. */
export type Greeting =
  | 'tls'
  /** Takes the connection and says nothing. */
  | 'stalls'
  /** Answers the ClientHello with something that is not TLS. */
  | 'plain'
  /** Ends, or resets, the connection after the ClientHello. */
  | 'closes'
  | 'resets';

/** How a server does TLS. */
export interface TlsServer {
  readonly certificate: Certificate;
  /** The newest version that it speaks. */
  readonly version: TlsVersion;
  /** Octets of the certificates that it sends. */
  readonly certificateOctets: number;
  readonly greeting: () => Greeting;
  /** Does it end connections without close_notify? */
  readonly bare: () => boolean;
}

/** How long a server waits for a handshake: so far no client was seen to be slower. */
const patience: Micros = 10 * second;

/** The server's side of a handshake; undefined: it came to nothing, and the connection is closed. Sessions of the same `server` are resumed. */
export function* acceptTls(
  simulation: Simulation,
  connection: TcpConnection,
  server: TlsServer,
): Process<TlsConnection | undefined> {
  const greeting = server.greeting();
  const deadline = greeting === 'stalls' ? Number.POSITIVE_INFINITY : simulation.now + patience;
  const first = yield* connection.receive(deadline);
  if (first === timedOut || isSocketError(first) || 'end' in first) return given(connection);
  const { payload: hello, trace } = first;
  if (greeting === 'resets' || greeting === 'closes') {
    if (greeting === 'resets') connection.abort();
    return given(connection);
  }
  if (greeting === 'stalls' || greeting === 'plain' || !(hello instanceof ClientHello)) {
    if (greeting === 'plain') connection.send(new Garbage(14), trace);
    yield* connection.receive(Number.POSITIVE_INFINITY);
    return given(connection);
  }
  const { version, certificate } = server;
  const resumed = hello.session === server;
  connection.send(new ServerHello(version, certificate, resumed, server.certificateOctets), trace);
  const finished = yield* connection.receive(deadline);
  if (finished === timedOut || isSocketError(finished) || 'end' in finished) return given(connection);
  if (!(finished.payload instanceof ClientFinished)) return given(connection);
  if (version === '1.3' || !resumed) connection.send(new ServerFinished(version, server), trace);
  return new TlsConnection(connection, { version, bare: server.bare }, trace);
}

function given(connection: TcpConnection): undefined {
  connection.close();
}

import { type Process, type TimedOut, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { isSocketError, type SocketError, type Sockets, type TcpConnection } from '../kernel/socket/socket.ts';
import type { Endpoint, Payload } from '../network/packet.ts';
import type { ServerSite } from './serve.ts';

/** What a page says. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

/** Octets of the request line and headers, and of the status line and headers, as Go's client and server write them. */
const requestOctets = 110;
const replyOctets = 116;

/** `GET path`, in one segment. */
class HttpRequest implements Payload {
  readonly path: string;
  readonly size: number;

  constructor(path: string) {
    this.path = path;
    this.size = requestOctets + path.length;
  }
}

class HttpPage implements Payload {
  readonly reply: HttpReply;
  readonly size: number;

  constructor(reply: HttpReply) {
    this.reply = reply;
    this.size = replyOctets + reply.body.length;
  }
}

/** GET over a connection of its own; `closed`: the server ended it without a word. */
export function* httpGet(
  sockets: Sockets,
  server: Endpoint,
  path: string,
  options: { readonly owner: string; readonly trace: TraceId; readonly deadline: Micros },
): Process<HttpReply | 'closed' | SocketError | TimedOut> {
  const connection = yield* sockets.connect(server, options);
  if (connection === timedOut || isSocketError(connection)) return connection;
  try {
    const failure = connection.send(new HttpRequest(path), options.trace);
    if (failure !== undefined) return failure;
    const arrival = yield* connection.receive(options.deadline);
    if (arrival === timedOut || isSocketError(arrival)) return arrival;
    return 'payload' in arrival && arrival.payload instanceof HttpPage ? arrival.payload.reply : 'closed';
  } finally {
    connection.close();
  }
}

/** Answers requests at an address until closed; a connection ends when its client ends it. */
export function serveHttp(
  { simulation, sockets, local, owner }: ServerSite,
  respond: (path: string) => HttpReply,
): { close(): void } | SocketError {
  const listener = sockets.listen(local, owner, { reusePort: true });
  if (isSocketError(listener)) return listener;
  const accepting = simulation.spawn(
    (function* (): Process {
      for (;;) {
        const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
        if (connection !== timedOut) simulation.spawn(answerAll(connection, respond));
      }
    })(),
  );
  return {
    close: () => {
      accepting.kill();
      listener.close();
    },
  };
}

function* answerAll(connection: TcpConnection, respond: (path: string) => HttpReply): Process {
  for (;;) {
    const arrival = yield* connection.receive(Number.POSITIVE_INFINITY);
    if (arrival === timedOut || isSocketError(arrival) || 'end' in arrival) break;
    if (!(arrival.payload instanceof HttpRequest)) break;
    if (connection.send(new HttpPage(respond(arrival.payload.path)), arrival.trace) !== undefined) break;
  }
  connection.close();
}

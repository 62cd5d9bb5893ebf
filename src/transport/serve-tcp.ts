import { Mailbox, type Process, type Task, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import {
  isSocketError,
  type SocketError,
  type TcpConnection,
  type TcpListener,
  type UdpOptions,
} from '../kernel/socket/socket.ts';
import type { Payload } from '../network/packet.ts';
import { receiveTcp } from './exchange.ts';
import { DnsPayload, FramedDns } from './payload.ts';
import { connectionWaits } from './records.ts';
import type { Answering, Incoming, ServerSite, Serving } from './serve.ts';

/** How long a TCP server waits, and how much it serves on one connection. */
export interface TcpLimits {
  /** From accept to the first query. */
  readonly firstRead: Micros;
  /** From the last reply to the next query. */
  readonly idle: Micros;
  /** Queries a connection; the connection is closed behind the last reply. */
  readonly queries: number;
  /** How many connections are served at once, each until it ends; others are taken on and wait. */
  readonly connections: number;
  /** Are the queries of one connection answered at the same time? Otherwise strictly one after the other. */
  readonly concurrent: boolean;
}

export const unlimitedTcp: TcpLimits = {
  firstRead: Number.POSITIVE_INFINITY,
  idle: Number.POSITIVE_INFINITY,
  queries: Number.POSITIVE_INFINITY,
  connections: Number.POSITIVE_INFINITY,
  concurrent: false,
};

/** What else may be said of a TCP server. */
export interface TcpOptions extends Pick<UdpOptions, 'reusePort'> {
  /** Asked as a connection comes in; absent: there are none. */
  readonly limits?: () => TcpLimits;
  /** Makes of a connection the one to be served, by a TLS handshake; undefined: it came to nothing. */
  readonly secure?: (connection: TcpConnection) => Process<TcpConnection | undefined>;
}

export interface TcpServing extends Serving {
  /** Connections that are there go on being served; new ones are refused. */
  stopAccepting(): void;
}

/** Serves DNS over TCP; each connection is a process of its own. */
export function serveTcp(site: ServerSite, answering: Answering, options: TcpOptions = {}): TcpServing | SocketError {
  const listener = site.sockets.listen(site.local, site.owner, options);
  return isSocketError(listener) ? listener : new TcpServer(site, listener, answering, options);
}

/** One of the connections that are served at once. */
interface Place {
  readonly free: Mailbox<true>;
  taken: boolean;
}

class TcpServer implements TcpServing {
  readonly #site: ServerSite;
  readonly #listener: TcpListener;
  readonly #answering: Answering;
  readonly #limits: () => TcpLimits;
  readonly #secure: TcpOptions['secure'];
  readonly #connections = new Map<TcpConnection, Task>();
  /** Those with a query that is being answered. */
  readonly #busy = new Set<TcpConnection>();
  readonly #loop: Task;
  /** Undefined: there is no end to them. */
  #places: Mailbox<true> | undefined;
  #isDraining = false;

  constructor(site: ServerSite, listener: TcpListener, answering: Answering, options: TcpOptions) {
    const { limits = () => unlimitedTcp, secure } = options;
    this.#site = site;
    this.#listener = listener;
    this.#answering = answering;
    this.#limits = limits;
    this.#secure = secure;
    this.#loop = site.simulation.spawn(this.#acceptAll());
  }

  get local() {
    return this.#site.local;
  }

  get inFlight(): number {
    return this.#busy.size;
  }

  stopAccepting(): void {
    this.#loop.kill();
    this.#listener.close();
  }

  stopListening(): void {
    this.#isDraining = true;
    this.stopAccepting();
    for (const connection of this.#connections.keys()) if (!this.#busy.has(connection)) this.#end(connection);
  }

  kill(): void {
    this.stopAccepting();
    for (const connection of this.#connections.keys()) this.#end(connection);
    this.#busy.clear();
  }

  #end(connection: TcpConnection): void {
    this.#connections.get(connection)?.kill();
    connection.close();
    this.#connections.delete(connection);
  }

  *#acceptAll(): Process {
    const { simulation } = this.#site;
    for (;;) {
      const connection = yield* this.#listener.accept(Number.POSITIVE_INFINITY);
      if (connection === timedOut) continue;
      this.#places ??= placesFor(simulation, this.#limits().connections);
      this.#connections.set(connection, simulation.spawn(this.#serve(connection)));
    }
  }

  *#serve(accepted: TcpConnection): Process {
    const free = this.#places;
    const place = free === undefined ? undefined : { free, taken: free.take() === true };
    const connection = this.#secure === undefined ? accepted : yield* this.#secure(accepted);
    if (connection !== undefined) yield* this.#converse(accepted, connection, place);
    if (place?.taken === true) place.free.put(true);
    this.#connections.delete(accepted);
  }

  *#converse(accepted: TcpConnection, connection: TcpConnection, place: Place | undefined): Process {
    const { simulation } = this.#site;
    const limits = this.#limits();
    const tls = this.#secure !== undefined;
    const { remote: client, local } = connection;
    let wait = limits.firstRead;
    for (let served = 0; served < limits.queries && !this.#isDraining; served++) {
      const query = yield* receiveTcp(connection, simulation.now + wait);
      if (query === timedOut || isSocketError(query) || !('message' in query)) break;
      const { message, size, trace } = query;
      if (place?.taken === false) yield* this.#placeFor(place, limits, trace);
      const incoming: Incoming = { message, size, trace, protocol: 'tcp', tls, client, local };
      if (limits.concurrent) {
        simulation.spawn(this.#answer(connection, incoming));
      } else {
        this.#busy.add(accepted);
        const goesOn = yield* this.#answer(connection, incoming);
        this.#busy.delete(accepted);
        if (!goesOn) return;
      }
      wait = limits.idle;
    }
    connection.close();
  }

  /** Waits until another connection has ended. */
  *#placeFor(place: Place, { connections: places }: TcpLimits, trace: TraceId): Process {
    const { simulation, owner } = this.#site;
    simulation.recorder.write(connectionWaits, owner, trace, 'all-places-taken', { places });
    yield* place.free.receive();
    place.taken = true;
  }

  /** Answers one query; false when the connection is gone. */
  *#answer(connection: TcpConnection, query: Incoming): Process<boolean> {
    const send = (reply: Payload) =>
      connection.send(reply instanceof DnsPayload ? new FramedDns(reply) : reply, query.trace);
    const answer = yield* this.#answering(query, send);
    if (answer === 'close') connection.close();
    else if (answer !== undefined) send(answer);
    return answer !== 'close';
  }
}

/** As many as connections may be served at once; undefined where there is no end to them. */
function placesFor(simulation: Simulation, count: number): Mailbox<true> | undefined {
  if (!Number.isFinite(count)) return undefined;
  const places = new Mailbox<true>(simulation);
  for (let i = 0; i < count; i++) places.put(true);
  return places;
}

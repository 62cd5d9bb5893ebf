import type { Message } from '../dns/message.ts';
import { type Process, type TimedOut, timedOut } from '../engine/process.ts';
import type { RandomStream } from '../engine/random.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import {
  isSocketError,
  SocketError,
  type Sockets,
  type TcpConnection,
  type UdpSocket,
} from '../kernel/socket/socket.ts';
import { formatAddress, formatEndpoint, parseAddress } from '../network/address.ts';
import type { Endpoint } from '../network/packet.ts';
import { decode } from '../transport/decode.ts';
import { receiveTcp } from '../transport/exchange.ts';
import { type DnsPayload, FramedDns } from '../transport/payload.ts';
import { makeQuery, type QueryOptions } from './query-message.ts';
import {
  callFailed,
  candidateEnded,
  candidateTried,
  lookupShared,
  modeChanged,
  queryMade,
  replyCame,
  waitEnded,
} from './records.ts';

const dnsPort = 53;
/** What is no address cannot be reached. */
const unreachable = new SocketError('ENETUNREACH');

/** A query with the number of times it has left. */
export interface Query {
  readonly payload: DnsPayload;
  sent: number;
}

/** A DNS message that came in. */
export interface Arrived {
  readonly message: Message;
  /** Octets that it had on the wire. */
  readonly size: number;
  /** Address of who sent it. */
  readonly from: string;
  readonly trace: TraceId;
}

/** The side of a resolver that faces the network: numbered sockets, and a record of all that passes through them. */
export class Client {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  /** Whose resolver this is, in records. */
  readonly name: string;
  readonly random: RandomStream;
  #opened = 0;

  constructor(simulation: Simulation, sockets: Sockets, name: string, library: string) {
    this.simulation = simulation;
    this.sockets = sockets;
    this.name = name;
    this.random = simulation.stream(`${name}/${library}`);
  }

  query(options: QueryOptions): Query {
    return { payload: makeQuery(this.random.integer(65_536), options), sent: 0 };
  }

  /** A socket for datagrams; unconnected until `connect`. `bound`: it has its port before the first query. */
  udp({
    receiveErrors,
    bound = false,
  }: {
    readonly receiveErrors: boolean;
    readonly bound?: boolean;
  }): UdpChannel | SocketError {
    const bind = bound ? { bind: { address: 0n, port: 0 } } : {};
    const socket = this.sockets.udp({ owner: this.name, receiveErrors, ...bind });
    return isSocketError(socket) ? socket : new UdpChannel(this, socket, ++this.#opened);
  }

  /** A TCP connection to a server. */
  *tcp(server: string, trace: TraceId, deadline: Micros): Process<TcpChannel | SocketError | TimedOut> {
    const peer = endpointOf(server);
    if (peer === undefined) return this.noteFailure(server, 'tcp', unreachable, trace);
    const connected = yield* this.sockets.connect(peer, { owner: this.name, trace, deadline });
    if (connected === timedOut) return timedOut;
    if (isSocketError(connected)) return this.noteFailure(server, 'tcp', connected, trace);
    return new TcpChannel(this, connected, server, ++this.#opened);
  }

  noteCandidate(candidate: string, reason: string, trace: TraceId): void {
    this.simulation.recorder.write(candidateTried, this.sockets.host, trace, reason, {
      resolver: this.name,
      candidate,
    });
  }

  noteOutcome(candidate: string, outcome: string, trace: TraceId): void {
    this.simulation.recorder.write(candidateEnded, this.sockets.host, trace, outcome, {
      resolver: this.name,
      candidate,
    });
  }

  /** A call that waits for one of the same name. */
  noteShared(name: string, other: TraceId, trace: TraceId): void {
    this.simulation.recorder.write(lookupShared, this.sockets.host, trace, '', {
      resolver: this.name,
      name,
      with: other,
    });
  }

  noteTimeout(server: string, waited: Micros, trace: TraceId): void {
    this.simulation.recorder.write(waitEnded, this.sockets.host, trace, '', { resolver: this.name, server, waited });
  }

  noteMode(server: string, mode: string, trace: TraceId): void {
    this.simulation.recorder.write(modeChanged, this.sockets.host, trace, mode, { resolver: this.name, server });
  }

  noteFailure(server: string, protocol: string, failure: SocketError, trace: TraceId): SocketError {
    const fields = { resolver: this.name, server, protocol };
    this.simulation.recorder.write(callFailed, this.sockets.host, trace, failure.error, fields);
    return failure;
  }
}

/** What UDP sockets and TCP connections have in common. */
abstract class Channel {
  abstract readonly protocol: 'udp' | 'tcp';
  protected readonly client: Client;
  readonly #number: number;

  constructor(client: Client, number: number) {
    this.client = client;
    this.#number = number;
  }

  /** What the resolver made of a message that came in: a short cause code. */
  noteReply({ message, from, trace }: Arrived, cause: string): void {
    const { simulation, sockets, name } = this.client;
    if (simulation.recorder.counted(replyCame, cause)) return;
    const [question] = message.question;
    simulation.recorder.write(replyCame, sockets.host, trace, cause, {
      resolver: name,
      server: from,
      protocol: this.protocol,
      name: question?.name ?? '',
      type: question?.type ?? '',
      id: message.id,
      socket: this.#number,
      rcode: message.rcode,
      answers: message.answer.length,
    });
  }

  /** Each message that leaves is a strand of its own below `parent`. */
  protected noteQuery(query: Query, server: string, localPort: number, parent: TraceId): TraceId {
    const { simulation, sockets, name } = this.client;
    const trace = simulation.recorder.trace(parent);
    const retransmission = query.sent++ > 0;
    if (simulation.recorder.counted(queryMade, '')) return trace;
    const { message } = query.payload;
    const [question] = message.question;
    simulation.recorder.write(queryMade, sockets.host, trace, '', {
      resolver: name,
      server,
      protocol: this.protocol,
      name: question?.name ?? '',
      type: question?.type ?? '',
      id: message.id,
      socket: this.#number,
      localPort,
      edns: message.edns?.udpSize ?? Number.NaN,
      retransmission,
    });
    return trace;
  }
}

/** A client's UDP socket, of one server once it is connected. */
export class UdpChannel extends Channel {
  readonly protocol = 'udp';
  readonly #socket: UdpSocket;
  #peer: string | undefined;

  constructor(client: Client, socket: UdpSocket, number: number) {
    super(client, number);
    this.#socket = socket;
  }

  /** Own address and port. */
  get local(): string {
    return formatEndpoint(this.#socket.local);
  }

  /** Fixes the server; closes the socket when that fails. */
  connect(server: string, trace: TraceId): SocketError | undefined {
    const peer = endpointOf(server);
    const failure = peer === undefined ? unreachable : this.#socket.connect(peer);
    this.#peer = server;
    if (failure === undefined) return undefined;
    this.close();
    return this.client.noteFailure(server, 'udp', failure, trace);
  }

  /** To the server, which is the connected one where the socket is connected. */
  send(query: Query, server: string, parent: TraceId): SocketError | undefined {
    const peer = endpointOf(server);
    if (peer === undefined) return this.client.noteFailure(server, 'udp', unreachable, parent);
    const trace = this.noteQuery(query, server, this.#socket.local.port, parent);
    const failure = this.#socket.send(query.payload, trace, this.#peer === undefined ? peer : undefined);
    return failure && this.client.noteFailure(server, 'udp', failure, trace);
  }

  /** The next DNS message, or the error that is pending. */
  *receive(deadline: Micros): Process<Arrived | SocketError | TimedOut> {
    for (;;) {
      const got = yield* this.#socket.receive(deadline);
      if (got === timedOut) return timedOut;
      if (isSocketError(got)) return this.client.noteFailure(this.#peer ?? '', 'udp', got, got.about);
      const decoded = decode(got.payload);
      if (decoded === undefined || !('message' in decoded)) continue;
      const { message, size } = decoded;
      return { message, size, from: formatAddress(got.from.address), trace: got.trace };
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** A client's TCP connection to a server. */
export class TcpChannel extends Channel {
  readonly protocol = 'tcp';
  readonly #connection: TcpConnection;
  readonly #server: string;

  constructor(client: Client, connection: TcpConnection, server: string, number: number) {
    super(client, number);
    this.#connection = connection;
    this.#server = server;
  }

  /** Own address and port. */
  get local(): string {
    return formatEndpoint(this.#connection.local);
  }

  send(query: Query, parent: TraceId): SocketError | undefined {
    const trace = this.noteQuery(query, this.#server, this.#connection.local.port, parent);
    const failure = this.#connection.send(new FramedDns(query.payload), trace);
    return failure && this.client.noteFailure(this.#server, 'tcp', failure, trace);
  }

  /** The next DNS message; `end`: the server closed. */
  *receive(deadline: Micros): Process<Arrived | 'end' | SocketError | TimedOut> {
    for (;;) {
      const got = yield* receiveTcp(this.#connection, deadline);
      if (got === timedOut) return timedOut;
      if (isSocketError(got)) return this.client.noteFailure(this.#server, 'tcp', got, got.about);
      if ('closed' in got) return 'end';
      if ('message' in got) return { message: got.message, size: got.size, from: this.#server, trace: got.trace };
    }
  }

  close(): void {
    this.#connection.close();
  }
}

function endpointOf(server: string): Endpoint | undefined {
  const address = parseAddress(server);
  return address === undefined ? undefined : { address, port: dnsPort };
}

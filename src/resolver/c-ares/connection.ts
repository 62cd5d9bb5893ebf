import { type Process, type Task, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { minute } from '../../engine/time.ts';
import { isSocketError, SocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client, Query, TcpChannel, UdpChannel } from '../client.ts';
import { sameQuestion } from '../query-message.ts';
import type { Server } from './server.ts';

/** A query under way: `wake` ends the wait of its current try. */
export interface Asking {
  readonly query: Query;
  wake: ((outcome: Arrived | SocketError) => void) | undefined;
  /** Where its current try went. */
  connection: Connection | undefined;
}

/** A socket to a server, shared by the queries that are under way over its protocol. */
export abstract class Connection {
  readonly server: Server;
  abstract readonly protocol: 'udp' | 'tcp';
  /** Takes new queries. */
  usable = true;
  readonly #waiting = new Set<Asking>();

  constructor(server: Server) {
    this.server = server;
  }

  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  expect(asking: Asking): void {
    this.#waiting.add(asking);
  }

  forget(asking: Asking): void {
    this.#waiting.delete(asking);
  }

  abstract send(query: Query, trace: TraceId): SocketError | undefined;
  abstract close(): void;

  /** Wakes the query that a reply is for; false: none of those that wait. */
  protected replied(arrived: Arrived): boolean {
    const { id, question } = arrived.message;
    const asking = [...this.#waiting].find(({ query: { payload } }) => {
      return payload.message.id === id && sameQuestion(payload.message.question, question);
    });
    asking?.wake?.(arrived);
    return asking !== undefined;
  }

  protected broke(error: SocketError): void {
    this.usable = false;
    for (const asking of this.#waiting) asking.wake?.(error);
  }
}

export class UdpConnection extends Connection {
  readonly protocol = 'udp';
  readonly #channel: UdpChannel;
  readonly #reader: Task;

  constructor(client: Client, server: Server, channel: UdpChannel) {
    super(server);
    this.#channel = channel;
    this.#reader = client.simulation.spawn(this.#read());
  }

  send(query: Query, trace: TraceId): SocketError | undefined {
    return this.#channel.send(query, this.server.address, trace);
  }

  close(): void {
    this.usable = false;
    this.#reader.kill();
    this.#channel.close();
  }

  *#read(): Process {
    for (;;) {
      const arrived = yield* this.#channel.receive(Number.POSITIVE_INFINITY);
      if (arrived === timedOut) continue;
      if (isSocketError(arrived)) this.broke(arrived);
      else {
        const isOurs = this.replied(arrived);
        this.#channel.noteReply(arrived, isOurs ? (arrived.message.flags.tc ? 'truncated' : 'used') : 'not-ours');
      }
    }
  }
}

/** The kernel gives up long before. */
const longestConnect = 10 * minute;

/** Its queries may be sent, and sent again, while it is still being opened. */
export class TcpStream extends Connection {
  readonly protocol = 'tcp';
  readonly #client: Client;
  readonly #unsent: { readonly query: Query; readonly trace: TraceId }[] = [];
  readonly #task: Task;
  #channel: TcpChannel | undefined;

  constructor(client: Client, server: Server, trace: TraceId) {
    super(server);
    this.#client = client;
    this.#task = client.simulation.spawn(this.#run(trace));
  }

  send(query: Query, trace: TraceId): SocketError | undefined {
    if (this.#channel !== undefined) return this.#channel.send(query, trace);
    this.#unsent.push({ query, trace });
    return undefined;
  }

  close(): void {
    this.usable = false;
    this.#task.kill();
    this.#channel?.close();
  }

  *#run(trace: TraceId): Process {
    const deadline = this.#client.simulation.now + longestConnect;
    const opened = yield* this.#client.tcp(this.server.address, trace, deadline);
    if (opened === timedOut) return;
    if (isSocketError(opened)) {
      this.broke(opened);
      return;
    }
    this.#channel = opened;
    for (const { query, trace: parent } of this.#unsent) opened.send(query, parent);
    while (this.usable) {
      const arrived = yield* opened.receive(Number.POSITIVE_INFINITY);
      if (arrived === timedOut) continue;
      if (arrived === 'end') this.broke(new SocketError('ECONNREFUSED', trace));
      else if (isSocketError(arrived)) this.broke(arrived);
      else opened.noteReply(arrived, this.replied(arrived) ? 'used' : 'not-ours');
    }
  }
}

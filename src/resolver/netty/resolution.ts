import type { Message } from '../../dns/message.ts';
import { Mailbox, type Process, type Task, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { isSocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client } from '../client.ts';
import type { NettyChannel } from './channel.ts';

/** What of the resolver's settings one resolution goes by. */
export interface NettySettings {
  readonly types: readonly ('A' | 'AAAA')[];
  /** Of each query. */
  readonly timeout: Micros;
  /** Queries that a name may cost, whatever their type and server. */
  readonly mostQueries: number;
  /** Is TCP tried after a truncated reply, also after a time-out, or never? */
  readonly tcp: 'never' | 'after-truncation' | 'after-time-out';
  /** Is the answer to the first type enough, be the other under way? */
  readonly firstTypeSuffices: boolean;
}

/** Records, or why there are none. `isTimeout`: no search domain is tried any more. */
export type Resolved =
  | { readonly replies: readonly Arrived[] }
  | { readonly queries: number; readonly cause: string; readonly isTimeout: boolean };

/** The largest datagram that Netty offers to take. */
const offeredSize = 4096;

type Outcome = { readonly type: 'A' | 'AAAA'; readonly index: number } & (
  | { readonly arrived: Arrived }
  | { readonly cause: string }
);

/**
 * One name, each type at the servers in turn: `DnsResolveContext` of netty-resolver-dns. A server that is silent is not asked
 * again; one that says NXDOMAIN without authority, or has no record, is not believed as long as another can be asked.
 */
export class Resolution {
  readonly #client: Client;
  readonly #channel: NettyChannel;
  readonly #settings: NettySettings;
  readonly #servers: readonly string[];
  readonly #name: string;
  readonly #trace: TraceId;
  readonly #outcomes: Mailbox<Outcome>;
  readonly #inProgress = new Set<Task>();
  /** Queries whose outcome has not been looked at. */
  #open = 0;
  readonly #replies: Arrived[] = [];
  #left: number;
  #cause = '';
  #isTimeout = false;

  constructor(
    client: Client,
    channel: NettyChannel,
    settings: NettySettings,
    servers: readonly string[],
    name: string,
    trace: TraceId,
  ) {
    this.#client = client;
    this.#channel = channel;
    this.#settings = settings;
    this.#servers = servers;
    this.#name = name;
    this.#trace = trace;
    this.#outcomes = new Mailbox(client.simulation);
    this.#left = settings.mostQueries;
  }

  *run(): Process<Resolved> {
    const { types, firstTypeSuffices, mostQueries } = this.#settings;
    for (const type of types) this.#ask(type, 0);
    while (this.#open > 0) {
      const outcome = yield* this.#outcomes.receive();
      this.#open--;
      const { type, index } = outcome;
      const records = 'arrived' in outcome ? addressCount(outcome.arrived.message, type) : 0;
      if ('arrived' in outcome && records > 0) {
        this.#replies.push(outcome.arrived);
        if (firstTypeSuffices && type === types[0]) break;
      } else if ('cause' in outcome) {
        [this.#cause, this.#isTimeout] = [outcome.cause, true];
        this.#ask(type, index + 1);
      } else {
        const { rcode } = outcome.arrived.message;
        [this.#cause, this.#isTimeout] = [causeOf(rcode), false];
        // An empty answer leads on only when nothing else is under way that could have one.
        if (rcode !== 'NOERROR' || (this.#open === 0 && this.#replies.length === 0)) this.#ask(type, index + 1);
      }
    }
    for (const task of this.#inProgress) task.kill();
    if (this.#replies.length > 0) return { replies: this.#replies };
    return { queries: mostQueries - this.#left, cause: this.#cause, isTimeout: this.#isTimeout };
  }

  #ask(type: 'A' | 'AAAA', index: number): void {
    const server = this.#servers[index];
    if (server === undefined || this.#left === 0) return;
    this.#left--;
    this.#open++;
    const task: Task = this.#client.simulation.spawn(
      this.#exchange(server, type, index, () => this.#inProgress.delete(task)),
    );
    this.#inProgress.add(task);
  }

  *#exchange(server: string, type: 'A' | 'AAAA', index: number, done: () => void): Process {
    const { timeout, tcp } = this.#settings;
    const query = this.#client.query({ name: this.#name, type, udpSize: offeredSize });
    const { simulation } = this.#client;
    const arrived = yield* this.#channel.ask(server, query, simulation.now + timeout, this.#trace);
    const isTruncated = arrived !== timedOut && arrived.message.flags.tc;
    if (arrived === timedOut) this.#client.noteTimeout(server, timeout, this.#trace);
    const mayTcp = (isTruncated && tcp !== 'never') || (arrived === timedOut && tcp === 'after-time-out');
    // Where TCP fails too, what UDP brought is made do with.
    const whole = mayTcp ? ((yield* this.#overTcp(server, type)) ?? arrived) : arrived;
    done();
    const question = `DefaultDnsQuestion(${this.#name} IN ${type})`;
    const cause = `[ID: /${server}:53] ${question} query 'ID' via UDP timed out after ${timeout / 1000} milliseconds (no stack trace available)`;
    this.#outcomes.put({
      type,
      index,
      ...(whole === timedOut ? { cause: `DnsNameResolverTimeoutException: ${cause}` } : { arrived: whole }),
    });
  }

  /** The question again, without EDNS, on a connection of its own. */
  *#overTcp(server: string, type: string): Process<Arrived | undefined> {
    const query = this.#client.query({ name: this.#name, type });
    const deadline = () => this.#client.simulation.now + this.#settings.timeout;
    const connection = yield* this.#client.tcp(server, this.#trace, deadline());
    if (connection === timedOut || isSocketError(connection)) return undefined;
    const arrived = connection.send(query, this.#trace) ?? (yield* connection.receive(deadline()));
    connection.close();
    if (arrived === timedOut || arrived === 'end' || isSocketError(arrived)) return undefined;
    connection.noteReply(arrived, 'used');
    return arrived;
  }
}

function addressCount({ rcode, answer }: Message, type: string): number {
  return rcode === 'NOERROR' ? answer.filter(({ data }) => data.type === type).length : 0;
}

function causeOf(rcode: string): string {
  return rcode === 'NOERROR' ? '' : `DnsErrorCauseException: Query failed with ${rcode}`;
}

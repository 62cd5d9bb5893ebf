import { Mailbox, type Process, type Task, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, millisecond } from '../../engine/time.ts';
import { isSocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client, Query, UdpChannel } from '../client.ts';
import type { MuslRelease } from '../releases.ts';
import type { ResolvConf } from '../resolv-conf.ts';

/** A read that found nothing more to read; a TCP connection begun, or refused; no way to a server (asm-generic/errno.h). */
const [eagain, einprogress, econnrefused, enetunreach] = [11, 115, 111, 101];

/** What a lookup came to. */
export interface Answers {
  /** In the order of the queries; undefined: no answer. */
  readonly replies: readonly (Arrived | undefined)[];
  /** errno, where anything has set it. */
  readonly errno: number | undefined;
}

/** Asks all servers at once until each query has an answer: `__res_msend_rc` of src/network/res_msend.c. */
export function* msend(
  client: Client,
  release: MuslRelease,
  conf: ResolvConf,
  queries: readonly Query[],
  trace: TraceId,
): Process<Answers> {
  const channel = client.udp({ receiveErrors: false, bound: true });
  if (isSocketError(channel)) return { replies: [], errno: undefined };
  const sending = new Sending(client, release, conf, queries, channel, trace);
  yield* sending.run();
  sending.close();
  return sending.answers();
}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'over-tcp'; readonly task: Task }
  | { readonly kind: 'answered'; readonly reply: Arrived };
type Event =
  | { readonly kind: 'datagram'; readonly arrived: Arrived }
  | { readonly kind: 'tcp'; readonly index: number; readonly reply: Arrived | undefined };

/** One socket, all queries to all servers, again and again in the same interval. */
class Sending {
  readonly #client: Client;
  readonly #release: MuslRelease;
  readonly #conf: ResolvConf;
  readonly #queries: readonly Query[];
  readonly #channel: UdpChannel;
  readonly #trace: TraceId;
  readonly #states: State[];
  readonly #events: Mailbox<Event>;
  readonly #reader: Task;
  readonly #timeout: Micros;
  readonly #interval: Micros;
  readonly #started: Micros;
  /** SERVFAILs that are still answered with the query again, in this interval. */
  #resends = 0;
  #errno: number | undefined;
  /** A failure by TCP ends the whole lookup. */
  #failed = false;

  constructor(
    client: Client,
    release: MuslRelease,
    conf: ResolvConf,
    queries: readonly Query[],
    channel: UdpChannel,
    trace: TraceId,
  ) {
    this.#client = client;
    this.#release = release;
    this.#conf = conf;
    this.#queries = queries;
    this.#channel = channel;
    this.#trace = trace;
    this.#states = queries.map(() => ({ kind: 'open' }));
    this.#events = new Mailbox(client.simulation);
    this.#reader = client.simulation.spawn(this.#read());
    this.#started = client.simulation.now;
    this.#timeout = conf.timeout * 1000 * millisecond;
    this.#interval = Math.floor((conf.timeout * 1000) / Math.max(1, conf.attempts)) * millisecond;
  }

  *run(): Process {
    const { simulation } = this.#client;
    for (let sent = 1; !this.#isOver(); sent++) {
      // What the division leaves over is used up by waits that end late: it is not enough for another round.
      const retryAt = sent < this.#conf.attempts ? simulation.now + this.#interval : this.#started + this.#timeout;
      this.#sendOpen();
      this.#resends = 2 * this.#queries.length;
      yield* this.#await(retryAt);
      if (!this.#isOver() || this.#isLate())
        for (const server of this.#conf.nameservers) this.#client.noteTimeout(server, this.#interval, this.#trace);
    }
  }

  answers(): Answers {
    const replies = this.#states.map((state) => (state.kind === 'answered' ? state.reply : undefined));
    return { replies, errno: this.#errno };
  }

  close(): void {
    this.#reader.kill();
    for (const state of this.#states) if (state.kind === 'over-tcp') state.task.kill();
    this.#channel.close();
  }

  *#await(retryAt: Micros): Process {
    while (!this.#isOver()) {
      const event = yield* this.#events.receive(retryAt);
      if (event === timedOut) return;
      if (event.kind === 'datagram') this.#take(event.arrived);
      else if (event.reply === undefined) this.#failed = true;
      else this.#states[event.index] = { kind: 'answered', reply: event.reply };
      if (event.kind === 'datagram' && this.#states.some(({ kind }) => kind === 'open')) this.#errno = eagain;
    }
  }

  #isDone(): boolean {
    return this.#states.every(({ kind }) => kind === 'answered');
  }

  #isLate(): boolean {
    return this.#client.simulation.now - this.#started >= this.#timeout;
  }

  #isOver(): boolean {
    return this.#failed || this.#isDone() || this.#isLate();
  }

  /** What has no answer goes to every server, all servers for one query before the next query. */
  #sendOpen(): void {
    for (const [i, query] of this.#queries.entries()) {
      if (this.#states[i]?.kind !== 'open') continue;
      for (const server of this.#conf.nameservers)
        if (this.#channel.send(query, server, this.#trace)?.error === 'ENETUNREACH') this.#errno = enetunreach;
    }
  }

  *#read(): Process {
    for (;;) {
      const arrived = yield* this.#channel.receive(Number.POSITIVE_INFINITY);
      if (arrived !== timedOut && !isSocketError(arrived)) this.#events.put({ kind: 'datagram', arrived });
    }
  }

  /** The id and the sender's address decide whose answer it is; only NOERROR and NXDOMAIN count. */
  #take(arrived: Arrived): void {
    const { message: reply, from } = arrived;
    const index = this.#queries.findIndex(({ payload }) => payload.message.id === reply.id);
    const query = this.#queries[index];
    if (query === undefined || this.#states[index]?.kind !== 'open' || !this.#conf.nameservers.includes(from)) {
      this.#channel.noteReply(arrived, 'not-ours');
    } else if (reply.rcode === 'SERVFAIL') {
      this.#channel.noteReply(arrived, 'rejected');
      if (this.#resends > 0) {
        this.#resends--;
        this.#channel.send(query, from, this.#trace);
      }
    } else if (reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN') this.#channel.noteReply(arrived, 'rejected');
    else if (reply.flags.tc && this.#release.asksAgainOverTcp) {
      this.#channel.noteReply(arrived, 'truncated');
      this.#errno = einprogress;
      this.#states[index] = {
        kind: 'over-tcp',
        task: this.#client.simulation.spawn(this.#askOverTcp(index, query, from)),
      };
    } else {
      this.#channel.noteReply(arrived, 'used');
      this.#states[index] = { kind: 'answered', reply: arrived };
    }
  }

  /** The same query on a connection of its own. */
  *#askOverTcp(index: number, query: Query, server: string): Process {
    const never = Number.POSITIVE_INFINITY;
    const connection = yield* this.#client.tcp(server, this.#trace, never);
    if (connection === timedOut || isSocketError(connection)) {
      if (connection !== timedOut && connection.error === 'ECONNREFUSED') this.#errno = econnrefused;
      this.#events.put({ kind: 'tcp', index, reply: undefined });
      return;
    }
    const failure = connection.send(query, this.#trace);
    const arrived = failure ?? (yield* connection.receive(never));
    connection.close();
    if (arrived === timedOut || arrived === 'end' || isSocketError(arrived)) {
      this.#events.put({ kind: 'tcp', index, reply: undefined });
      return;
    }
    const isUsed = arrived.message.rcode === 'NOERROR' || arrived.message.rcode === 'NXDOMAIN';
    connection.noteReply(arrived, isUsed ? 'used' : 'rejected');
    this.#events.put({ kind: 'tcp', index, reply: isUsed ? arrived : undefined });
  }
}

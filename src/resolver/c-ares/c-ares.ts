import type { Message } from '../../dns/message.ts';
import { absolute } from '../../dns/name.ts';
import { type Process, type TimedOut, timedOut, waitUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { addressesOf } from '../addresses.ts';
import { type Arrived, Client, type Query } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import type { Lookup, LookupResult, Resolver } from '../lookup.ts';
import { parseResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { Connection } from './connection.ts';
import { Server } from './server.ts';

/** How c-ares reads resolv.conf; `attempts`, the search list and ndots are left aside by Node's dns.resolve. */
export const caresRules: ResolvConfRules = {
  reader: 'c-ares',
  defaultServer: '127.0.0.1',
  nameservers: Number.POSITIVE_INFINITY,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: Number.POSITIVE_INFINITY,
  indented: true,
  flags: ['rotate', 'use-vc'],
  flagsByPrefix: false,
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: 2, least: 1, most: Number.POSITIVE_INFINITY },
    attempts: { default: 3, least: 1, most: Number.POSITIVE_INFINITY },
  },
};

/** Tries a server, as Node sets them. */
const nodeTries = 4;
/** Node looks at c-ares' deadlines this often at most. */
const slowestTick = second;
/** The timer runs by the event loop's clock: its ticks come too early for a deadline, or just late enough (10 of 14 on the path). */
const earliestTimer = -millisecond;
const latestTimer = 3 * millisecond;

type Outcome = Message | 'refused' | 'timeout';

const errorOfRcode: Readonly<Record<string, string>> = {
  NXDOMAIN: 'ENOTFOUND',
  SERVFAIL: 'ESERVFAIL',
  REFUSED: 'EREFUSED',
  FORMERR: 'EFORMERR',
  NOTIMP: 'ENOTIMP',
};

/** Node's dns.resolve4 and dns.resolve6: one c-ares channel, resolv.conf read once, no search list. */
export class CAres implements Resolver {
  readonly #client: Client;
  readonly #servers: readonly Server[];
  readonly #timeout: Micros;
  readonly #tick: Micros;
  readonly #tries: number;
  readonly #connections = new Set<Connection>();
  /** When the running timer was started; undefined: no socket is open. */
  #timerStart: Micros | undefined;

  constructor(simulation: Simulation, sockets: Sockets, name: string, { resolvConf, timing }: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'c-ares');
    const conf = parseResolvConf(resolvConf, caresRules);
    this.#servers = conf.nameservers.map((address) => new Server(address));
    this.#timeout = timing?.timeout ?? conf.timeout * second;
    this.#tick = Math.min(slowestTick, timing?.timeout ?? slowestTick);
    this.#tries = timing?.tries ?? nodeTries;
  }

  /** Never seen: the file is read when the process starts. */
  rewriteResolvConf(): void {}

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    const type = family === 'ipv6' ? 'AAAA' : 'A';
    const candidate = absolute(name);
    this.#client.noteCandidate(candidate, 'as-it-is', trace);
    const query = this.#client.query({ name: candidate, type });
    const outcome = yield* this.#ask(query, trace);
    const addresses = typeof outcome === 'string' ? [] : addressesOf([outcome]);
    const result = addresses.length > 0 ? 'OK' : errorOf(outcome);
    this.#client.noteOutcome(candidate, result === 'OK' ? 'answer' : result, trace);
    return { result, addresses, printed: result === 'OK' ? '' : `query${type} ${result} ${name}`, errno: 0 };
  }

  /** Tries servers, the one with the fewest failures first, until one replies at all: any rcode is final. */
  *#ask(query: Query, trace: TraceId): Process<Outcome> {
    let outcome: Outcome = 'timeout';
    for (let attempt = 0; attempt < this.#tries * this.#servers.length; attempt++) {
      const server = this.#servers.reduce((best, other) => (other.failures < best.failures ? other : best));
      const { now } = this.#client.simulation;
      const arrived = yield* this.#overUdp(server, query, this.#patience(server, attempt), trace);
      if (arrived !== timedOut && !isSocketError(arrived)) {
        const { message } = arrived;
        const isFinal = message.rcode === 'NOERROR' || message.rcode === 'NXDOMAIN';
        if (isFinal) server.answered(this.#client.simulation.now, this.#client.simulation.now - now);
        if (!message.flags.tc) return message;
        const whole = yield* this.#overTcp(server, query, this.#patience(server, attempt), trace);
        if (whole !== undefined) return whole;
      }
      outcome = isSocketError(arrived) ? 'refused' : 'timeout';
      server.failures++;
    }
    return outcome;
  }

  /** Doubles with each round over all servers, and from the second round on is cut by up to half by chance. */
  #patience(server: Server, attempt: number): Micros {
    const base = server.timeout(this.#client.simulation.now, this.#timeout);
    const round = Math.floor(attempt / this.#servers.length);
    if (round === 0) return base;
    const doubled = base * 2 ** round;
    return Math.max(base, doubled - this.#client.random.span(0, doubled / 2));
  }

  *#overUdp(server: Server, query: Query, patience: Micros, trace: TraceId): Process<Arrived | SocketError | TimedOut> {
    const connection = this.#connectionTo(server, trace);
    if (isSocketError(connection)) return connection;
    const { simulation } = this.#client;
    const failure = connection.channel.send(query, server.address, trace);
    const deadline = this.#tickFrom(simulation.now + patience);
    const arrived =
      failure ??
      (yield* waitUntil<Arrived | SocketError>(simulation, deadline, (wake) => {
        connection.expect(query, wake);
        return () => connection.forget(query);
      }));
    connection.forget(query);
    if (arrived === timedOut) {
      connection.usable = false;
      this.#client.noteTimeout(server.address, patience, trace);
      // The next try opens its socket before this one is closed, so the timer runs on.
      simulation.after(0, () => this.#closeIdle(connection));
    } else this.#closeIdle(connection);
    return arrived;
  }

  *#overTcp(server: Server, query: Query, patience: Micros, trace: TraceId): Process<Message | undefined> {
    const deadline = this.#client.simulation.now + patience;
    const connection = yield* this.#client.tcp(server.address, trace, deadline);
    if (connection === timedOut || isSocketError(connection)) return undefined;
    const failure = connection.send(query, trace);
    const arrived = failure ?? (yield* connection.receive(deadline));
    connection.close();
    if (arrived === timedOut || arrived === 'end' || isSocketError(arrived)) return undefined;
    connection.noteReply(arrived, 'used');
    return arrived.message;
  }

  #connectionTo(server: Server, trace: TraceId): Connection | SocketError {
    for (const connection of this.#connections)
      if (connection.usable && connection.server === server) return connection;
    const channel = this.#client.udp({ receiveErrors: false });
    if (isSocketError(channel)) return channel;
    const failure = channel.connect(server.address, trace);
    if (failure !== undefined) return failure;
    const connection = new Connection(this.#client, server, channel);
    const { simulation, name } = this.#client;
    this.#timerStart ??= simulation.now + simulation.stream(`${name}/c-ares/timer`).span(earliestTimer, latestTimer);
    this.#connections.add(connection);
    return connection;
  }

  #closeIdle(connection: Connection): void {
    if (connection.busy) return;
    connection.close();
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#timerStart = undefined;
  }

  /** The first tick of Node's timer at or after an instant. */
  #tickFrom(instant: Micros): Micros {
    const start = this.#timerStart ?? instant;
    return start + Math.ceil((instant - start) / this.#tick) * this.#tick;
  }
}

function errorOf(outcome: Outcome): string {
  if (outcome === 'timeout') return 'ETIMEOUT';
  if (outcome === 'refused') return 'ECONNREFUSED';
  return errorOfRcode[outcome.rcode] ?? 'ENODATA';
}

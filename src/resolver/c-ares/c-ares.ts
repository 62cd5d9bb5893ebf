import type { Message } from '../../dns/message.ts';
import { absolute, isSendable } from '../../dns/name.ts';
import { type Process, type TimedOut, timedOut, waitUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { addressesOf } from '../addresses.ts';
import { type Arrived, Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import type { Lookup, LookupResult, Resolver } from '../lookup.ts';
import { type CAresRelease, caresRelease } from '../releases.ts';
import { atoi, parseResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { caresServer } from '../server-address.ts';
import { type Asking, type Connection, TcpStream, UdpConnection } from './connection.ts';
import { Server } from './server.ts';

/** How c-ares reads resolv.conf; `attempts`, the search list and ndots are left aside by Node's dns.resolve. */
export const caresRules = ({ timeout, knowsWords }: CAresRelease): ResolvConfRules => ({
  reader: 'c-ares',
  defaultServers: ['127.0.0.1'],
  nameservers: Number.POSITIVE_INFINITY,
  server: caresServer,
  serversOnALine: true,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: Number.POSITIVE_INFINITY,
  indented: true,
  word: /[^\s,]+/g,
  domain: 'first-if-alone',
  emptySearchClears: false,
  options: 'by-word',
  flags: knowsWords ? ['rotate', 'use-vc'] : ['rotate'],
  aliases: knowsWords ? { usevc: 'use-vc', retrans: 'timeout', retry: 'attempts' } : { timeout: 'unknown' },
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: timeout, least: 1, most: Number.POSITIVE_INFINITY },
    attempts: { default: 3, least: 1, most: Number.POSITIVE_INFINITY },
  },
  number: (text, option) => (atoi(text) > 0 || option === 'ndots' ? atoi(text) : undefined),
});

/** Tries a server, as Node sets them. */
const nodeTries = 4;
/** Node looks at c-ares' deadlines this often at most. */
const slowestTick = second;
/** The timer runs by the event loop's clock: its ticks come too early for a deadline, or just late enough (10 of 14 on the path). */
const earliestTimer = -millisecond;
const latestTimer = 3 * millisecond;

/** DEFAULT_SERVER_RETRY_CHANCE: one in so many. */
const probeChance = 10;

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
  readonly #release: CAresRelease;
  readonly #servers: readonly Server[];
  readonly #timeout: Micros;
  readonly #tick: Micros;
  readonly #tries: number;
  readonly #rotates: boolean;
  readonly #onlyTcp: boolean;
  /** An alias that leads nowhere is an answer without addresses for dns.resolve4, no data for ares_getaddrinfo. */
  readonly #aliasSuffices: boolean;
  readonly #connections = new Set<Connection>();
  /** When the running timer was started; undefined: no socket is open. */
  #timerStart: Micros | undefined;

  constructor(
    simulation: Simulation,
    sockets: Sockets,
    name: string,
    { release, resolvConf, timing, held }: ResolverDescription,
  ) {
    this.#client = new Client(simulation, sockets, name, 'c-ares');
    this.#release = caresRelease(release);
    const conf = parseResolvConf(resolvConf, caresRules(this.#release));
    this.#servers = conf.nameservers.map((address) => new Server(address, this.#release.adaptsTimeout));
    this.#timeout = timing?.timeout ?? conf.timeout * second;
    this.#tick = Math.min(slowestTick, timing?.timeout ?? slowestTick);
    this.#tries = timing?.tries ?? nodeTries;
    this.#rotates = conf.flags.has('rotate');
    this.#onlyTcp = conf.flags.has('use-vc');
    this.#aliasSuffices = held === undefined;
  }

  /** Never seen: the file is read when the process starts. */
  rewriteResolvConf(): void {}

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    const type = family === 'ipv6' ? 'AAAA' : 'A';
    const candidate = absolute(name);
    if (!isSendable(candidate))
      return { result: 'EBADNAME', addresses: [], printed: `query${type} EBADNAME ${name}`, errno: 0 };
    this.#client.noteCandidate(candidate, 'as-it-is', trace);
    const asking = this.#asking(candidate, type);
    const outcome = yield* this.#ask(asking, trace);
    this.#leave(asking);
    const addresses = typeof outcome === 'string' ? [] : addressesOf([outcome]);
    const result = addresses.length > 0 || (this.#aliasSuffices && isAliasOnly(outcome)) ? 'OK' : errorOf(outcome);
    this.#client.noteOutcome(candidate, result === 'OK' ? 'answer' : result, trace);
    return { result, addresses, printed: result === 'OK' ? '' : `query${type} ${result} ${name}`, errno: 0 };
  }

  /** A query of its own, not yet sent to anybody. */
  #asking(name: string, type: string): Asking {
    return { query: this.#client.query({ name, type }), wake: undefined, connection: undefined };
  }

  /** Tries servers until one replies at all: any rcode is final. Once truncated, a query goes over TCP for good. */
  *#ask(asking: Asking, trace: TraceId): Process<Outcome> {
    let outcome: Outcome = 'timeout';
    let overTcp = this.#onlyTcp;
    for (let attempt = 0; attempt < this.#tries * this.#servers.length; ) {
      const server = this.#next(attempt);
      if (this.#release.probes && attempt === 0 && server.failures === 0) this.#probeFailed(server, asking, trace);
      const sent = this.#client.simulation.now;
      const patience = this.#patience(server, attempt);
      const arrived = yield* this.#try(asking, server, overTcp ? 'tcp' : 'udp', patience, trace);
      if (arrived !== timedOut && !isSocketError(arrived)) {
        const { rcode, flags } = arrived.message;
        const isTruncated = flags.tc && !overTcp;
        if (!isTruncated && (rcode === 'NOERROR' || rcode === 'NXDOMAIN'))
          server.answered(this.#client.simulation.now, this.#client.simulation.now - sent);
        if (!isTruncated) return arrived.message;
        overTcp = true;
        continue;
      }
      outcome = isSocketError(arrived) && this.#release.tellsRejected ? 'refused' : 'timeout';
      server.failed(this.#client.simulation.now);
      attempt++;
    }
    return outcome;
  }

  /** The first server with the fewest failures; with `rotate` any of those, by chance. */
  #next(attempt: number): Server {
    const inTurn = this.#servers[attempt % this.#servers.length];
    if (!this.#release.sortsByFailures && !this.#rotates && inTurn !== undefined) return inTurn;
    const least = Math.min(...this.#servers.map(({ failures }) => failures));
    const best = this.#servers.filter(({ failures }) => failures === least);
    const chosen = this.#rotates ? best[this.#client.random.integer(best.length)] : best[0];
    if (chosen === undefined) throw new Error('c-ares has no server');
    return chosen;
  }

  /** One in ten queries also goes to a server that failed a while ago, to learn whether it is back (`ares_probe_failed_server`). */
  #probeFailed(asked: Server, { query }: Asking, trace: TraceId): void {
    const { simulation, name } = this.#client;
    if (this.#servers.every(({ failures }) => failures === 0)) return;
    if (simulation.stream(`${name}/c-ares/probe`).integer(probeChance) !== 0) return;
    const down = this.#servers.find((server) => server.mayBeProbed(simulation.now));
    if (down === undefined || down === asked) return;
    down.isProbed = true;
    simulation.spawn(this.#probe(down, query, trace));
  }

  *#probe(server: Server, { payload }: Asking['query'], trace: TraceId): Process {
    const [question] = payload.message.question;
    if (question === undefined) return;
    const { simulation } = this.#client;
    const sent = simulation.now;
    const asking = this.#asking(question.name, question.type);
    const arrived = yield* this.#try(asking, server, 'udp', this.#patience(server, 0), trace);
    this.#leave(asking);
    server.isProbed = false;
    if (arrived === timedOut || isSocketError(arrived)) server.failed(simulation.now);
    else server.answered(simulation.now, simulation.now - sent);
  }

  /** Doubles with each round over all servers, and from the second round on is cut by up to half by chance. */
  #patience(server: Server, attempt: number): Micros {
    const base = server.timeout(this.#client.simulation.now, this.#timeout);
    const round = Math.floor(attempt / this.#servers.length);
    if (round === 0) return base;
    const doubled = base * 2 ** round;
    const cut = this.#release.hasJitter ? this.#client.random.span(0, doubled / 2) : 0;
    return Math.max(base, doubled - cut);
  }

  *#try(
    asking: Asking,
    server: Server,
    protocol: 'udp' | 'tcp',
    patience: Micros,
    trace: TraceId,
  ): Process<Arrived | SocketError | TimedOut> {
    const { simulation } = this.#client;
    const connection = this.#connectionTo(server, protocol, trace);
    const before = asking.connection;
    if (isSocketError(connection)) return connection;
    asking.connection = connection;
    connection.expect(asking);
    if (before !== undefined && before !== connection) this.#moved(asking, before);
    const failure = connection.send(asking.query, trace);
    const deadline = this.#tickFrom(simulation.now + patience);
    const arrived =
      failure ??
      (yield* waitUntil<Arrived | SocketError>(simulation, deadline, (wake) => {
        asking.wake = wake;
        return () => {
          asking.wake = undefined;
        };
      }));
    if (arrived === timedOut) {
      if (protocol === 'udp' && this.#release.leavesSocket) connection.usable = false;
      this.#client.noteTimeout(server.address, patience, trace);
    }
    return arrived;
  }

  #connectionTo(server: Server, protocol: 'udp' | 'tcp', trace: TraceId): Connection | SocketError {
    for (const connection of this.#connections)
      if (connection.usable && connection.server === server && connection.protocol === protocol) return connection;
    const connection = protocol === 'udp' ? this.#udpTo(server, trace) : new TcpStream(this.#client, server, trace);
    if (isSocketError(connection)) return connection;
    const { simulation, name } = this.#client;
    this.#timerStart ??= simulation.now + simulation.stream(`${name}/c-ares/timer`).span(earliestTimer, latestTimer);
    this.#connections.add(connection);
    return connection;
  }

  #udpTo(server: Server, trace: TraceId): Connection | SocketError {
    const channel = this.#client.udp({ receiveErrors: false });
    if (isSocketError(channel)) return channel;
    return channel.connect(server.address, trace) ?? new UdpConnection(this.#client, server, channel);
  }

  /** A query tries another server, or by TCP: what comes late over its last connection is for nobody, unless that stays open. */
  #moved(asking: Asking, from: Connection): void {
    if (this.#release.keepsSockets) return;
    from.forget(asking);
    this.#closeIdle(from);
  }

  #leave(asking: Asking): void {
    for (const connection of this.#connections) connection.forget(asking);
    for (const connection of [...this.#connections]) this.#closeIdle(connection);
  }

  #closeIdle(connection: Connection): void {
    const stays = this.#release.keepsSockets && [...this.#connections].some(({ busy }) => busy);
    if (connection.busy || stays) return;
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

function isAliasOnly(outcome: Outcome): boolean {
  return (
    typeof outcome !== 'string' &&
    outcome.rcode === 'NOERROR' &&
    outcome.answer.some(({ data }) => data.type === 'CNAME')
  );
}

function errorOf(outcome: Outcome): string {
  if (outcome === 'timeout') return 'ETIMEOUT';
  if (outcome === 'refused') return 'ECONNREFUSED';
  return errorOfRcode[outcome.rcode] ?? 'ENODATA';
}

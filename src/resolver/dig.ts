import type { Message } from '../dns/message.ts';
import { absolute } from '../dns/name.ts';
import { type Process, type TimedOut, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { isSocketError, type SocketError, type Sockets } from '../kernel/socket/socket.ts';
import { addressesOf } from './addresses.ts';
import { type Arrived, Client, type Query } from './client.ts';
import type { ResolverDescription } from './description.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from './resolv-conf.ts';
import { plainServer } from './server-address.ts';

/** How dig, nslookup and host 9.18 read resolv.conf (lib/irs). */
export const digRules: ResolvConfRules = {
  reader: 'dig',
  defaultServers: ['127.0.0.1'],
  nameservers: 3,
  server: plainServer,
  serversOnALine: false,
  searchDomains: 8,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: Number.POSITIVE_INFINITY,
  indented: true,
  word: /\S+/g,
  domain: 'first',
  emptySearchClears: false,
  options: 'by-word',
  flags: [],
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: 5, least: 1, most: 30 },
    attempts: { default: 3, least: 1, most: 10 },
  },
  number: atoi,
};

const offeredSize = 1232;
const cookieOption = 10;
const cookieLength = 8;

/** What the three tools do differently on top of the same code (bin/dig/dighost.c). */
interface Habits {
  /** Asked for one after the other; what follows the first is asked for only where that was found. */
  readonly types: readonly string[];
  /** Sends to the first server; each server after it gets one. Undefined: as `attempts` says. */
  readonly tries: number | undefined;
  /** EDNS with a cookie, and the AD bit. */
  readonly offersEdns: boolean;
  /** Does SERVFAIL lead to the next server? */
  readonly leavesFailing: boolean;
  /** What it prints when a name was not found, or was found without an address. */
  readonly denied: (name: string, rcode: string) => string;
  readonly empty: (name: string) => string;
}

/** RCODEs as host counts them. */
const rcodeNumbers: Readonly<Record<string, number>> = { SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };

const habitsOf: Readonly<Record<'dig' | 'nslookup' | 'host', Habits>> = {
  dig: {
    types: ['A'],
    tries: undefined,
    offersEdns: true,
    leavesFailing: false,
    denied: (_, rcode) => `status: ${rcode}`,
    empty: () => '',
  },
  nslookup: {
    types: ['A', 'AAAA'],
    tries: undefined,
    offersEdns: false,
    leavesFailing: true,
    denied: (name, rcode) => `${'*'.repeat(2)} server can't find ${name}: ${rcode}`,
    empty: (name) => `${'*'.repeat(3)} Can't find ${name}: No answer`,
  },
  host: {
    types: ['A', 'AAAA', 'MX'],
    tries: 2,
    offersEdns: false,
    leavesFailing: true,
    denied: (name, rcode) => `Host ${name} not found: ${rcodeNumbers[rcode] ?? 0}(${rcode})`,
    empty: () => '',
  },
};

/** dig, nslookup or host NAME: the reply as it is, whatever its rcode. */
export class Dig implements Resolver {
  readonly #client: Client;
  readonly #conf: ResolvConf;
  readonly #habits: Habits;
  readonly #isDig: boolean;
  readonly #search: boolean;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    const { kind, resolvConf, search } = description;
    this.#isDig = kind !== 'nslookup' && kind !== 'host';
    this.#habits = habitsOf[kind === 'nslookup' || kind === 'host' ? kind : 'dig'];
    this.#client = new Client(simulation, sockets, name, kind);
    this.#conf = parseResolvConf(resolvConf, digRules);
    this.#search = search ?? !this.#isDig;
  }

  /** Read once, when the tool starts. */
  rewriteResolvConf(): void {}

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    const [first = 'A', ...others] = this.#isDig && family === 'ipv6' ? ['AAAA'] : this.#habits.types;
    let reply: Message | string = '';
    let found = absolute(name);
    for (const { candidate, reason } of this.#candidates(name)) {
      found = candidate;
      this.#client.noteCandidate(candidate, reason, trace);
      reply = yield* this.#ask(candidate, first, trace);
      this.#client.noteOutcome(candidate, typeof reply === 'string' ? reply : reply.rcode, trace);
      if (typeof reply === 'string' || reply.rcode !== 'NXDOMAIN') break;
    }
    if (typeof reply === 'string')
      return { result: 'no servers could be reached', addresses: [], printed: reply, errno: 0 };
    const shown = found.replace(/(.)\.$/, '$1');
    if (reply.rcode !== 'NOERROR')
      return { result: reply.rcode, addresses: [], printed: this.#habits.denied(shown, reply.rcode), errno: 0 };
    const replies = [reply];
    for (const type of others) {
      const next = yield* this.#ask(found, type, trace);
      if (typeof next !== 'string') replies.push(next);
    }
    const addresses = addressesOf(replies);
    return { result: 'OK', addresses, printed: addresses.length > 0 ? '' : this.#habits.empty(shown), errno: 0 };
  }

  /** With dots enough nslookup and host leave the search list alone; dig +search comes to it after the name itself. */
  #candidates(name: string): { readonly candidate: string; readonly reason: string }[] {
    const asIs = (reason: string) => ({ candidate: absolute(name), reason });
    if (!this.#search || name.endsWith('.')) return [asIs(this.#search ? 'final-dot' : 'as-it-is')];
    const listed = this.#conf.search.map((domain) => ({
      candidate: absolute(`${name}.${domain}`),
      reason: 'search-list',
    }));
    if (name.split('.').length - 1 < this.#conf.ndots) return [...listed, asIs('last-resort')];
    return this.#isDig ? [asIs('enough-dots'), ...listed] : [asIs('enough-dots')];
  }

  /** The same message to the first server again and again, then once to each of the others; a text when none replied. */
  *#ask(name: string, type: string, trace: TraceId): Process<Message | string> {
    const { tries = this.#conf.attempts, leavesFailing } = this.#habits;
    const [first = '', ...others] = this.#conf.nameservers;
    const query = this.#query(name, type);
    let failure = '';
    let failing: Message | undefined;
    for (const server of [...Array.from({ length: tries }, () => first), ...others]) {
      if (server === first && failing !== undefined) continue;
      const arrived = yield* this.#exchange(server, query, trace);
      if (arrived !== timedOut && !isSocketError(arrived)) {
        if (!leavesFailing || arrived.message.rcode !== 'SERVFAIL') return arrived.message;
        failing = arrived.message;
        continue;
      }
      const refused = arrived !== timedOut && arrived.error === 'ECONNREFUSED';
      const reason = arrived === timedOut ? 'timed out' : refused ? 'connection refused' : 'host unreachable';
      failure = this.#isDig ? `;; communications error to ${server}#53: ${reason}` : ';; no servers could be reached';
    }
    return failing ?? failure;
  }

  #query(name: string, type: string): Query {
    if (!this.#habits.offersEdns) return this.#client.query({ name, type });
    const cookie = Uint8Array.from({ length: cookieLength }, () => this.#client.random.integer(256));
    const options = [{ code: cookieOption, octets: cookie }];
    return this.#client.query({ name, type, ad: true, udpSize: offeredSize, options });
  }

  *#exchange(server: string, query: Query, trace: TraceId): Process<Arrived | SocketError | TimedOut> {
    const deadline = this.#client.simulation.now + this.#conf.timeout * second;
    const channel = this.#client.udp({ receiveErrors: false });
    if (isSocketError(channel)) return channel;
    const failure = channel.connect(server, trace) ?? channel.send(query, server, trace);
    if (failure !== undefined) return failure;
    for (;;) {
      const arrived = yield* channel.receive(deadline);
      const isReply = arrived !== timedOut && !isSocketError(arrived);
      if (isReply && arrived.message.id !== query.payload.message.id) continue;
      if (isReply) channel.noteReply(arrived, arrived.message.flags.tc ? 'truncated' : 'used');
      else if (arrived === timedOut) this.#client.noteTimeout(server, this.#conf.timeout * second, trace);
      channel.close();
      return isReply && arrived.message.flags.tc ? yield* this.#overTcp(server, query, trace) : arrived;
    }
  }

  /** A query of its own, with another id. */
  *#overTcp(server: string, { payload }: Query, trace: TraceId): Process<Arrived | SocketError | TimedOut> {
    const deadline = this.#client.simulation.now + this.#conf.timeout * second;
    const connection = yield* this.#client.tcp(server, trace, deadline);
    if (connection === timedOut || isSocketError(connection)) return connection;
    const [question] = payload.message.question;
    const query = this.#query(question?.name ?? '.', question?.type ?? 'A');
    const arrived = connection.send(query, trace) ?? (yield* connection.receive(deadline));
    connection.close();
    return arrived === 'end' ? timedOut : arrived;
  }
}

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

/** How dig 9.18 reads resolv.conf (lib/irs). */
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

/** dig NAME: the reply as it is, whatever its rcode; the search list only with `+search`. */
export class Dig implements Resolver {
  readonly #client: Client;
  readonly #conf: ResolvConf;
  readonly #search: boolean;

  constructor(simulation: Simulation, sockets: Sockets, name: string, { resolvConf, search }: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'dig');
    this.#conf = parseResolvConf(resolvConf, digRules);
    this.#search = search ?? false;
  }

  /** Read once, when dig starts. */
  rewriteResolvConf(): void {}

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    const type = family === 'ipv6' ? 'AAAA' : 'A';
    let reply: Message | string = '';
    for (const candidate of this.#candidates(name)) {
      this.#client.noteCandidate(candidate, 'as-it-is', trace);
      reply = yield* this.#ask(candidate, type, trace);
      this.#client.noteOutcome(candidate, typeof reply === 'string' ? reply : reply.rcode, trace);
      if (typeof reply === 'string' || reply.rcode !== 'NXDOMAIN') break;
    }
    if (typeof reply === 'string')
      return { result: 'no servers could be reached', addresses: [], printed: reply, errno: 0 };
    const result = reply.rcode === 'NOERROR' ? 'OK' : reply.rcode;
    return { result, addresses: addressesOf([reply]), printed: result === 'OK' ? '' : `status: ${result}`, errno: 0 };
  }

  #candidates(name: string): string[] {
    const asIs = absolute(name);
    if (!this.#search || name.endsWith('.')) return [asIs];
    const listed = this.#conf.search.map((domain) => absolute(`${name}.${domain}`));
    return name.split('.').length - 1 >= this.#conf.ndots ? [asIs, ...listed] : [...listed, asIs];
  }

  /** The same message to each server in turn, again and again; a text when none replied. */
  *#ask(name: string, type: string, trace: TraceId): Process<Message | string> {
    const query = this.#query(name, type);
    let failure = '';
    for (let attempt = 0; attempt < this.#conf.attempts; attempt++) {
      for (const server of this.#conf.nameservers) {
        const arrived = yield* this.#exchange(server, query, trace);
        if (arrived !== timedOut && !isSocketError(arrived)) return arrived.message;
        const reason =
          arrived === timedOut
            ? 'timed out'
            : arrived.error === 'ECONNREFUSED'
              ? 'connection refused'
              : 'host unreachable';
        failure = `;; communications error to ${server}#53: ${reason}`;
      }
    }
    return failure;
  }

  #query(name: string, type: string): Query {
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

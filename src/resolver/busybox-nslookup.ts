import type { Message } from '../dns/message.ts';
import { absolute } from '../dns/name.ts';
import { type Process, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { millisecond } from '../engine/time.ts';
import { isSocketError, type Sockets } from '../kernel/socket/socket.ts';
import { addressesOf } from './addresses.ts';
import { type Arrived, Client, type Query, type UdpChannel } from './client.ts';
import type { ResolverDescription } from './description.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';
import { muslRules } from './musl/musl.ts';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';

/** The options of resolv.conf are not looked at (networking/nslookup.c of busybox 1.35). */
const timeout = 5000 * millisecond;
const resendAfter = 2500 * millisecond;
/** To SERVFAIL it answers with the query again. */
const mostResends = 2;

/** What was asked of a server. */
interface Asked {
  readonly server: string;
  readonly channel: UdpChannel;
  readonly queries: readonly Query[];
  /** Of this server and those before it. */
  readonly replies: Map<Query, Message>;
  readonly resends: Map<Query, number>;
  readonly trace: TraceId;
}

/** busybox nslookup NAME: all its questions at once on one socket, at one server after the other; no ndots. */
export class BusyboxNslookup implements Resolver {
  readonly #client: Client;
  readonly #conf: ResolvConf;

  constructor(simulation: Simulation, sockets: Sockets, name: string, { resolvConf }: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'busybox-nslookup');
    this.#conf = parseResolvConf(resolvConf, muslRules);
  }

  /** Read once, when it starts. */
  rewriteResolvConf(): void {}

  /** A name with a dot is asked for as it is; one without only below the search list. Any that is denied makes it fail. */
  *lookup({ name }: Lookup, trace: TraceId): Process<LookupResult> {
    const isListed = !name.includes('.') && this.#conf.search.length > 0;
    const names = (isListed ? this.#conf.search.map((domain) => `${name}.${domain}`) : [name]).map(absolute);
    for (const candidate of names) this.#client.noteCandidate(candidate, isListed ? 'search-list' : 'as-it-is', trace);
    const asked = ['A', 'AAAA'].flatMap((type) => names.map((candidate) => ({ name: candidate, type })));
    const queries = asked.map((question) => this.#client.query(question));
    const replies = new Map<Query, Message>();
    for (const server of this.#conf.nameservers) {
      yield* this.#askServer(server, queries, replies, trace);
      if (replies.size > 0) break;
    }
    if (replies.size === 0) {
      const printed = ';; connection timed out; no servers could be reached';
      return { result: 'no servers could be reached', addresses: [], printed, errno: 0 };
    }
    const addresses = addressesOf([...replies.values()]);
    const denied = [...replies.values()].find(({ rcode }) => rcode !== 'NOERROR');
    if (denied === undefined) return { result: 'OK', addresses, printed: '', errno: 0 };
    const shown = (denied.question[0]?.name ?? '').replace(/\.$/, '');
    return {
      result: denied.rcode,
      addresses,
      printed: `${'*'.repeat(2)} server can't find ${shown}: ${denied.rcode}`,
      errno: 0,
    };
  }

  /** What has no reply goes out again after half of the time. */
  *#askServer(server: string, queries: readonly Query[], replies: Map<Query, Message>, trace: TraceId): Process {
    const { simulation } = this.#client;
    const channel = this.#client.udp({ receiveErrors: false });
    if (isSocketError(channel) || channel.connect(server, trace) !== undefined) return;
    const asked = { server, channel, queries, replies, resends: new Map<Query, number>(), trace };
    const isDone = () => replies.size === queries.length;
    for (const deadline of [simulation.now + resendAfter, simulation.now + timeout]) {
      const open = queries.filter((query) => !replies.has(query));
      const failures = open.map((query) => channel.send(query, server, trace));
      if (failures.some((failure) => failure !== undefined)) break;
      while (!isDone()) {
        const arrived = yield* channel.receive(deadline);
        if (arrived === timedOut) break;
        if (isSocketError(arrived)) {
          channel.close();
          return;
        }
        take(arrived, asked);
      }
      if (isDone()) break;
      this.#client.noteTimeout(server, resendAfter, trace);
    }
    channel.close();
  }
}

function take(arrived: Arrived, { server, channel, queries, replies, resends, trace }: Asked): void {
  const query = queries.find(({ payload }) => payload.message.id === arrived.message.id);
  channel.noteReply(arrived, query === undefined ? 'not-ours' : 'used');
  if (query === undefined) return;
  const sent = resends.get(query) ?? 0;
  if (arrived.message.rcode === 'SERVFAIL' && sent < mostResends) {
    resends.set(query, sent + 1);
    channel.send(query, server, trace);
  } else replies.set(query, arrived.message);
}

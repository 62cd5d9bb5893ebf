import { absolute } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import { isSocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { addressesOf } from '../addresses.ts';
import { Client } from '../client.ts';
import type { NettyDescription, ResolverDescription } from '../description.ts';
import { glibcHostsFile, type HostsFile } from '../hosts-file.ts';
import { literalOf } from '../literal.ts';
import type { Lookup, LookupResult, Resolver } from '../lookup.ts';
import { cacheHit, cacheStored } from '../records.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { plainServer } from '../server-address.ts';
import { SharedLookups } from '../shared-lookups.ts';
import { type Kept, NettyCache } from './cache.ts';
import { NettyChannel } from './channel.ts';
import { type NettySettings, Resolution } from './resolution.ts';

/** How Netty reads resolv.conf (UnixResolverDnsServerAddressStreamProvider): `attempts` is its bound for the queries of a name. */
export const nettyRules: ResolvConfRules = {
  reader: 'Netty',
  defaultServers: ['8.8.8.8', '8.8.4.4'],
  nameservers: Number.POSITIVE_INFINITY,
  server: plainServer,
  serversOnALine: false,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: Number.POSITIVE_INFINITY,
  indented: false,
  word: /\S+/g,
  domain: 'first-if-alone',
  searchLinesAdd: true,
  emptySearchClears: false,
  options: 'by-word',
  flags: ['rotate'],
  numbers: {
    ndots: { default: 1, least: 0, most: Number.POSITIVE_INFINITY },
    timeout: { default: 5, least: 0, most: Number.POSITIVE_INFINITY },
    attempts: { default: 16, least: 1, most: Number.POSITIVE_INFINITY },
  },
  number: (text) => (/^\d+$/.test(text) ? atoi(text) : undefined),
};

/** Beyond this a TTL is cut (Cache.MAX_SUPPORTED_TTL_SECS). */
const mostSeconds = 2 * 365 * 86_400;

/** Of one lookup; the servers in the order in which they are asked. */
interface Search {
  readonly channel: NettyChannel;
  readonly servers: readonly string[];
  readonly lookup: Lookup;
  readonly trace: TraceId;
}

interface Failure {
  /** The exception's message. */
  readonly message: string;
  readonly exception: string;
  /** Class and message of what caused it; empty: nothing did. */
  readonly cause: string;
  readonly isTimeout: boolean;
}

/** Netty's DnsNameResolver on one event loop. resolv.conf is read when the JVM starts. */
export class Netty implements Resolver {
  readonly #client: Client;
  readonly #conf: ResolvConf;
  readonly #hosts: HostsFile;
  readonly #options: NettyDescription;
  readonly #cache: NettyCache;
  /** The one channel, with its one source port; undefined: not needed yet. */
  #channel: NettyChannel | undefined;
  #turn = 0;
  readonly #shared: SharedLookups;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'netty');
    this.#shared = new SharedLookups(this.#client, (lookup, trace) => this.#lookup(lookup, trace));
    this.#conf = parseResolvConf(description.resolvConf, nettyRules);
    this.#hosts = glibcHostsFile(description.hosts ?? '');
    this.#options = description.netty ?? {};
    const { minTtl = 0, maxTtl = mostSeconds, negativeTtl = 0 } = this.#options;
    this.#cache = new NettyCache({ minTtl, maxTtl, negativeTtl });
  }

  /** Never seen. */
  rewriteResolvConf(): void {}

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    return yield* this.#options.separately === true ? this.#lookup(lookup, trace) : this.#shared.lookup(lookup, trace);
  }

  *#lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const { name, family } = lookup;
    const literal = literalOf(name, 'any', plainServer);
    if (typeof literal === 'object') return found([literal.address]);
    const inFile = this.#hosts.look(name, family);
    if (inFile.length > 0) return found(inFile);
    const kept = this.#fromCache(name);
    if (kept !== undefined) {
      this.#noteHit(name, kept, trace);
      return kept.failure === undefined
        ? found(kept.addresses)
        : failed({ message: kept.failure, exception: 'UnknownHostException', cause: '', isTimeout: false });
    }
    const channel = this.#open();
    if (channel === undefined) throw new Error('Netty has no socket');
    const result = yield* this.#search(channel, lookup, trace);
    if (this.#options.channelPerResolution === true) channel.close();
    return 'message' in result ? failed(result) : found(result);
  }

  #open(): NettyChannel | undefined {
    const isOwn = this.#options.channelPerResolution === true;
    const channel = isOwn ? NettyChannel.open(this.#client) : (this.#channel ?? NettyChannel.open(this.#client));
    if (isSocketError(channel)) return undefined;
    if (!isOwn) this.#channel = channel;
    return channel;
  }

  /** `doResolveAllCached`: also what is known of the name below a search domain. */
  #fromCache(name: string): Kept | undefined {
    const { now } = this.#client.simulation;
    const direct = this.#cache.get(absolute(name), now);
    if (direct !== undefined || this.#conf.ndots === 0 || name.endsWith('.')) return direct;
    for (const domain of this.#conf.search) {
      const kept = this.#cache.get(absolute(`${name}.${domain}`), now);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }

  /** `DnsResolveContext.resolve`: a time-out ends the list, anything else leads on. */
  *#search(channel: NettyChannel, lookup: Lookup, trace: TraceId): Process<readonly string[] | Failure> {
    const { name } = lookup;
    const { search, ndots } = this.#conf;
    const servers = this.#servers();
    const one = (candidate: string, reason: string) => {
      this.#client.noteCandidate(absolute(candidate), reason, trace);
      return this.#candidate(candidate, { channel, servers, lookup, trace });
    };
    if (search.length === 0 || ndots === 0 || name.endsWith('.'))
      return yield* one(name, name.endsWith('.') ? 'final-dot' : 'last-resort');
    const asIsFirst = name.split('.').length - 1 >= ndots;
    const names = asIsFirst ? [name, ...search.map((d) => `${name}.${d}`)] : search.map((d) => `${name}.${d}`);
    let last: Failure | undefined;
    for (const candidate of names) {
      const result = yield* one(candidate, candidate === name ? 'enough-dots' : 'search-list');
      if (!('message' in result)) return result;
      last = result;
      if (result.isTimeout) break;
    }
    if (!asIsFirst && last?.isTimeout !== true) return yield* one(name, 'last-resort');
    const types = this.#typesText(lookup);
    const message = `Failed to resolve '${name}' ${types} and search domain query for configured domains failed as well: [${search.join(', ')}]`;
    return { message, exception: 'SearchDomainUnknownHostException', cause: last?.cause ?? '', isTimeout: true };
  }

  *#candidate(candidate: string, { channel, servers, lookup, trace }: Search): Process<readonly string[] | Failure> {
    const name = absolute(candidate);
    const settings = this.#settings(lookup);
    const resolved = yield* new Resolution(this.#client, channel, settings, servers, name, trace).run();
    const { now } = this.#client.simulation;
    if ('replies' in resolved) {
      this.#client.noteOutcome(name, 'answer', trace);
      const records = resolved.replies.flatMap(({ message }) => message.answer);
      const ttl = Math.min(
        ...records.filter(({ data }) => data.type === 'A' || data.type === 'AAAA').map((r) => r.ttl),
      );
      const addresses = addressesOf(resolved.replies.map(({ message }) => message));
      this.#noteStored(candidate, this.#cache.add(name, addresses, ttl, now, trace), trace);
      return addresses;
    }
    const { queries, cause, isTimeout } = resolved;
    this.#client.noteOutcome(name, cause.replace(/:.*/s, '') || 'none', trace);
    const most = settings.mostQueries;
    const count =
      queries <= 1 ? '' : queries < most ? ` after ${queries} queries ` : `. Exceeded max queries per resolve ${most} `;
    const message = `Failed to resolve '${candidate}' ${this.#typesText(lookup)}${count}`;
    if (!isTimeout) this.#noteStored(candidate, this.#cache.addFailure(name, message, now, trace), trace);
    return { message, exception: 'UnknownHostException', cause, isTimeout };
  }

  #settings({ family }: Lookup): NettySettings {
    const { bothFamilies = false, tcp = 'never', firstFamilySuffices = false } = this.#options;
    return {
      types: family === 'ipv6' ? ['AAAA'] : family === 'any' && bothFamilies ? ['A', 'AAAA'] : ['A'],
      timeout: this.#conf.timeout * second,
      mostQueries: this.#conf.attempts,
      tcp,
      firstTypeSuffices: firstFamilySuffices,
    };
  }

  #typesText(lookup: Lookup): string {
    const numbers = { A: 1, AAAA: 28 };
    return `[${this.#settings(lookup)
      .types.map((type) => `${type}(${numbers[type]})`)
      .join(', ')}]`;
  }

  /** `rotate` begins one further with each lookup. */
  #servers(): readonly string[] {
    const { nameservers, flags } = this.#conf;
    const start = flags.has('rotate') ? this.#turn++ % nameservers.length : 0;
    return [...nameservers.slice(start), ...nameservers.slice(0, start)];
  }

  #noteHit(name: string, kept: Kept, trace: TraceId): void {
    const { addresses, failure, storedAt, runsOut, setting, filledBy, recordTtl } = kept;
    const { simulation, sockets } = this.#client;
    simulation.recorder.write(cacheHit, sockets.host, trace, failure === undefined ? 'fresh' : 'negative', {
      resolver: this.#client.name,
      holder: 'Netty',
      name,
      addresses: addresses.join(' '),
      storedAt,
      runsOut,
      filledBy,
      recordTtl,
      expired: false,
      setting,
    });
  }

  #noteStored(name: string, kept: Kept | undefined, trace: TraceId): void {
    if (kept === undefined) return;
    const { simulation, sockets } = this.#client;
    const isPositive = kept.failure === undefined;
    simulation.recorder.write(cacheStored, sockets.host, trace, isPositive ? 'positive' : 'negative', {
      resolver: this.#client.name,
      holder: 'Netty',
      name,
      addresses: kept.addresses.join(' '),
      runsOut: kept.runsOut,
      setting: kept.setting,
    });
  }
}

function found(addresses: readonly string[]): LookupResult {
  return { result: 'OK', addresses, printed: '', errno: 0 };
}

function failed({ exception, message, cause }: Failure): LookupResult {
  return { result: exception, addresses: [], printed: cause === '' ? message : `${message} | ${cause}`, errno: 0 };
}

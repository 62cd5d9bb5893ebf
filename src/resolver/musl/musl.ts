import type { Message } from '../../dns/message.ts';
import { absolute } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Source } from '../../problem/problem.ts';
import { addressesOf } from '../addresses.ts';
import { Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import { type HostsFile, lookInHosts, parseHosts } from '../hosts-file.ts';
import { type Family, isAddressLiteral, type Lookup, type LookupResult, type Resolver, typesOf } from '../lookup.ts';
import { isSendable } from '../query-message.ts';
import { type MuslRelease, muslRelease } from '../releases.ts';
import { parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { msend } from './msend.ts';

/** How musl reads resolv.conf (src/network/resolvconf.c): lines into a buffer of 256. */
export const muslRules: ResolvConfRules = {
  reader: 'musl',
  defaultServer: '127.0.0.1',
  nameservers: 3,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: 254,
  indented: false,
  flags: [],
  flagsByPrefix: false,
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: 5, least: 0, most: 60 },
    attempts: { default: 2, least: 0, most: 10 },
  },
};

const eagain = 11;
const einval = 22;
/** MAXADDRS of src/network/lookup.h. */
const mostAddresses = 48;

const printed = {
  EAI_NONAME: 'Name does not resolve',
  EAI_NODATA: 'Name has no usable address',
  EAI_AGAIN: 'Try again',
  EAI_FAIL: 'Non-recoverable error',
} as const;
type MuslError = keyof typeof printed;

/** musl's getaddrinfo. Nothing is kept between calls. */
export class Musl implements Resolver {
  readonly #client: Client;
  readonly #release: MuslRelease;
  readonly #hosts: HostsFile;
  #conf: ResolvConf;
  /** Did a read of the running call come up empty? */
  #ranDry = false;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'musl');
    this.#release = muslRelease(description.release);
    this.#hosts = parseHosts(description.hosts ?? '');
    this.#conf = readConf(description.resolvConf);
  }

  rewriteResolvConf(source: Source): void {
    this.#conf = readConf(source);
  }

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    if (isAddressLiteral(name)) return found([name]);
    const inFile = lookInHosts(this.#hosts, name, family);
    if (inFile.length > 0) return found(inFile);
    this.#ranDry = false;
    const outcome = yield* this.#search(name, family, trace);
    if (typeof outcome !== 'string') return found(outcome);
    const result: MuslError = outcome === 'none' ? 'EAI_NONAME' : outcome;
    return { result, addresses: [], printed: printed[result], errno: this.#ranDry ? eagain : einval };
  }

  /** `name_from_dns_search`: with dots enough, or a final one, the search list is not looked at; only a name that does not exist leads on. */
  *#search(name: string, family: Family, trace: TraceId): Process<readonly string[] | MuslError | 'none'> {
    const dots = name.split('.').length - 1;
    const bare = name.replace(/\.$/, '');
    if (bare === '' || bare.endsWith('.')) return 'EAI_NONAME';
    const isGlobal = dots >= this.#conf.ndots || name.endsWith('.');
    for (const domain of isGlobal ? [] : this.#conf.search) {
      const outcome = yield* this.#candidate(absolute(`${bare}.${domain}`), family, 'search-list', trace);
      if (outcome !== 'none') return outcome;
    }
    const reason = name.endsWith('.') ? 'final-dot' : isGlobal ? 'enough-dots' : 'last-resort';
    return yield* this.#candidate(absolute(bare), family, reason, trace);
  }

  *#candidate(
    candidate: string,
    family: Family,
    reason: string,
    trace: TraceId,
  ): Process<readonly string[] | MuslError | 'none'> {
    this.#client.noteCandidate(candidate, reason, trace);
    const outcome = yield* this.#fromDns(candidate, family, trace);
    if (outcome === 'truncated') {
      this.#client.noteOutcome(candidate, outcome, trace);
      return this.#release.noData;
    }
    this.#client.noteOutcome(candidate, typeof outcome === 'string' ? outcome : 'answer', trace);
    return outcome;
  }

  /** `name_from_dns`. `none`: the name does not exist; `truncated`: cut off replies without an address are taken for empty ones. */
  *#fromDns(
    candidate: string,
    family: Family,
    trace: TraceId,
  ): Process<readonly string[] | MuslError | 'none' | 'truncated'> {
    if (!isSendable(candidate)) return this.#release.stopsAtBadName ? 'EAI_NONAME' : 'none';
    const types = typesOf(family);
    const queries = types.map((type) => this.#client.query({ name: candidate, type }));
    const { replies, ranDry } = yield* msend(this.#client, this.#release, this.#conf, queries, trace);
    if (ranDry) this.#ranDry = true;
    // Both must be answered: half of a pair is not enough.
    for (const reply of replies) {
      if (reply === undefined) return 'EAI_AGAIN';
      if (reply.rcode === 'NXDOMAIN') return 'none';
    }
    const addresses = addressesOf(replies.filter((reply): reply is Message => reply !== undefined));
    if (addresses.length > 0) return addresses.slice(0, mostAddresses);
    return replies.some((reply) => reply?.flags.tc) ? 'truncated' : this.#release.noData;
  }
}

function readConf(source: Source): ResolvConf {
  return parseResolvConf(source, muslRules);
}

function found(addresses: readonly string[]): LookupResult {
  return { result: 'OK', addresses, printed: '', errno: 0 };
}

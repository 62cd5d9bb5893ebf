import { absolute, isSendable } from '../../dns/name.ts';
import { type Process, sleep } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { second } from '../../engine/time.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Source } from '../../problem/problem.ts';
import { inOrder, muslPreference } from '../address-order.ts';
import { type Arrived, Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import { type HostsFile, muslHostsFile } from '../hosts-file.ts';
import { isMiszoned, literalOf } from '../literal.ts';
import { type Family, type Lookup, type LookupResult, type Resolver, typesOf } from '../lookup.ts';
import { type MuslRelease, muslRelease } from '../releases.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { libcServer } from '../server-address.ts';
import { msend } from './msend.ts';
import { addressesRead } from './reply-buffer.ts';

/** How musl reads resolv.conf (src/network/resolvconf.c): lines into a buffer of 256. */
export const muslRules: ResolvConfRules = {
  reader: 'musl',
  defaultServers: ['127.0.0.1'],
  nameservers: 3,
  server: libcServer,
  serversOnALine: false,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: 254,
  indented: false,
  word: /\S+/g,
  domain: 'all',
  emptySearchClears: true,
  options: 'anywhere',
  flags: [],
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: 5, least: 0, most: 60 },
    attempts: { default: 2, least: 0, most: 10 },
  },
  fatal: { option: 'attempts', value: 0, how: 'divides the time-out by attempts: with 0 the process dies of SIGFPE' },
  number: (text, option) =>
    /^\d/.test(text) || (option === 'timeout' && text.startsWith('.')) ? atoi(text) : undefined,
};

const einval = 22;
/** The largest name with its search domain, final dot and zero. */
const nameBuffer = 256;
/** MAXADDRS of src/network/lookup.h. */
const mostAddresses = 48;

const printed = {
  EAI_NONAME: 'Name does not resolve',
  EAI_NODATA: 'Name has no usable address',
  EAI_AGAIN: 'Try again',
  EAI_FAIL: 'Non-recoverable error',
  /** Not returned: the process is gone. */
  SIGFPE: 'Floating point exception (core dumped)',
} as const;
type MuslError = keyof typeof printed;

/** musl's getaddrinfo. Nothing is kept between calls. */
export class Musl implements Resolver {
  readonly #client: Client;
  readonly #release: MuslRelease;
  readonly #hosts: HostsFile;
  #conf: ResolvConf;
  /** errno, as the last exchange of the running call left it. */
  #errno = einval;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'musl');
    this.#release = muslRelease(description.release);
    this.#hosts = muslHostsFile(description.hosts ?? '');
    this.#conf = readConf(description.resolvConf);
  }

  rewriteResolvConf(source: Source): void {
    this.#conf = readConf(source);
  }

  *lookup({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    const literal = literalOf(name, family, libcServer);
    if (typeof literal === 'object' && !isMiszoned(name)) return found([literal.address]);
    if (literal === 'other-family' || isMiszoned(name))
      return { result: 'EAI_NONAME', addresses: [], printed: printed.EAI_NONAME, errno: 0 };
    this.#errno = einval;
    const inFile = this.#hosts.look(name, family);
    if (inFile.length > 0) return found(this.#ordered(inFile));
    // In the file, but with addresses of the other family alone: nobody is asked.
    const isListed = this.#hosts.look(name, 'any').length > 0;
    const outcome = isListed ? this.#release.noData : yield* this.#search(name, family, trace);
    if (typeof outcome !== 'string') return found(outcome);
    const result: MuslError = outcome === 'none' ? 'EAI_NONAME' : outcome;
    return { result, addresses: [], printed: printed[result], errno: this.#errno };
  }

  /** `name_from_dns_search`: with dots enough, or a final one, the search list is not looked at; only a name that does not exist leads on. */
  *#search(name: string, family: Family, trace: TraceId): Process<readonly string[] | MuslError | 'none'> {
    const dots = name.split('.').length - 1;
    const bare = name.replace(/\.$/, '');
    if (bare === '' || bare.endsWith('.')) return 'EAI_NONAME';
    const isGlobal = dots >= this.#conf.ndots || name.endsWith('.');
    for (const domain of isGlobal ? [] : this.#conf.search) {
      if (domain.length >= nameBuffer - bare.length - 1) continue;
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
    if (this.#conf.attempts === 0) return 'SIGFPE';
    if (candidate.endsWith('..') && this.#release.sendsDoubledDots) {
      yield* sleep(this.#conf.timeout * second);
      return 'EAI_AGAIN';
    }
    if (!isSendable(candidate)) return this.#release.stopsAtBadName ? 'EAI_NONAME' : 'none';
    const types = typesOf(family);
    const queries = types.map((type) => this.#client.query({ name: candidate, type }));
    const { replies, errno } = yield* msend(this.#client, this.#release, this.#conf, queries, trace);
    if (errno !== undefined) this.#errno = errno;
    const failure = failureOf(replies);
    if (failure !== undefined && !this.#release.halfSuffices) return failure;
    const whole = replies.filter((reply): reply is Arrived => reply !== undefined);
    const read = addressesRead(whole, this.#release);
    const addresses = (this.#release.readsIpv6First ? read.toReversed() : read).flat();
    if (addresses.length > 0) return this.#ordered(addresses.slice(0, mostAddresses));
    const first = failureOf(replies.slice(0, 1));
    if (first !== undefined) return first;
    return whole.some(({ message }) => message.flags.tc) ? 'truncated' : this.#release.noData;
  }

  #ordered(addresses: readonly string[]): readonly string[] {
    return inOrder(addresses, this.#client.sockets, muslPreference);
  }
}

/** What the first reply that is missing, or denies the name, makes of a lookup. */
function failureOf(replies: readonly (Arrived | undefined)[]): 'EAI_AGAIN' | 'none' | undefined {
  for (const reply of replies) {
    if (reply === undefined) return 'EAI_AGAIN';
    if (reply.message.rcode === 'NXDOMAIN') return 'none';
  }
  return undefined;
}

function readConf(source: Source): ResolvConf {
  return parseResolvConf(source, muslRules);
}

function found(addresses: readonly string[]): LookupResult {
  return { result: 'OK', addresses, printed: '', errno: 0 };
}

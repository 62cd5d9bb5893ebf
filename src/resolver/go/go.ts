import { absolute, isSendable, nameLength } from '../../dns/name.ts';
import { Mailbox, type Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Problem, Source } from '../../problem/problem.ts';
import { goPreference, inOrder } from '../address-order.ts';
import { addressesOf } from '../addresses.ts';
import { Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import { goHostsFile, type HostsFile } from '../hosts-file.ts';
import { literalOf } from '../literal.ts';
import { type Lookup, type LookupResult, type Resolver, typesOf } from '../lookup.ts';
import { filesThenDns } from '../nsswitch.ts';
import { type GoRelease, goRelease } from '../releases.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { mappedServer, plainServer } from '../server-address.ts';
import { SharedLookups } from '../shared-lookups.ts';
import { type GoAnswer, tryOneName } from './exchange.ts';
import { type GoError, noSuchHost, printedText, resultText } from './go-error.ts';
import { type GoSource, goOrder } from './lookup-order.ts';

const defaultServers = ['127.0.0.1', '::1'];

/** How Go reads resolv.conf (net/dnsconfig_unix.go): options by their whole names, no upper bound but for ndots. */
export const goRules = ({ flags }: GoRelease): ResolvConfRules => ({
  reader: 'Go',
  defaultServers,
  nameservers: 3,
  server: mappedServer,
  serversOnALine: false,
  searchDomains: Number.POSITIVE_INFINITY,
  searchCharacters: Number.POSITIVE_INFINITY,
  lineCharacters: Number.POSITIVE_INFINITY,
  indented: true,
  word: /[^ \t\r]+/g,
  domain: 'first',
  emptySearchClears: true,
  options: 'by-word',
  flags,
  aliases: { usevc: 'use-vc', tcp: 'use-vc' },
  numbers: {
    ndots: { default: 1, least: 0, most: 15 },
    timeout: { default: 5, least: 1, most: Number.POSITIVE_INFINITY },
    attempts: { default: 2, least: 1, most: Number.POSITIVE_INFINITY },
  },
  number: (text) => (/^\d/.test(text) ? atoi(text) : 0),
});

/** Words that Go leaves to libc. */
export function hasUnknownWords(resolvConf: Source, release: GoRelease): boolean {
  const remarks: Problem[] = [];
  parseResolvConf(resolvConf, goRules(release), remarks);
  return remarks.some(({ code }) => code === 'ignored-option' || code === 'ignored-line');
}

/** resolv.conf is looked at again after this long at the earliest. */
const recheck = 5 * second;

/** Go's own resolver (`netdns=go`), shared by all goroutines of a process. */
export class Go implements Resolver {
  readonly #client: Client;
  readonly #release: GoRelease;
  readonly #hosts: HostsFile;
  readonly #orderOf: (name: string) => readonly GoSource[];
  #file: Source;
  #conf: ResolvConf;
  #checkedAt: Micros | undefined;
  /** `rotate` counts queries, not lookups. */
  #queries = 0;
  /** `lookupGroup`: goroutines share lookups of the same name and family. */
  readonly #shared: SharedLookups;

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'go');
    this.#shared = new SharedLookups(this.#client, (lookup, trace) => this.#lookup(lookup, trace));
    const release = goRelease(description.release);
    this.#release = description.edns === false ? { ...release, udpSize: undefined } : release;
    this.#hosts = goHostsFile(description.hosts ?? '');
    this.#orderOf = orderFor(description, this.#release);
    this.#file = description.resolvConf;
    this.#conf = this.#readConf();
  }

  rewriteResolvConf(source: Source): void {
    this.#file = source;
  }

  lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    return this.#shared.lookup(lookup, trace);
  }

  /** `goLookupIPCNAMEOrder`: a file that comes second is looked into whatever the servers said. */
  *#lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const literal = literalOf(lookup.name, lookup.family, plainServer, ['any', 'ipv4', 'ipv6']);
    if (literal === 'other-family') return notSuitable(lookup.name);
    if (literal !== undefined) return found([literal.address]);
    let failed: LookupResult | undefined;
    for (const source of this.#orderOf(lookup.name)) {
      const result = source === 'files' ? this.#inFile(lookup) : yield* this.#fromDns(lookup, trace);
      if (result?.result === 'OK' || (result !== undefined && source === 'files')) return result;
      failed = result ?? failed;
    }
    return failed ?? (this.#release.missesInFiles ? failure(noSuchHost(''), lookup.name) : notSuitable(lookup.name));
  }

  #inFile({ name, family }: Lookup): LookupResult | undefined {
    if (this.#hosts.look(name, 'any').length === 0) return undefined;
    const addresses = this.#hosts.look(name, family);
    if (addresses.length > 0) return found(this.#ordered(addresses));
    return notSuitable(name);
  }

  *#fromDns({ name, family }: Lookup, trace: TraceId): Process<LookupResult> {
    if (!isDomainName(name)) return failure(noSuchHost(''), name);
    this.#checkConf();
    const types = typesOf(family);
    let error: GoError = noSuchHost('');
    let isFirst = true;
    const listed = candidates(this.#conf, name, this.#release);
    if (listed.length === 0) return notSuitable(name);
    for (const { candidate, reason } of listed) {
      this.#client.noteCandidate(candidate, reason, trace);
      const answers = yield* this.#askAll(candidate, types, trace);
      const addresses = answers.flatMap((answer) => ('reply' in answer ? addressesOf([answer.reply]) : []));
      for (const answer of answers) {
        // The first error counts, but those for the name as it stands replace it.
        if ('error' in answer && (isFirst || candidate === `${name}.`)) [error, isFirst] = [answer.error, false];
      }
      this.#client.noteOutcome(candidate, addresses.length > 0 ? 'answer' : error.text, trace);
      if (addresses.length > 0) return found(this.#ordered(addresses));
    }
    return failure(error, name);
  }

  /** `sortByRFC6724` of net/addrselect.go. */
  #ordered(addresses: readonly string[]): readonly string[] {
    return inOrder(addresses, this.#client.sockets, goPreference);
  }

  /** Both types at once, or one after the other; the results in the order in which they come. */
  *#askAll(candidate: string, types: readonly string[], trace: TraceId): Process<GoAnswer[]> {
    const answers: GoAnswer[] = [];
    if (this.#conf.flags.has('single-request') || this.#conf.flags.has('single-request-reopen')) {
      for (const type of types) answers.push(yield* this.#ask(candidate, type, trace));
      return answers;
    }
    const lane = new Mailbox<GoAnswer>(this.#client.simulation);
    const ask = function* (process: Process<GoAnswer>): Process {
      lane.put(yield* process);
    };
    // The goroutine started last runs first.
    for (const type of types.toReversed()) this.#client.simulation.spawn(ask(this.#ask(candidate, type, trace)));
    while (answers.length < types.length) answers.push(yield* lane.receive());
    return answers;
  }

  *#ask(candidate: string, type: string, trace: TraceId): Process<GoAnswer> {
    const offset = this.#conf.flags.has('rotate') ? this.#queries++ : 0;
    const asker = { client: this.#client, release: this.#release, conf: this.#conf, offset };
    return yield* tryOneName(asker, { name: candidate, type }, trace);
  }

  #checkConf(): void {
    const { now } = this.#client.simulation;
    const isFresh = this.#checkedAt !== undefined && now - this.#checkedAt < recheck;
    const hasNoServer = this.#conf.nameservers === defaultServers;
    if (this.#checkedAt !== undefined && this.#conf.flags.has('no-reload')) return;
    if (isFresh && !(hasNoServer && this.#release.seeksServers)) return;
    if (this.#checkedAt !== undefined) this.#conf = this.#readConf();
    this.#checkedAt = now;
  }

  #readConf(): ResolvConf {
    return parseResolvConf(this.#file, goRules(this.#release));
  }
}

interface Candidate {
  readonly candidate: string;
  readonly reason: string;
}

/** `nameList`: with dots enough the name first, and then the search list all the same. Nothing is asked about onions. */
function candidates(conf: ResolvConf, name: string, release: GoRelease): readonly Candidate[] {
  const isLongest = name.endsWith('.') && nameLength(name) === 255;
  if ((isLongest && !release.takesLongest) || (isOnion(name) && !release.searchesForOnions)) return [];
  const isAsked = (candidate: string) => isSendable(candidate) && !(release.searchesForOnions && isOnion(candidate));
  return listed(conf, name).filter(({ candidate }) => isAsked(candidate));
}

function listed(conf: ResolvConf, name: string): readonly Candidate[] {
  const asIs = absolute(name);
  if (name.endsWith('.')) return [{ candidate: asIs, reason: 'final-dot' }];
  const hasDots = name.split('.').length - 1 >= conf.ndots;
  const found = conf.search
    .filter((domain) => domain !== '.')
    .map((domain) => ({ candidate: absolute(`${name}.${domain}`), reason: 'search-list' }));
  if (hasDots) return [{ candidate: asIs, reason: 'enough-dots' }, ...found];
  return [...found, { candidate: asIs, reason: 'last-resort' }];
}

/** RFC 7686 §2 */
const isOnion = (name: string) => /\.onion\.?$/i.test(name);

/** Newer releases decide it by nsswitch.conf alone, whatever the name. */
function orderFor(
  { resolvConf, nsswitch = filesThenDns }: ResolverDescription,
  release: GoRelease,
): (name: string) => readonly GoSource[] {
  const isUnknown = hasUnknownWords(resolvConf, release);
  const usual = goOrder('', nsswitch, isUnknown, release);
  return release.unknownStandsForDns ? () => usual : (name) => goOrder(name, nsswitch, isUnknown, release);
}

/** `isDomainName` of net/dnsclient.go: for anything else no query is made. */
function isDomainName(name: string): boolean {
  if (name === '.') return true;
  const labels = name.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => /^[\w-]{1,63}$/.test(label) && !label.startsWith('-') && !label.endsWith('-');
  return nameLength(name) <= 255 && labels.every(isLabel) && /[^\d.]/.test(name);
}

function failure(error: GoError, name: string): LookupResult {
  return { result: resultText(error), addresses: [], printed: printedText(error, name), errno: 0 };
}

function notSuitable(name: string): LookupResult {
  const printed = `address ${name}: no suitable address found`;
  return { result: printed, addresses: [], printed, errno: 0 };
}

function found(addresses: readonly string[]): LookupResult {
  return { result: 'OK', addresses, printed: '', errno: 0 };
}

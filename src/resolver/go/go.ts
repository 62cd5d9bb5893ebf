import type { Message } from '../../dns/message.ts';
import { absolute, nameLength } from '../../dns/name.ts';
import { Mailbox, type Process, type Task, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Problem, Source } from '../../problem/problem.ts';
import { inOrder, rfcPolicies } from '../address-order.ts';
import { addressesOf } from '../addresses.ts';
import { Client } from '../client.ts';
import type { ResolverDescription } from '../description.ts';
import { goHostsFile, type HostsFile } from '../hosts-file.ts';
import { literalOf } from '../literal.ts';
import { type Lookup, type LookupResult, type Resolver, typesOf } from '../lookup.ts';
import { filesThenDns, type NssSource, parseNsswitch } from '../nsswitch.ts';
import { isSendable } from '../query-message.ts';
import { type GoRelease, goRelease } from '../releases.ts';
import { atoi, parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolv-conf.ts';
import { plainServer } from '../server-address.ts';
import { type GoAnswer, tryOneName } from './exchange.ts';
import { type GoError, noSuchHost, printedText, resultText } from './go-error.ts';

/** How Go reads resolv.conf (net/dnsconfig_unix.go): options by their whole names, no upper bound but for ndots. */
export const goRules = ({ flags }: GoRelease): ResolvConfRules => ({
  reader: 'Go',
  defaultServers: ['127.0.0.1', '::1'],
  nameservers: 3,
  server: plainServer,
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

/**
 * Does a program that was built with cgo hand its lookups to libc? Where resolv.conf or nsswitch.conf asks for what Go does
 * not do itself (`hostLookupOrder` of net/conf.go).
 */
export function leavesToLibc({ release, resolvConf, nsswitch = filesThenDns }: ResolverDescription): boolean {
  const remarks: Problem[] = [];
  parseResolvConf(resolvConf, goRules(goRelease(release)), remarks);
  const isUnknown = remarks.some(({ code }) => code === 'ignored-option' || code === 'ignored-line');
  const sources = parseNsswitch(nsswitch) ?? [];
  return isUnknown || !sources.every(isPlain);
}

/** A source that Go knows, with the actions of a source that names none. */
function isPlain({ name, returnsOn }: NssSource): boolean {
  return (name === 'files' || name === 'dns') && [...returnsOn].join() === 'SUCCESS';
}

/** resolv.conf is looked at again after this long at the earliest. */
const recheck = 5 * second;

/** Go's own resolver (`netdns=go`), shared by all goroutines of a process. */
export class Go implements Resolver {
  readonly #client: Client;
  readonly #release: GoRelease;
  readonly #hosts: HostsFile;
  readonly #order: readonly ('files' | 'dns')[];
  #file: Source;
  #conf: ResolvConf;
  #checkedAt: Micros | undefined;
  /** `rotate` counts queries, not lookups. */
  #queries = 0;
  /** Concurrent lookups of the same name and family share one. */
  readonly #inFlight = new Map<string, Task<LookupResult>>();

  constructor(simulation: Simulation, sockets: Sockets, name: string, description: ResolverDescription) {
    this.#client = new Client(simulation, sockets, name, 'go');
    this.#release = goRelease(description.release);
    this.#hosts = goHostsFile(description.hosts ?? '');
    this.#order = orderOf(description.nsswitch ?? filesThenDns, this.#release);
    this.#file = description.resolvConf;
    this.#conf = this.#readConf();
  }

  rewriteResolvConf(source: Source): void {
    this.#file = source;
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const key = `${lookup.family} ${lookup.name}`;
    let task = this.#inFlight.get(key);
    if (task === undefined) {
      task = this.#client.simulation.spawn(this.#lookup(lookup, trace));
      this.#inFlight.set(key, task);
    }
    const result = yield* task.join();
    this.#inFlight.delete(key);
    if (result === timedOut) throw new Error('a wait without deadline timed out');
    return result;
  }

  /** `goLookupIPCNAMEOrder`: a file that comes second is looked into whatever the servers said. */
  *#lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const literal = literalOf(lookup.name, lookup.family, plainServer, ['any', 'ipv4', 'ipv6']);
    if (literal === 'other-family') return notSuitable(lookup.name);
    if (literal !== undefined) return found([literal.address]);
    let failed: LookupResult | undefined;
    for (const source of this.#order) {
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
    for (const { candidate, reason } of candidates(this.#conf, name)) {
      this.#client.noteCandidate(candidate, reason, trace);
      const answers = yield* this.#askAll(candidate, types, trace);
      const addresses = addressesOf(answers.flatMap((answer): Message[] => ('reply' in answer ? [answer.reply] : [])));
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
    return inOrder(addresses, this.#client.sockets, rfcPolicies);
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
    while (answers.length < types.length) {
      const answer = yield* lane.receive();
      if (answer !== timedOut) answers.push(answer);
    }
    return answers;
  }

  *#ask(candidate: string, type: string, trace: TraceId): Process<GoAnswer> {
    const offset = this.#conf.flags.has('rotate') ? this.#queries++ : 0;
    return yield* tryOneName(this.#client, this.#release, this.#conf, offset, candidate, type, trace);
  }

  #checkConf(): void {
    const { now } = this.#client.simulation;
    if (this.#checkedAt !== undefined && (now - this.#checkedAt < recheck || this.#conf.flags.has('no-reload'))) return;
    if (this.#checkedAt !== undefined) this.#conf = this.#readConf();
    this.#checkedAt = now;
  }

  #readConf(): ResolvConf {
    return parseResolvConf(this.#file, goRules(this.#release));
  }
}

/** `nameList`: with dots enough the name first, and then the search list all the same. */
function candidates(conf: ResolvConf, name: string): { readonly candidate: string; readonly reason: string }[] {
  if (nameLength(name) > 255) return [];
  const asIs = absolute(name);
  if (name.endsWith('.')) return isSendable(asIs) ? [{ candidate: asIs, reason: 'final-dot' }] : [];
  const hasDots = name.split('.').length - 1 >= conf.ndots;
  const listed = conf.search
    .filter((domain) => domain !== '.')
    .map((domain) => ({ candidate: absolute(`${name}.${domain}`), reason: 'search-list' }));
  const all = hasDots
    ? [{ candidate: asIs, reason: 'enough-dots' }, ...listed]
    : [...listed, { candidate: asIs, reason: 'last-resort' }];
  return all.filter(({ candidate }) => isSendable(candidate));
}

/** Which of the two are asked, in the order of nsswitch.conf; what the line demands beside that is libc's alone. */
function orderOf(nsswitch: string, { passesOverSources }: GoRelease): ('files' | 'dns')[] {
  const sources = parseNsswitch(nsswitch) ?? [];
  if (!passesOverSources && !sources.every(isPlain)) return ['files', 'dns'];
  const named = sources.map(({ name }) => name);
  const known = named.filter((name) => name === 'files' || name === 'dns');
  return known.length > 0 ? [...new Set(known)] : ['files', 'dns'];
}

/** `isDomainName` of net/dnsclient.go: for anything else no query is made. */
function isDomainName(name: string): boolean {
  if (name === '.') return true;
  const labels = name.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => /^[\w-]{1,63}$/.test(label) && !label.startsWith('-') && !label.endsWith('-');
  return name.length <= 254 && labels.every(isLabel) && /[^\d.]/.test(name);
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

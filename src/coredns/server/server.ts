import { changed, query, replyTo } from '../../dns/build.ts';
import type { Message, Question, Rcode } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import { sizeOf } from '../../dns/size.ts';
import type { Changeable } from '../../engine/changeable.ts';
import { madeLast } from '../../engine/made-once.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { formatEndpoint, inPrefix, type Prefix, parseAddress } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import { DnsPayload } from '../../transport/payload.ts';
import type { TcpLimits } from '../../transport/serve-tcp.ts';
import type { Transport } from '../corefile/keys.ts';
import { type History, inRelease, since } from '../history.ts';
import type { Handler, Outcome, Request } from '../plugin.ts';
import { RequestCounters } from '../plugins/prometheus/counters.ts';
import { writerOf } from '../plugins/prometheus/writer.ts';
import { coreDnsReply, coreDnsRequest } from '../records.ts';
import type { Release } from '../releases.ts';
import { addressOfReverse } from '../reverse.ts';
import { chainOf, EndlessQuestion, replyOf, ServingPanic } from './chain.ts';
import type { Configuration } from './configuration.ts';
import type { Runtime } from './instance.ts';
import { replySize, written } from './scrub.ts';
import { tcpLimitsOf } from './tcp-limits.ts';

/** BADVERS replies carried no question: corefile-route-badvers. */
const badVersionKeepsQuestion: History<boolean> = [
  ['1.6.7', false],
  ['1.10.1', true],
];

/** Before, a block without plugins panicked, but that of the root zone; DS went on to the root zone. */
const refusesWithoutPlugins = since('1.8.0');
const warnsOfOddNames = since('1.9.4');
/** Before, only where something panicked. It came with `stacktrace` of `errors`. */
const saysWhatPanicked = since('1.9.3');
/** A plugin's own question: without EDNS, with the size and the DO of the query, or as the query came (`upstream.Lookup`). */
const ownQueries: History<'plain' | 'sized' | 'copied'> = [
  ['1.6.7', 'plain'],
  ['1.7.1', 'sized'],
  ['1.8.5', 'copied'],
];
/** Questions of plugins' own, one within the other, of which none is answered. */
const deepest = 100;
/** Where one of them stands in a chain, queries of other classes than IN are let in (dnsserver.EnableChaos). */
const takeOtherClasses: ReadonlySet<string> = new Set(['chaos', 'forward']);

/** Letters, digits and inner hyphens (RFC 1035 §2.3.1); reverse zones and the root go with them. */
function isPreferredName(zone: string): boolean {
  return zone === '.' || /(in-addr|ip6)\.arpa\.$/.test(zone) || /^([A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+$/.test(zone);
}

/** A query as it came in. */
export interface Arrived {
  readonly message: Message;
  readonly protocol: 'udp' | 'tcp';
  readonly client: Endpoint;
  readonly local: Endpoint;
  readonly trace: TraceId;
}

interface Block {
  readonly configuration: Configuration;
  /** Undefined: no plugins. */
  readonly chain: Handler | undefined;
}

/** What listens on one address and port: the server blocks bound to it, by zone (`dnsserver.Server`). */
export class Server {
  readonly transport: Transport;
  /** Empty: every address. */
  readonly address: string;
  readonly port: number;
  /** Its name in metrics, such as `dns://:53`. */
  readonly label: string;
  readonly tcpLimits: TcpLimits;
  readonly #zones = new Map<string, Block[]>();
  /** How long the names of its zones are: an ending of another length is not looked up. */
  readonly #zoneLengths: number[] = [];
  /** Those of the root zone, which most queries reach. */
  readonly #root: readonly Block[];
  /** Of the other zones that a name lies in, the longest first. Clients ask for a name's addresses of both families. */
  readonly #blocksFor = madeLast((name: string) => this.#findBlocks(name));
  readonly #runtime: Runtime;
  readonly #chaos: boolean;
  /** Made at the first refusal: the labels of a metric are those of who comes first. */
  #refusals: RequestCounters | undefined;

  constructor(configurations: readonly Configuration[], address: string, runtime: Runtime) {
    this.#runtime = runtime;
    this.address = address;
    this.transport = configurations[0]?.transport ?? 'dns';
    this.port = configurations[0]?.port ?? 53;
    this.label = `${this.transport}://${address}:${this.port}`;
    this.tcpLimits = tcpLimitsOf(configurations, runtime.release);
    this.#chaos = configurations.some(({ plugins }) => plugins.some(({ name }) => takeOtherClasses.has(name)));
    for (const configuration of configurations) {
      const blocks = this.#zones.get(configuration.zone) ?? [];
      blocks.push({ configuration, chain: chainOf(configuration.plugins) });
      this.#zones.set(configuration.zone, blocks);
      if (!this.#zoneLengths.includes(configuration.zone.length)) this.#zoneLengths.push(configuration.zone.length);
    }
    this.#root = this.#zones.get('.') ?? [];
  }

  /** What it says of itself when it has started: `a.test.:53 on 10.9.0.10`, one line a zone. */
  get greeting(): readonly string[] {
    const prefix = this.transport === 'dns' ? '' : `${this.transport}://`;
    const suffix = this.address === '' ? '' : ` on ${this.address}`;
    const warns = inRelease(warnsOfOddNames, this.#runtime.release.name);
    return [...this.#zones.keys()].sort().flatMap((zone) => {
      const line = `${prefix}${zone}:${this.port}${suffix}`;
      if (!warns || isPreferredName(zone)) return [line];
      return [`Warning: Domain ${JSON.stringify(zone)} does not follow RFC1035 preferred syntax`, line];
    });
  }

  /** Serves a query from the network; undefined: nothing is sent back. */
  *serve(arrived: Arrived): Process<DnsPayload | undefined> {
    const { message } = arrived;
    const [question] = message.question;
    if (question === undefined) return this.#refuse(arrived, 'no-question', 'SERVFAIL');
    if (question.class !== 'IN' && !this.#chaos) {
      return this.#refuse(arrived, 'class', 'REFUSED');
    }
    if (message.edns !== undefined && message.edns.version !== 0)
      return this.#refuse(arrived, 'edns-version', 'BADVERS');
    const request = this.#request(arrived);
    const chosen = this.#route(request);
    if (chosen?.chain === undefined) return this.#withoutPlugins(arrived, question, chosen);
    const { zone, key, view } = chosen.configuration;
    this.#recordRequest(arrived, 'served', zone, `${key.file}:${key.line}`);
    request.zone = zone;
    request.view = view?.name ?? '';
    if (this.#runtime.cpu !== undefined) yield* this.#runtime.cpu.work(arrived.trace);
    let outcome: Outcome;
    try {
      outcome = yield* chosen.chain(request);
    } catch (error) {
      outcome = this.#recovered(error, request);
    }
    const reply = replyOf(request, outcome);
    if (reply === undefined) {
      this.#recordReply(arrived, 'silent', outcome.rcode, 0, false);
      return undefined;
    }
    const sent = written(reply, request, this.#runtime.release);
    const cause = outcome.reply === undefined ? 'unwritten' : 'replied';
    this.#recordReply(arrived, cause, sent.message.rcode, sent.size, sent.message.flags.tc);
    return sent;
  }

  /** The whole way again for a question of a plugin's own (`upstream.Lookup`); nothing is written to a socket. */
  *answer(by: Request): Process<Message | undefined> {
    const asked = { ...by, message: ownQuery(by, this.#runtime.release) };
    const chosen = this.#route(asked);
    if (chosen?.chain === undefined) return replyTo(asked.message, 'REFUSED');
    const { zone, view } = chosen.configuration;
    const nested = (asked.nested ?? 0) + 1;
    if (nested > deepest) throw new EndlessQuestion();
    const request = { ...asked, nested, zone, view: view?.name ?? '', original: { edns: asked.message.edns } };
    try {
      return replyOf(request, yield* chosen.chain(request));
    } catch (error) {
      return replyOf(request, this.#recovered(error, request));
    }
  }

  /** What comes of a query over which the server panicked. */
  #recovered(error: unknown, { nested }: Request): Outcome {
    if (error instanceof EndlessQuestion && nested === undefined) return { rcode: 'SERVFAIL', silent: true };
    if (!(error instanceof ServingPanic)) throw error;
    const what = inRelease(saysWhatPanicked, this.#runtime.release.name) ? ` ${error.message}` : '';
    this.#runtime.log(`[ERROR] Recovered from panic in server: "${this.label}"${what}`);
    return { rcode: 'SERVFAIL', ...(error.rewritten !== undefined && { rewritten: error.rewritten }) };
  }

  /** A query before it has its server block. */
  #request({ message, protocol, client, local, trace }: Arrived): Changeable<Request> {
    const original = { edns: message.edns };
    return { message, original, protocol, client, local, zone: '', view: '', server: this.label, trace };
  }

  #findBlocks(name: string): readonly Block[][] {
    const found: Block[][] = [];
    for (let at = 0; at >= 0 && at < name.length && name !== '.'; at = nextLabel(name, at)) {
      const blocks = this.#zoneLengths.includes(name.length - at) ? this.#zones.get(name.slice(at)) : undefined;
      if (blocks !== undefined) found.push(blocks);
    }
    return found;
  }

  /** The block of the longest zone; for DS the parent-most one; views that do not accept the query are passed over. */
  #route(request: Request): Block | undefined {
    const [question] = request.message.question;
    if (question === undefined) return undefined;
    let forDs: Block | undefined;
    for (const blocks of this.#blocksFor(lower(question.name))) {
      const found = accepting(blocks, request);
      if (found === undefined) continue;
      if (question.type !== 'DS') return found;
      forDs = found;
    }
    const refuses = inRelease(refusesWithoutPlugins, this.#runtime.release.name);
    const served = refuses || forDs?.chain !== undefined ? forDs : undefined;
    return served ?? accepting(this.#root, request);
  }

  #withoutPlugins(arrived: Arrived, { name }: Question, chosen: Block | undefined): DnsPayload {
    const { log, release } = this.#runtime;
    const refuses = chosen === undefined || (chosen.configuration.zone === '.' && name !== '.');
    if (refuses || inRelease(refusesWithoutPlugins, release.name)) return this.#refuse(arrived, 'no-zone', 'REFUSED');
    log(`[ERROR] Recovered from panic in server: "${this.label}"`);
    return this.#refuse(arrived, 'no-zone', 'SERVFAIL');
  }

  #refuse(arrived: Arrived, cause: string, rcode: Rcode): DnsPayload {
    this.#recordRequest(arrived, cause, '', '');
    const sent = this.#errorReply(arrived, rcode);
    const { metrics, release } = this.#runtime;
    this.#refusals ??= new RequestCounters(metrics, release, writerOf([], release.name));
    const { message: query, protocol } = arrived;
    const counted = { server: this.label, zone: 'dropped', view: '', protocol, query, rcode, replySize: sent.size };
    this.#refusals.count({ ...counted, outcome: undefined, micros: 0 });
    this.#recordReply(arrived, 'unwritten', rcode, sent.size, false);
    return sent;
  }

  #errorReply(arrived: Arrived, rcode: Rcode): DnsPayload {
    const { release } = this.#runtime;
    const reply = replyTo(arrived.message, rcode);
    if (rcode !== 'BADVERS') return written(reply, this.#request(arrived), release);
    const question = inRelease(badVersionKeepsQuestion, release.name) ? reply.question : [];
    const message = changed(reply, { question, edns: { udpSize: 0, do: false, version: 0, options: [] } });
    return new DnsPayload(message, sizeOf(message, { compress: false }), false);
  }

  #recordRequest({ message, protocol, client, trace }: Arrived, cause: string, zone: string, place: string): void {
    const { simulation, owner } = this.#runtime;
    if (simulation.recorder.counted(coreDnsRequest, cause)) return;
    const [question] = message.question;
    simulation.recorder.write(coreDnsRequest, owner, trace, cause, {
      name: question?.name ?? '',
      type: question?.type ?? '',
      protocol,
      client: formatEndpoint(client),
      zone,
      place,
    });
  }

  #recordReply({ message, trace }: Arrived, cause: string, rcode: Rcode, size: number, truncated: boolean): void {
    const { simulation, owner } = this.#runtime;
    if (simulation.recorder.counted(coreDnsReply, cause)) return;
    const [question] = message.question;
    const fields = { name: question?.name ?? '', type: question?.type ?? '', rcode, size, truncated };
    simulation.recorder.write(coreDnsReply, owner, trace, cause, fields);
  }
}

/** The query of a plugin's own question. */
function ownQuery({ message, protocol }: Request, release: Release): Message {
  const { id, question, edns } = message;
  const [first] = question;
  const way = inRelease(ownQueries, release.name);
  if (way === 'copied' || first === undefined) return message;
  if (way === 'plain') return query(id, first);
  const udpSize = replySize(protocol, edns);
  return query(id, first, { edns: { udpSize, do: edns?.do === true, version: 0, options: [] } });
}

function accepting(blocks: readonly Block[], request: Request): Block | undefined {
  return blocks.find(({ configuration: { view, network } }) => {
    if (network !== undefined && !isReverseWithin(request.message.question[0]?.name ?? '', network)) return false;
    return view === undefined || view.accepts(request);
  });
}

/** Names that stand for no address are let in. */
function isReverseWithin(name: string, network: Prefix): boolean {
  const address = parseAddress(addressOfReverse(lower(name)) ?? '');
  return address === undefined || inPrefix(address, network);
}

/** The servers of all configurations, one for each address and port, in the order of the Corefile. */
export function serversOf(configurations: readonly Configuration[], runtime: Runtime): Server[] {
  const groups = new Map<string, { readonly address: string; readonly configurations: Configuration[] }>();
  for (const configuration of configurations) {
    const { transport, port, listenOn } = configuration;
    for (const address of listenOn.length === 0 ? [''] : listenOn) {
      const key = `${transport} ${address} ${port}`;
      const group = groups.get(key) ?? { address, configurations: [] };
      group.configurations.push(configuration);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map((group) => new Server(group.configurations, group.address, runtime));
}

/** Where the next label starts; negative: there is none. */
function nextLabel(name: string, from: number): number {
  for (let at = from; at < name.length; at++) {
    if (name[at] === '\\') at++;
    else if (name[at] === '.') return at + 1 < name.length ? at + 1 : -1;
  }
  return -1;
}

import { changed, replyTo } from '../../../dns/build.ts';
import type { Message, Question } from '../../../dns/message.ts';
import { absolute, isWithin, lower, sameName } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import { formatRecord } from '../../../dns/text.ts';
import type { Process } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { DnsPayload } from '../../../transport/payload.ts';
import type { Incoming } from '../../../transport/serve.ts';
import type { ServerFaults } from '../../description.ts';
import { fitted } from '../../fit.ts';
import { foldNames, hasCapitals } from '../../fold-names.ts';
import type { Asker } from '../asker.ts';
import { endpointOf, type UpstreamNames } from '../endpoint.ts';
import { bare, type Engine, type Resolution } from '../engine.ts';
import { Fetch } from '../fetch.ts';
import { noteCache } from '../note.ts';
import { Ordering } from '../order.ts';
import { agedReply, ResolvedCache } from './cache.ts';
import { cut } from './cut.ts';
import { localAnswer } from './local.ts';
import { ResolvedServer } from './server.ts';
import type { ResolvedSettings } from './settings.ts';
import { ServerList, transact } from './transaction.ts';

/** Redirects followed for one question (QUERIES_MAX of its resolved-dns-query.c). */
const longestChain = 16;

/** What a client gets; `isOwn`: no server has said it. */
interface Told extends Resolution {
  readonly isOwn?: boolean;
}

/** systemd-resolved: passes whole replies on, keeps them whole, and gets on with whatever a server understands. */
export function startResolved(asker: Asker, settings: ResolvedSettings, names: UpstreamNames): Engine {
  return new Resolved(asker, settings, names);
}

class Resolved implements Engine {
  readonly #asker: Asker;
  readonly #settings: ResolvedSettings;
  readonly #cache: ResolvedCache;
  readonly #ordering: Ordering;
  readonly #underway = new Map<string, Fetch<Told | undefined>>();
  readonly #lists: ReadonlyMap<string, ServerList>;

  constructor(asker: Asker, settings: ResolvedSettings, { upstreams, stubs }: UpstreamNames) {
    this.#asker = asker;
    this.#settings = settings;
    this.#cache = new ResolvedCache(settings);
    this.#ordering = new Ordering('random', () => asker.simulation.stream(`${asker.name} order`));
    this.#lists = new Map(
      Object.entries({ ...upstreams, ...stubs }).map(([zone, servers]) => [
        absolute(zone).toLowerCase(),
        new ServerList(
          servers.map((server) => new ResolvedServer(endpointOf(server))),
          () => this.flush(),
        ),
      ]),
    );
  }

  *answer(query: Incoming, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { message, trace } = query;
    const [question] = message.question;
    if (question === undefined || !message.flags.rd) return this.#written(query, bare('REFUSED'), faults);
    const local = localAnswer(question, this.#settings);
    if (local !== undefined) return this.#written(query, local, faults);
    const isPrimary = message.edns?.do === true;
    if (isPrimary && message.flags.cd) return yield* this.#passOn(query, question, faults);
    let told: Told | undefined;
    let { name } = question;
    for (let links = 0; links <= longestChain; links++) {
      const part: Told | undefined = yield* this.#resolve({ ...question, name }, trace, isPrimary);
      if (part === undefined) return undefined;
      told = told === undefined ? part : joined(told, part);
      const next = endOf(part, name, question.type);
      if (next === undefined || sameName(next, name)) break;
      name = next;
    }
    return told && this.#written(query, sorted(told, question), faults);
  }

  /** A query with DO and CD goes on as it is, and so does its reply. */
  *#passOn(query: Incoming, question: Question, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { message, trace } = query;
    const { name, type } = question;
    const known = this.#cache.find(name, type, this.#asker.simulation.now, true);
    noteCache(
      this.#asker,
      known?.packet ? 'hit' : 'miss',
      { name, type, trace },
      { entry: known?.packet && known.noted },
    );
    if (known?.packet) return this.#passedBack(query, known.packet, faults);
    const list = listFor(this.#lists, name);
    const asked = { name, type, trace, passed: message.edns };
    const came = list === undefined ? 'SERVFAIL' : yield* transact(this.#asker, list, asked, this.#settings.udpSize);
    if (came === undefined) return undefined;
    if (typeof came === 'string') return this.#written(query, failed(came), faults);
    this.#keep(came, name, type);
    const { now } = this.#asker.simulation;
    const fresh = agedReply({ packet: came.reply, storedAt: now }, now);
    return fresh && this.#passedBack(query, fresh, faults);
  }

  #passedBack(query: Incoming, reply: Message, faults: ServerFaults): DnsPayload {
    const edns = reply.edns && { ...reply.edns, udpSize: this.#settings.passedUdpSize };
    const own = changed(reply, { id: query.message.id, flags: { ...reply.flags, ad: false }, edns });
    return fitted(own, query, faults, { largest: Number.POSITIVE_INFINITY, keepsWhatFits: true });
  }

  /** Out of the cache, or from a server. `isPrimary`: for a client with DO, which does not wait for what others have asked. */
  *#resolve(question: Question, trace: TraceId, isPrimary: boolean): Process<Told | undefined> {
    const { name, type } = question;
    const known = this.#cache.find(name, type, this.#asker.simulation.now, isPrimary);
    if (known !== undefined) {
      noteCache(this.#asker, 'hit', { name, type, trace }, { entry: known.noted });
      return known.told;
    }
    const other =
      this.#underway.get(keyOf(question, true)) ?? (isPrimary ? undefined : this.#underway.get(keyOf(question, false)));
    noteCache(this.#asker, other === undefined ? 'miss' : 'joined', { name, type, trace });
    const fetch = other ?? this.#start(question, trace, isPrimary);
    yield* fetch.wait();
    return fetch.result;
  }

  #start(question: Question, trace: TraceId, isPrimary: boolean): Fetch<Told | undefined> {
    const fetch = new Fetch<Told | undefined>(this.#asker.simulation, Number.POSITIVE_INFINITY);
    const key = keyOf(question, isPrimary);
    this.#underway.set(key, fetch);
    fetch.task = this.#asker.simulation.spawn(this.#learn(fetch, key, question, trace));
    return fetch;
  }

  *#learn(fetch: Fetch<Told | undefined>, key: string, { name, type }: Question, trace: TraceId): Process {
    const list = listFor(this.#lists, name);
    const asked = { name, type, trace };
    const came = list === undefined ? 'SERVFAIL' : yield* transact(this.#asker, list, asked, this.#settings.udpSize);
    this.#underway.delete(key);
    if (came === undefined || typeof came === 'string') return fetch.finish(came && failed(came));
    this.#keep(came, name, type);
    const { rcode, answer, authority, additional } = came.reply;
    fetch.finish({ rcode, answer, authority, additional });
  }

  #keep({ reply, trace }: { readonly reply: Message; readonly trace: TraceId }, name: string, type: string): void {
    const noted = this.#cache.store(reply, name, type, this.#asker.simulation.now, trace);
    noteCache(this.#asker, noted === undefined ? 'not-stored' : 'stored', { name, type, trace }, { entry: noted });
  }

  #written(query: Incoming, { isOwn = false, ...rest }: Told, faults: ServerFaults): DnsPayload {
    const { message } = query;
    const plain = replyTo(message, rest.rcode);
    const edns = message.edns && {
      udpSize: this.#settings.clientUdpSize,
      do: message.edns.do,
      version: 0,
      options: [],
    };
    const asked = message.question[0]?.name ?? '.';
    const inLetters = rest.answer.map((record) => (sameName(record.name, asked) ? { ...record, name: asked } : record));
    const answer = this.#ordering.of(inLetters, message.id, '');
    const flags = { ...plain.flags, ra: true, cd: false, aa: isOwn };
    const reply = changed(plain, { ...rest, flags, answer, edns });
    return cut(hasCapitals(reply) ? foldNames(reply) : reply, query, faults);
  }

  flush(): void {
    this.#cache.clear();
  }

  stop(): void {
    for (const { task } of this.#underway.values()) task?.kill();
    this.#underway.clear();
    this.#cache.clear();
  }
}

function failed(why: 'SERVFAIL' | 'invalid'): Told {
  return { ...bare('SERVFAIL'), isOwn: why === 'SERVFAIL' };
}

/** Where the aliases in a reply lead; undefined: to what was asked for. */
function endOf({ answer }: Resolution, name: string, type: string): string | undefined {
  let end = name;
  for (let links = 0; links <= answer.length; links++) {
    const own = answer.filter((record) => sameName(record.name, end));
    if (own.some((record) => type === 'ANY' || typeOf(record) === type)) return undefined;
    const [alias] = own.filter(({ data }) => data.type === 'CNAME');
    if (alias?.data.type !== 'CNAME') return end;
    end = alias.data.target;
  }
  return undefined;
}

/** Records of an answer that do not belong to the question go to the additional section. */
function sorted(told: Told, { name, type }: Question): Told {
  const names = new Set([lower(name)]);
  for (const { name: owner, data } of told.answer) {
    if (type !== 'CNAME' && data.type === 'CNAME' && names.has(lower(owner))) names.add(lower(data.target));
  }
  const belongs = (record: ResourceRecord) =>
    names.has(lower(record.name)) && (type === 'ANY' || typeOf(record) === type || typeOf(record) === 'CNAME');
  const beside = told.answer.filter((record) => !belongs(record));
  if (beside.length === 0) return told;
  return { ...told, answer: told.answer.filter(belongs), additional: [...beside, ...told.additional] };
}

/** What was told before an alias, and what is told of its target; of equal records that with the longer TTL (`dns_answer_add`). */
function joined(before: Told, next: Told): Told {
  const both = (section: 'answer' | 'authority' | 'additional') => {
    const records = new Map<string, ResourceRecord>();
    for (const record of [...before[section], ...next[section]]) {
      const key = formatRecord({ ...record, name: lower(record.name), ttl: 0 });
      const known = records.get(key);
      if (known === undefined || known.ttl < record.ttl) records.set(key, record);
    }
    return [...records.values()];
  };
  return { ...next, answer: both('answer'), authority: both('authority'), additional: both('additional') };
}

/** The servers of the longest zone that holds the name (`Domains=~zone` of a link). */
function listFor(lists: ReadonlyMap<string, ServerList>, name: string): ServerList | undefined {
  let nearest = '';
  for (const zone of lists.keys()) if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
  return lists.get(nearest);
}

function keyOf({ name, type }: Question, isPrimary: boolean): string {
  return `${lower(name)} ${type}${isPrimary ? ' primary' : ''}`;
}

import type { Message, Question } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { isCompressed, sizeOf } from '../../../dns/size.ts';
import type { Process, Task } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import type { Incoming } from '../../../transport/serve.ts';
import { type Asker, tryServer } from '../asker.ts';
import { Fetch } from '../fetch.ts';
import { noteCache } from '../note.ts';
import { hasAddress } from './filters.ts';
import type { DnsmasqSettings } from './settings.ts';

/** Constants of dnsmasq's config.h: TIMEOUT, FORWARD_TEST, FORWARD_TIME, SAFE_PKTSZ. */
const slotLife = 10 * second;
const testAfterQueries = 50;
const testAfterSeconds = 20;
const safePacket = 1232;
/** In multiples of `slotLife`: a question keeps its slot that long, unless another needs it. */
const mostLives = 4;
/** Equal queries closer than this, in seconds of the wall clock, are no repetition. */
const repetitionFrom = 2;

/** A reply as it came. */
export interface Relayed {
  readonly reply: Message;
  readonly size: number;
  readonly isCompressed: boolean;
}

/** The servers of a zone, and which of them answered last. */
export class ServerGroup {
  readonly servers: readonly Endpoint[];
  /** Undefined: none yet, or it has refused since. */
  last: number | undefined;
  #queries = 0;
  #testedAt = 0;

  constructor(servers: readonly Endpoint[]) {
    this.servers = servers;
  }

  /** Is it time to ask all of them, to see who is the fastest? */
  isTestDue(now: Micros): boolean {
    const at = wholeSeconds(now);
    const isDue =
      this.#queries++ > testAfterQueries || at - this.#testedAt > testAfterSeconds || this.last === undefined;
    if (isDue) {
      this.#testedAt = at;
      this.#queries = 0;
    }
    return isDue;
  }
}

/** A question on its way (struct frec). */
interface Slot {
  readonly key: string;
  readonly group: ServerGroup;
  readonly query: Incoming;
  readonly question: Question;
  readonly since: Micros;
  readonly fetch: Fetch<Relayed | undefined>;
  readonly sources: Set<string>;
  /** 0: it goes to one server; else one more than the servers that may still answer (`forwardall`). */
  toAll: number;
  sentTo: number;
  attempts: number;
  readonly tasks: Task[];
}

/** A question that was passed on; `isChecked`: without CD, so that the reply may be kept. */
export interface PassedOn {
  readonly question: Question;
  readonly isChecked: boolean;
}

/** What takes note of a reply, and returns it as it is to be passed on. */
type Learn = (reply: Message, trace: TraceId, asked: PassedOn) => Message;

/** Passes queries on; see `forward_query` and `reply_query` of dnsmasq's forward.c. */
export class Forwarder {
  readonly #asker: Asker;
  readonly #settings: DnsmasqSettings;
  readonly #learn: Learn;
  readonly #slots = new Map<string, Slot>();
  /** Slots that there are, free ones too: they are made as they are needed, and never given back. */
  #made = 0;
  /** Clients that wait for a question that another had asked. */
  #joined = 0;

  constructor(asker: Asker, settings: DnsmasqSettings, learn: Learn) {
    this.#asker = asker;
    this.#settings = settings;
    this.#learn = learn;
  }

  /** Waits for the reply as long as the question has its slot. */
  *overUdp(query: Incoming, group: ServerGroup): Process<Relayed | 'no slot' | undefined> {
    const [question] = query.message.question;
    if (question === undefined) return undefined;
    const key = keyOf(query);
    const source = `${formatEndpoint(query.client)} ${query.message.id}`;
    const known = this.#slots.get(key);
    const slot = known ?? this.#open(key, query, question, group);
    if (slot === undefined) return 'no slot';
    if (known !== undefined && !this.#join(known, source, query, question)) return 'no slot';
    slot.sources.add(source);
    if (known === undefined) {
      this.#send(slot, slot.toAll > 0 ? 0 : (this.#first(group) ?? 0));
      this.#retryAfter(slot, this.#settings.retriesAfter);
    }
    yield* slot.fetch.wait();
    return slot.fetch.result;
  }

  /** A query that came over TCP goes on over TCP. */
  *overTcp(query: Incoming, group: ServerGroup): Process<Relayed | undefined> {
    const { simulation } = this.#asker;
    const [question] = query.message.question;
    if (question === undefined) return undefined;
    const first = this.#first(group) ?? 0;
    for (let i = 0; i < group.servers.length; i++) {
      const server = group.servers[(first + i) % group.servers.length];
      if (server === undefined) continue;
      const trace = simulation.recorder.trace(query.trace);
      const asked = { ...this.#askedOf(query, question), protocol: 'tcp', attempt: i + 1 } as const;
      const tried = yield* tryServer(this.#asker, server, asked, trace, simulation.now + slotLife);
      if ('failed' in tried) continue;
      const reply = this.#learn(tried.reply, trace, { question, isChecked: !query.message.flags.cd });
      return relayedOf(reply, tried.size);
    }
    return undefined;
  }

  stop(): void {
    for (const slot of this.#slots.values()) {
      for (const task of slot.tasks) task.kill();
      this.#free(slot);
    }
  }

  /** Whom a question goes to first, where it goes to one. */
  #first(group: ServerGroup): number | undefined {
    return this.#settings.asks === 'strict' ? 0 : group.last;
  }

  /** Another client asks the same, or the same one again; false: too many wait already. */
  #join(slot: Slot, source: string, query: Incoming, { name, type }: Question): boolean {
    noteCache(this.#asker, 'joined', { name, type, trace: query.trace });
    const isSame = slot.sources.has(source);
    const age = this.#ageOf(slot);
    if (!isSame && this.#joined >= this.#settings.mostPending) {
      if (age * second >= slotLife) this.#free(slot);
      return false;
    }
    if (!isSame) this.#joined++;
    if (isSame || age >= repetitionFrom) this.#repeat(slot, isSame ? 'the same client' : 'another client');
    return true;
  }

  /** Takes a slot for a question (`get_new_frec`); undefined: there are too many young ones. */
  #open(key: string, query: Incoming, question: Question, group: ServerGroup): Slot | undefined {
    const { simulation } = this.#asker;
    const { mostPending, asks } = this.#settings;
    let young = 0;
    for (const slot of this.#slots.values()) {
      const age = this.#ageOf(slot) * second;
      if (age >= mostLives * slotLife) this.#free(slot);
      else if (age < slotLife && slot.group === group) young++;
    }
    if (young >= mostPending) return undefined;
    const [oldest] = this.#slots.values();
    if (this.#made === this.#slots.size) {
      if (oldest !== undefined && this.#ageOf(oldest) * second >= slotLife) this.#free(oldest);
      else this.#made++;
    }
    const isTest = asks !== 'strict' && group.isTestDue(simulation.now);
    const slot: Slot = {
      key,
      group,
      query,
      question,
      since: simulation.now,
      fetch: new Fetch(simulation, Number.POSITIVE_INFINITY),
      sources: new Set(),
      toAll: asks === 'all' || isTest ? 1 : 0,
      sentTo: 0,
      attempts: 0,
      tasks: [],
    };
    this.#slots.set(key, slot);
    return slot;
  }

  #free(slot: Slot): void {
    if (this.#slots.get(slot.key) !== slot) return;
    this.#slots.delete(slot.key);
    this.#joined -= slot.sources.size - 1;
    slot.fetch.finish(slot.fetch.result);
  }

  #ageOf({ since }: Slot): number {
    return wholeSeconds(this.#asker.simulation.now) - wholeSeconds(since);
  }

  /** A question goes out once more: because of a client, or of a server that failed; in strict order to the next server. */
  #repeat(slot: Slot, why: 'the same client' | 'another client' | 'a failure'): void {
    const isStrict = this.#settings.asks === 'strict';
    let start = slot.sentTo;
    if (isStrict && start + 1 < slot.group.servers.length) start++;
    else if (isStrict && why === 'a failure') return;
    if (!isStrict && why !== 'another client') slot.toAll = 1;
    this.#send(slot, slot.toAll > 0 ? 0 : start);
  }

  /** Without a client asking again: to the server that was asked last, after ever longer times (`fast_retry`). */
  #retryAfter(slot: Slot, delay: Micros): void {
    if (!Number.isFinite(delay)) return;
    this.#asker.simulation.after(delay, () => {
      if (this.#slots.get(slot.key) !== slot || this.#ageOf(slot) >= this.#settings.retriesFor) return;
      this.#repeat(slot, 'another client');
      this.#retryAfter(slot, 2 * delay);
    });
  }

  /** To one server, or to all from the first. */
  #send(slot: Slot, start: number): void {
    const { length } = slot.group.servers;
    for (let to = start; to < length; to++) {
      slot.sentTo = to;
      slot.attempts++;
      slot.tasks.push(this.#asker.simulation.spawn(this.#ask(slot, to, slot.attempts)));
      if (slot.toAll === 0) return;
      slot.toAll++;
    }
  }

  *#ask(slot: Slot, to: number, attempt: number): Process {
    const server = slot.group.servers[to];
    if (server === undefined) return;
    const { simulation } = this.#asker;
    const trace = simulation.recorder.trace(slot.query.trace);
    const { edns, ...own } = this.#askedOf(slot.query, slot.question);
    const isRepeated = attempt > slot.group.servers.length || (slot.toAll === 0 && attempt > 1);
    const asked = { ...own, edns: edns && isRepeated ? { ...edns, udpSize: safePacket } : edns, attempt };
    const deadline = simulation.now + slotLife;
    const tried = yield* tryServer(this.#asker, server, { ...asked, protocol: 'udp' }, trace, deadline);
    if ('reply' in tried) this.#hear(slot, to, tried.reply, tried.size, trace);
  }

  /** See `reply_query`: SERVFAIL and REFUSED of one server send the question to all; REFUSED never wins as long as others may answer. */
  #hear(slot: Slot, from: number, reply: Message, size: number, trace: TraceId): void {
    if (this.#slots.get(slot.key) !== slot || hasAddress(reply, this.#settings.ignored)) return;
    const { group } = slot;
    if (reply.rcode !== 'REFUSED') group.last = from;
    else if (group.last === from) group.last = undefined;
    if ((reply.rcode === 'SERVFAIL' || reply.rcode === 'REFUSED') && slot.toAll === 0) {
      this.#repeat(slot, 'a failure');
      return;
    }
    if (slot.toAll > 0 && --slot.toAll > 1 && reply.rcode === 'REFUSED') return;
    const { question, query } = slot;
    const passed = this.#learn(reply, trace, { question, isChecked: !query.message.flags.cd });
    const isWhole = passed.answer.length === reply.answer.length;
    slot.fetch.finish(relayedOf(passed, isWhole ? size : sizeOf(passed, { compress: true })));
    this.#free(slot);
  }

  /** The client's own OPT goes on, over UDP with a size of at most `edns-packet-max`. */
  #askedOf({ message, protocol }: Incoming, { name, type }: Question) {
    const { edns, flags } = message;
    const most = protocol === 'tcp' ? Number.POSITIVE_INFINITY : this.#settings.largestPacket;
    const udpSize = Math.min(edns?.udpSize ?? 0, most);
    return { name, type, rd: flags.rd, edns: edns && { ...edns, udpSize, options: [] } };
  }
}

function keyOf({ message: { question, edns, flags } }: Incoming): string {
  const [asked] = question;
  return `${lower(asked?.name ?? '')} ${asked?.type} ${edns?.do ?? 'plain'} ${flags.ad} ${flags.cd}`;
}

function relayedOf(reply: Message, size: number): Relayed {
  return { reply, size, isCompressed: isCompressed(reply, size) };
}

function wholeSeconds(at: Micros): number {
  return Math.floor(at / second);
}

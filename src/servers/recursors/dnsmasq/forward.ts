import type { Message, Question } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { sizeOf } from '../../../dns/size.ts';
import type { Process, Task } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import type { Incoming } from '../../../transport/serve.ts';
import { type Asker, tryServer } from '../asker.ts';
import { Fetch } from '../fetch.ts';
import { noteCache } from '../note.ts';
import type { DnsmasqSettings } from './settings.ts';

/** Constants of dnsmasq's config.h: TIMEOUT, FORWARD_TEST, FORWARD_TIME. */
const slotLife = 10 * second;
const testAfterQueries = 50;
const testAfterSeconds = 20;
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
  last = 0;
  #queries = 0;
  #testedAt: number | undefined;

  constructor(servers: readonly Endpoint[]) {
    this.servers = servers;
  }

  /** Is it time to ask all of them, to see who is the fastest? */
  isTestDue(now: Micros): boolean {
    const at = Math.floor(now / second);
    const isDue =
      this.#testedAt === undefined || this.#queries++ > testAfterQueries || at - this.#testedAt > testAfterSeconds;
    if (isDue) {
      this.#testedAt = at;
      this.#queries = 0;
    }
    return isDue;
  }
}

/** A question on its way (struct frec). */
interface Slot {
  readonly group: ServerGroup;
  readonly query: Incoming;
  readonly question: Question;
  readonly since: Micros;
  readonly fetch: Fetch<Relayed | undefined>;
  readonly sources: Set<string>;
  /** Was it sent to all? How many replies are still to come? */
  toAll: boolean;
  outstanding: number;
  sentTo: number;
  attempts: number;
  readonly tasks: Task[];
}

/** Passes queries on; see `forward_query` and `reply_query` of dnsmasq's forward.c. */
export class Forwarder {
  readonly #asker: Asker;
  readonly #settings: DnsmasqSettings;
  readonly #learn: (reply: Message, trace: TraceId, question: Question) => void;
  readonly #slots = new Map<string, Slot>();

  constructor(
    asker: Asker,
    settings: DnsmasqSettings,
    learn: (reply: Message, trace: TraceId, question: Question) => void,
  ) {
    this.#asker = asker;
    this.#settings = settings;
    this.#learn = learn;
  }

  /** Waits for the reply as long as the question has its slot. */
  *overUdp(query: Incoming, group: ServerGroup): Process<Relayed | 'no slot' | undefined> {
    const { simulation } = this.#asker;
    const [question] = query.message.question;
    if (question === undefined) return undefined;
    const key = keyOf(query);
    const source = `${formatEndpoint(query.client)} ${query.message.id}`;
    let slot = this.#slots.get(key);
    if (slot !== undefined) {
      noteCache(this.#asker, 'joined', question.name, question.type, undefined, query.trace);
      const age = Math.floor(simulation.now / second) - Math.floor(slot.since / second);
      if (slot.sources.has(source) || age >= repetitionFrom) this.#repeat(slot);
      slot.sources.add(source);
    } else {
      if (this.#slots.size >= this.#settings.mostPending) return 'no slot';
      slot = this.#open(key, query, question, group);
      slot.sources.add(source);
    }
    yield* slot.fetch.wait(slot.since + slotLife);
    return slot.fetch.result;
  }

  /** A query that came over TCP goes on over TCP. */
  *overTcp(query: Incoming, group: ServerGroup): Process<Relayed | undefined> {
    const { simulation } = this.#asker;
    const [question] = query.message.question;
    if (question === undefined) return undefined;
    const first = this.#settings.asks === 'strict' ? 0 : group.last;
    for (let i = 0; i < group.servers.length; i++) {
      const server = group.servers[(first + i) % group.servers.length];
      if (server === undefined) continue;
      const trace = simulation.recorder.trace(query.trace);
      const asked = { ...this.#askedOf(query, question), protocol: 'tcp', attempt: i + 1 } as const;
      const tried = yield* tryServer(this.#asker, server, asked, trace, simulation.now + slotLife);
      if ('failed' in tried) continue;
      this.#learn(tried.reply, trace, question);
      return relayedOf(tried.reply, tried.size);
    }
    return undefined;
  }

  stop(): void {
    for (const { tasks } of this.#slots.values()) for (const task of tasks) task.kill();
    this.#slots.clear();
  }

  #open(key: string, query: Incoming, question: Question, group: ServerGroup): Slot {
    const { simulation } = this.#asker;
    const slot: Slot = {
      group,
      query,
      question,
      since: simulation.now,
      fetch: new Fetch(simulation, Number.POSITIVE_INFINITY),
      sources: new Set(),
      toAll: this.#settings.asks === 'all' || (this.#settings.asks === 'last' && group.isTestDue(simulation.now)),
      outstanding: 0,
      sentTo: 0,
      attempts: 0,
      tasks: [],
    };
    this.#slots.set(key, slot);
    simulation.after(slotLife, () => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    });
    if (slot.toAll) this.#sendToAll(slot);
    else this.#send(slot, this.#settings.asks === 'strict' ? 0 : group.last);
    return slot;
  }

  /** The client asks again: everybody, or in strict order the next one. */
  #repeat(slot: Slot): void {
    if (this.#settings.asks === 'strict') this.#send(slot, (slot.sentTo + 1) % slot.group.servers.length);
    else this.#sendToAll(slot);
  }

  #sendToAll(slot: Slot): void {
    slot.toAll = true;
    for (const i of slot.group.servers.keys()) this.#send(slot, i);
  }

  #send(slot: Slot, to: number): void {
    slot.sentTo = to;
    slot.outstanding++;
    slot.attempts++;
    slot.tasks.push(this.#asker.simulation.spawn(this.#ask(slot, to, slot.attempts)));
  }

  *#ask(slot: Slot, to: number, attempt: number): Process {
    const server = slot.group.servers[to];
    if (server === undefined) return;
    const trace = this.#asker.simulation.recorder.trace(slot.query.trace);
    const asked = { ...this.#askedOf(slot.query, slot.question), protocol: 'udp', attempt } as const;
    const tried = yield* tryServer(this.#asker, server, asked, trace, slot.since + slotLife);
    if ('reply' in tried) this.#hear(slot, to, tried.reply, tried.size, trace);
  }

  #hear(slot: Slot, from: number, reply: Message, size: number, trace: TraceId): void {
    const key = keyOf(slot.query);
    if (this.#slots.get(key) !== slot) return;
    slot.outstanding--;
    const isBad = reply.rcode === 'SERVFAIL' || reply.rcode === 'REFUSED';
    if (isBad && !slot.toAll) {
      const next = from + 1;
      const isOver = this.#settings.asks === 'strict' && next >= slot.group.servers.length;
      if (this.#settings.asks !== 'strict') this.#sendToAll(slot);
      else if (!isOver) this.#send(slot, next);
      if (!isOver) return;
    }
    if (reply.rcode === 'REFUSED' && slot.outstanding > 0) return;
    if (!isBad) slot.group.last = from;
    this.#slots.delete(key);
    this.#learn(reply, trace, slot.question);
    slot.fetch.finish(relayedOf(reply, size));
  }

  /** The client's own OPT goes on, with a size of at most `edns-packet-max`. */
  #askedOf({ message }: Incoming, { name, type }: Question) {
    const { edns, flags } = message;
    const udpSize = Math.min(edns?.udpSize ?? 0, this.#settings.largestPacket);
    return { name, type, rd: flags.rd, edns: edns && { ...edns, udpSize, options: [] } };
  }
}

function keyOf({ message: { question, edns, flags } }: Incoming): string {
  const [asked] = question;
  return `${lower(asked?.name ?? '')} ${asked?.type} ${edns?.do ?? 'plain'} ${flags.rd} ${flags.cd}`;
}

function relayedOf(reply: Message, size: number): Relayed {
  return { reply, size, isCompressed: size < sizeOf(reply, { compress: false }) };
}

import { changed, replyTo } from '../../../dns/build.ts';
import type { Message, Question } from '../../../dns/message.ts';
import { absolute, isWithin, lower } from '../../../dns/name.ts';
import { withTtl } from '../../../dns/record.ts';
import { layoutOf, udpRoom } from '../../../dns/size.ts';
import type { Process } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { encode } from '../../../transport/decode.ts';
import { DnsPayload } from '../../../transport/payload.ts';
import type { Incoming } from '../../../transport/serve.ts';
import type { Asker } from '../asker.ts';
import { endpointOf, type UpstreamNames } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { noteCache } from '../note.ts';
import { type CacheAnswer, DnsmasqCache } from './cache.ts';
import { believedOf, filtered, hasAddress, isFiltered, isRebinding, type OwnAnswer, ownAnswer } from './filters.ts';
import { Forwarder, type PassedOn, type Relayed, ServerGroup } from './forward.ts';
import type { DnsmasqSettings } from './settings.ts';

/** dnsmasq: passes queries on as they are and replies as they come, and answers again out of its cache. */
export function startDnsmasq(asker: Asker, settings: DnsmasqSettings, names: UpstreamNames): Engine {
  return new Dnsmasq(asker, settings, names);
}

class Dnsmasq implements Engine {
  readonly #asker: Asker;
  readonly #settings: DnsmasqSettings;
  readonly #cache: DnsmasqCache;
  /** By zone. */
  readonly #groups: ReadonlyMap<string, ServerGroup>;
  readonly #forwarder: Forwarder;

  constructor(asker: Asker, settings: DnsmasqSettings, names: UpstreamNames) {
    this.#asker = asker;
    this.#settings = settings;
    this.#cache = new DnsmasqCache(settings);
    this.#groups = groupsOf(names);
    this.#forwarder = new Forwarder(asker, settings, (reply, trace, asked) => this.#believed(reply, trace, asked));
  }

  *answer(query: Incoming): Process<DnsPayload | undefined> {
    const { simulation } = this.#asker;
    const { message, trace } = query;
    const [question] = message.question;
    const group = question && groupFor(this.#groups, question.name);
    if (question === undefined || group === undefined) return encode(replyTo(message, 'REFUSED'), { compress: true });
    const { name, type } = question;
    const own = ownAnswer(question, this.#settings, group.servers.length);
    if (own !== undefined) return ownReply(query, own);
    const mayBeCached = message.flags.rd && message.edns?.do !== true;
    const known = mayBeCached ? this.#cache.find(name, type, simulation.now) : undefined;
    if (isFiltered(question, this.#settings, this.#cache, simulation.now)) {
      return ownReply(query, { rcode: 'NOERROR', aa: false });
    }
    if (known !== undefined) {
      noteCache(this.#asker, known.isStale ? 'stale' : 'hit', { name, type, trace }, { entry: known.noted });
      if (known.isStale) this.#refresh(query, question, group);
      return fromCache(query, known, this.#settings);
    }
    noteCache(this.#asker, 'miss', { name, type, trace });
    const forwarder = this.#forwarder;
    const relayed = yield* query.protocol === 'tcp' ? forwarder.overTcp(query, group) : forwarder.overUdp(query, group);
    if (relayed === 'no slot') return encode(withRa(replyTo(message, 'REFUSED')), { compress: true });
    return relayed && relay(query, relayed, this.#settings);
  }

  flush(): void {
    this.#cache.clear();
  }

  stop(): void {
    this.#forwarder.stop();
    this.#cache.clear();
  }

  /** Asks anew behind a stale answer. */
  #refresh(query: Incoming, { name, type }: Question, group: ServerGroup): void {
    const { simulation } = this.#asker;
    noteCache(this.#asker, 'refresh', { name, type, trace: query.trace });
    const trace = simulation.recorder.trace(query.trace);
    const plain = { ...query, trace, message: changed(query.message, { edns: undefined }) };
    simulation.spawn(inBackground(this.#forwarder.overUdp(plain, group)));
  }

  /** What it makes of a server's reply, and keeps of it. */
  #believed(reply: Message, trace: TraceId, { question, isChecked }: PassedOn): Message {
    const { now } = this.#asker.simulation;
    const settings = this.#settings;
    const believed = believedOf(reply, question, this.#cache, now, settings);
    const isKept = isChecked && !isRebinding(believed, question, settings);
    const isBogus = hasAddress(reply, settings.bogus);
    const ttlOfBogus = isBogus ? Math.min(...reply.answer.map(({ ttl }) => ttl)) : undefined;
    const noted = isKept ? this.#cache.store(believed, now, trace, ttlOfBogus) : undefined;
    const outcome = noted === undefined ? 'not-stored' : 'stored';
    noteCache(this.#asker, outcome, { ...question, trace }, { entry: noted });
    return believed;
  }
}

/** The servers that it asks, by zone (`server=/zone/…`). */
function groupsOf({ upstreams, stubs }: UpstreamNames): ReadonlyMap<string, ServerGroup> {
  return new Map(
    Object.entries({ ...upstreams, ...stubs }).map(([zone, servers]) => [
      absolute(zone).toLowerCase(),
      new ServerGroup(servers.map(endpointOf)),
    ]),
  );
}

/** An answer of its own, without records. */
function ownReply({ message }: Incoming, { rcode, aa }: OwnAnswer): DnsPayload {
  const reply = withRa(replyTo(message, rcode));
  return encode(changed(reply, { flags: { ...reply.flags, aa } }), { compress: true });
}

function* inBackground(process: Process<unknown>): Process {
  yield* process;
}

/** The servers of the longest zone that holds the name (`server=/zone/…`). */
function groupFor(groups: ReadonlyMap<string, ServerGroup>, name: string): ServerGroup | undefined {
  let nearest = '';
  for (const zone of groups.keys()) if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
  return groups.get(nearest);
}

function withRa(reply: Message): Message {
  return changed(reply, { flags: { ...reply.flags, ra: true } });
}

/**
 * What came, octet for octet but for the id, whatever the client takes (recording `recursor-size-20-a`); of a truncated
 * reply the head alone.
 */
function relay({ message }: Incoming, { reply, size, isCompressed }: Relayed, settings: DnsmasqSettings): DnsPayload {
  const { maximumShown, largestPacket } = settings;
  const known = message.edns === undefined ? undefined : reply.edns;
  const edns = known && { ...known, udpSize: Math.min(known.udpSize, largestPacket) };
  const flags = { ...reply.flags, ra: true, ad: false, cd: message.flags.cd };
  const [question] = message.question;
  const left = question === undefined ? reply : filtered(reply, question, settings);
  const own = changed(left, { id: message.id, question: message.question, flags, edns });
  if (reply.flags.tc) {
    return encode(changed(own, { answer: [], authority: [], additional: [] }), { compress: true });
  }
  const answer = left.answer.map((record) => withTtl(record, Math.min(record.ttl, maximumShown)));
  const shown = changed(own, { answer });
  return left === reply ? new DnsPayload(shown, size, isCompressed) : encode(shown, { compress: isCompressed });
}

/** A reply of its own: cut where it does not fit, with the records that do; OPT comes last, where there is room. */
function fromCache(query: Incoming, known: CacheAnswer, { largestPacket }: DnsmasqSettings): DnsPayload {
  const { message, protocol } = query;
  const { rcode, answer, authority } = known;
  const edns = message.edns && { udpSize: largestPacket, do: message.edns.do, version: 0, options: [] };
  const bare = withRa(replyTo(message, rcode));
  const aa = message.question[0]?.type === 'CNAME' && answer.length > 0;
  const flags = { ...bare.flags, aa };
  const plain = changed(bare, { flags, answer, authority });
  const { size, ends } = ownLayout(plain);
  const room = protocol === 'tcp' ? Number.POSITIVE_INFINITY : Math.min(udpRoom(message.edns), largestPacket);
  if (size <= room) return withOpt(plain, edns, room);
  const fits = ends.filter((end) => end <= room).length;
  const cut = changed(plain, { flags: { ...flags, tc: true }, answer: answer.slice(0, fits), authority: [] });
  return withOpt(cut, edns, room);
}

/** OPT is only counted where there would be room for an option in it, too (`add_pseudoheader` of dnsmasq's edns0.c). */
const optionRoom = 4;

function withOpt(plain: Message, edns: Message['edns'], room: number): DnsPayload {
  const whole = changed(plain, { edns });
  const { size } = ownLayout(whole);
  return edns === undefined || size + optionRoom <= room
    ? new DnsPayload(whole, size, true)
    : new DnsPayload(plain, ownLayout(plain).size, true);
}

/**
 * dnsmasq writes a pointer for an owner that is the name asked or the target of an alias before it, and everything else in
 * full (recording `recursor-cname-ttls`: 65 octets in place of 61). `ends`: of the answer's records.
 */
function ownLayout(reply: Message): { readonly size: number; readonly ends: readonly number[] } {
  const { size, records } = layoutOf(reply, { compress: false });
  const pointed = new Set(reply.question.map(({ name }) => lower(name)));
  const ends: number[] = [];
  let saved = 0;
  for (const [i, { name, data }] of reply.answer.entries()) {
    const place = records[i];
    if (place === undefined) continue;
    if (pointed.has(lower(name))) saved += place.ownerLength - 2;
    if (data.type === 'CNAME') pointed.add(lower(data.target));
    ends.push(place.end - saved);
  }
  return { size: size - saved, ends };
}

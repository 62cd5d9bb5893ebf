import { changed, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { absolute, isWithin, lower } from '../../../dns/name.ts';
import { withTtl } from '../../../dns/record.ts';
import { layoutOf, udpRoom } from '../../../dns/size.ts';
import type { Process } from '../../../engine/process.ts';
import { encode } from '../../../transport/decode.ts';
import { DnsPayload } from '../../../transport/payload.ts';
import type { Incoming } from '../../../transport/serve.ts';
import type { Asker } from '../asker.ts';
import { endpointOf, type UpstreamNames } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { noteCache } from '../note.ts';
import { type CacheAnswer, DnsmasqCache } from './cache.ts';
import { believedOf, filtered, hasAddress, isFiltered, isRebinding, type OwnAnswer, ownAnswer } from './filters.ts';
import { Forwarder, type Relayed, ServerGroup } from './forward.ts';
import type { DnsmasqSettings } from './settings.ts';

/** dnsmasq: passes queries on as they are and replies as they come, and answers again out of its cache. */
export function startDnsmasq(asker: Asker, settings: DnsmasqSettings, names: UpstreamNames): Engine {
  const { simulation } = asker;
  const cache = new DnsmasqCache(settings);
  const groups = new Map(
    Object.entries({ ...names.upstreams, ...names.stubs }).map(([zone, servers]) => [
      absolute(zone).toLowerCase(),
      new ServerGroup(servers.map(endpointOf)),
    ]),
  );
  const forwarder = new Forwarder(asker, settings, (reply, trace, { question, isChecked }) => {
    const believed = believedOf(reply, question, cache, simulation.now, settings);
    const isKept = isChecked && !isRebinding(believed, question, settings);
    const isBogus = hasAddress(reply, settings.bogus);
    const ttlOfBogus = isBogus ? Math.min(...reply.answer.map(({ ttl }) => ttl)) : undefined;
    const noted = isKept ? cache.store(believed, simulation.now, trace, ttlOfBogus) : undefined;
    const outcome = noted === undefined ? 'not-stored' : 'stored';
    noteCache(asker, outcome, question.name, question.type, noted, trace);
    return believed;
  });

  function* answer(query: Incoming): Process<DnsPayload | undefined> {
    const { message, trace } = query;
    const [question] = message.question;
    const group = question && groupFor(groups, question.name);
    if (question === undefined || group === undefined) return encode(replyTo(message, 'REFUSED'), { compress: true });
    const { name, type } = question;
    const own = ownAnswer(question, settings, group.servers.length);
    if (own !== undefined) return ownReply(query, own);
    const mayBeCached = message.flags.rd && message.edns?.do !== true;
    const known = mayBeCached ? cache.find(name, type, simulation.now) : undefined;
    if (isFiltered(question, settings, cache, simulation.now)) return ownReply(query, { rcode: 'NOERROR', aa: false });
    if (known !== undefined) {
      noteCache(asker, known.isStale ? 'stale' : 'hit', name, type, known.noted, trace);
      if (known.isStale) {
        noteCache(asker, 'refresh', name, type, undefined, trace);
        const plain = {
          ...query,
          trace: simulation.recorder.trace(trace),
          message: changed(message, { edns: undefined }),
        };
        simulation.spawn(inBackground(forwarder.overUdp(plain, group)));
      }
      return fromCache(query, known, settings);
    }
    noteCache(asker, 'miss', name, type, undefined, trace);
    const relayed = yield* query.protocol === 'tcp' ? forwarder.overTcp(query, group) : forwarder.overUdp(query, group);
    if (relayed === 'no slot') return encode(withRa(replyTo(message, 'REFUSED')), { compress: true });
    return relayed && relay(query, relayed, settings);
  }

  return {
    answer,
    flush: () => cache.clear(),
    stop() {
      forwarder.stop();
      cache.clear();
    },
  };
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

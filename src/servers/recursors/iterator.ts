import { replyTo } from '../../dns/build.ts';
import type { Message, Question } from '../../dns/message.ts';
import { absolute } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import { encode } from '../../transport/decode.ts';
import type { DnsPayload } from '../../transport/payload.ts';
import type { Incoming } from '../../transport/serve.ts';
import type { ServerFaults } from '../description.ts';
import { fitted } from '../fit.ts';
import { foldNames, hasCapitals } from '../fold-names.ts';
import type { ProfiledAsker } from './ask.ts';
import type { Asker } from './asker.ts';
import { endpointOf, type UpstreamNames } from './endpoint.ts';
import { bare, type Engine, type Resolution } from './engine.ts';
import { type ExtendedError, optionFor } from './extended-error.ts';
import { byName, localAnswer } from './local-zones.ts';
import { noteCache } from './note.ts';
import { Ordering } from './order.ts';
import { PacketCache } from './packet-cache.ts';
import type { RecursorProfile } from './profile.ts';
import { RateLimiter } from './rate-limit.ts';
import { Resolver } from './resolve.ts';
import { rootReferral } from './root.ts';
import { Upstream } from './upstream.ts';
import type { ZoneServers } from './zones.ts';

/** unbound, BIND, PowerDNS, Knot: each set of records for itself, by the rules of a profile. */
export function startIterator(asker: Asker, profile: RecursorProfile, names: UpstreamNames): Engine {
  const { simulation, name } = asker;
  const profiled: ProfiledAsker = { ...asker, profile, flights: new Map() };
  const zones = (from: Readonly<Record<string, readonly string[]>>, isStub: boolean) =>
    Object.entries(from).map(([zone, servers]): [string, ZoneServers] => [
      absolute(zone).toLowerCase(),
      { servers: servers.map((server) => new Upstream(simulation, profile, endpointOf(server), name)), isStub },
    ]);
  const resolver = new Resolver(
    profiled,
    new Map([...zones(names.upstreams, false), ...zones(names.stubs ?? {}, true)]),
  );
  resolver.knowRoot();
  const localZones = byName(profile.localZones);
  const limiter = new RateLimiter(profile.limits, () => simulation.stream(`${name} limits`));
  const packets = profile.packets && new PacketCache(profile.packets);
  const ordering = new Ordering(profile.order, () => simulation.stream(`${name} order`));

  function* answer(query: Incoming, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { message } = query;
    const [question] = message.question;
    const isFree = limiter.isIdle || question === undefined;
    const kind = isFree ? undefined : resolver.kindOf(question);
    const verdict = kind === undefined ? 'pass' : limiter.judge(query, kind, simulation.now);
    if (question !== undefined && verdict !== 'pass') {
      noteCache(asker, 'limited', question.name, question.type, undefined, query.trace);
    }
    if (verdict === 'drop') return undefined;
    const reply = { ...replyTo(message), edns: optFor(message, profile) };
    if (verdict === 'tc')
      return encode({ ...reply, flags: { ...reply.flags, ra: true, tc: true } }, { compress: true });
    if (question === undefined) return written(query, bare('FORMERR'), faults);
    const kept = packets?.find(query, simulation.now);
    if (kept !== undefined) {
      noteCache(asker, 'hit', question.name, question.type, kept.noted, query.trace);
      const { reply: before } = kept;
      return onWire({ ...before, id: message.id, question: message.question }, query, faults);
    }
    const told = yield* resolved(query, question, faults);
    if (told !== undefined) packets?.keep(query, told.message, simulation.now);
    if (kind?.counts === 'uncached') limiter.debit(query.client, resolver.kindOf(question), simulation.now);
    return told;
  }

  function* resolved(query: Incoming, question: Question, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { message, trace, client } = query;
    const began = simulation.now;
    const local = localAnswer(localZones, question);
    if (local !== undefined) return written(query, local, faults);
    const isApart = profile.asksApartWithCd && message.flags.cd;
    const asking = { rd: message.flags.rd, from: String(client.address), isApart };
    const resolution = yield* resolver.resolve(question, trace, asking);
    if (resolution === 'drop' || simulation.now - began > profile.discardsAfter) return undefined;
    const isError = resolution.rcode !== 'NOERROR' && resolution.rcode !== 'NXDOMAIN';
    if (isError && limiter.judge(query, { counts: 'error', key: '' }, simulation.now) !== 'pass') return undefined;
    const referral = !message.flags.rd && profile.withoutRd === 'referral to the root';
    if (referral && resolution.rcode === 'REFUSED') {
      return rootReferral({ ...replyTo(message), edns: optFor(message, profile) }, profile);
    }
    return written(query, resolution, faults);
  }

  function written(query: Incoming, told: Resolution & { aa?: boolean }, faults: ServerFaults): DnsPayload {
    const { answer, aa = false, extendedError, ...rest } = told;
    const { message, protocol } = query;
    const plain = replyTo(message, rest.rcode);
    const key = `${message.question[0]?.name} ${message.question[0]?.type} ${message.edns !== undefined} ${protocol}`;
    const reply: Message = {
      ...plain,
      ...rest,
      flags: { ...plain.flags, ra: true, aa, cd: profile.repeatsCd && message.flags.cd },
      answer: ordering.of(answer, message.id, key),
      edns: optFor(message, profile, extendedError),
    };
    return onWire(reply, query, faults);
  }

  function onWire(reply: Message, query: Incoming, faults: ServerFaults): DnsPayload {
    const { largestReply: largest, keepsWhatFits, pointsIntoTargets, pointsTo } = profile;
    const keeps = keepsWhatFits === 'sets' ? 'sets' : keepsWhatFits === 'records' && query.message.edns === undefined;
    const folded = pointsTo === 'two longest' ? reply : inLetters(reply);
    return fitted(folded, query, faults, { largest, keepsWhatFits: keeps, pointsIntoTargets, pointsTo });
  }

  return {
    answer,
    flush() {
      packets?.clear();
      resolver.flush();
    },
    stop() {
      packets?.clear();
      resolver.stop();
    },
  };
}

/** Pointers go to names whatever their letters: where there are capitals, others take them over. */
function inLetters(reply: Message): Message {
  return hasCapitals(reply) ? foldNames(reply) : reply;
}

function optFor({ edns }: Message, profile: RecursorProfile, error?: ExtendedError): Message['edns'] {
  const options = error === undefined ? [] : [optionFor(error)];
  return edns && { udpSize: profile.clientUdpSize, do: edns.do, version: 0, options };
}

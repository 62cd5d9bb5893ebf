import { changed, replyTo } from '../../dns/build.ts';
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
import type { Upstreams, ZoneServers } from './zones.ts';

/** unbound, BIND, PowerDNS, Knot: each set of records for itself, by the rules of a profile. */
export function startIterator(asker: Asker, profile: RecursorProfile, names: UpstreamNames): Engine {
  return new Iterator({ ...asker, profile, flights: new Map() }, names);
}

class Iterator implements Engine {
  readonly #asker: ProfiledAsker;
  readonly #resolver: Resolver;
  readonly #localZones: ReturnType<typeof byName>;
  readonly #limiter: RateLimiter;
  readonly #packets: PacketCache | undefined;
  readonly #ordering: Ordering;

  constructor(asker: ProfiledAsker, names: UpstreamNames) {
    const { simulation, name, profile } = asker;
    this.#asker = asker;
    this.#resolver = new Resolver(asker, zonesOf(asker, names));
    this.#resolver.knowRoot();
    this.#localZones = byName(profile.localZones);
    this.#limiter = new RateLimiter(profile.limits, () => simulation.stream(`${name} limits`));
    this.#packets = profile.packets && new PacketCache(profile.packets);
    this.#ordering = new Ordering(profile.order, () => simulation.stream(`${name} order`));
  }

  *answer(query: Incoming, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { simulation } = this.#asker;
    const { message, trace } = query;
    const [question] = message.question;
    const kind = this.#limiter.isIdle || question === undefined ? undefined : this.#resolver.kindOf(question);
    const verdict = kind === undefined ? 'pass' : this.#limiter.judge(query, kind, simulation.now);
    if (question !== undefined && verdict !== 'pass') {
      noteCache(this.#asker, 'limited', { ...question, trace }, { clamp: verdict.limit });
    }
    if (verdict !== 'pass') return verdict.does === 'tc' ? this.#cut(message) : undefined;
    if (question === undefined) return this.#written(query, bare('FORMERR'), faults);
    const kept = this.#packets?.find(query, simulation.now);
    if (kept !== undefined) {
      noteCache(this.#asker, 'hit', { ...question, trace }, { entry: kept.noted });
      const { reply: before } = kept;
      return this.#onWire(changed(before, { id: message.id, question: message.question }), query, faults);
    }
    const told = yield* this.#resolved(query, question, faults);
    if (told !== undefined) this.#packets?.keep(query, told.message, simulation.now);
    if (kind?.counts === 'uncached') this.#limiter.debit(query.client, this.#resolver.kindOf(question), simulation.now);
    return told;
  }

  flush(): void {
    this.#packets?.clear();
    this.#resolver.flush();
  }

  stop(): void {
    this.#packets?.clear();
    this.#resolver.stop();
  }

  *#resolved(query: Incoming, question: Question, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { simulation, profile } = this.#asker;
    const { message, trace, client } = query;
    const began = simulation.now;
    const local = localAnswer(this.#localZones, question);
    if (local !== undefined) return this.#written(query, local, faults);
    const isApart = profile.asksApartWithCd && message.flags.cd;
    const asking = { rd: message.flags.rd, from: String(client.address), isApart };
    const resolution = yield* this.#resolver.resolve(question, trace, asking);
    if (resolution === 'drop' || simulation.now - began > profile.discardsAfter) return undefined;
    const isError = resolution.rcode !== 'NOERROR' && resolution.rcode !== 'NXDOMAIN';
    const error = { counts: 'error', key: '' } as const;
    if (isError && this.#limiter.judge(query, error, simulation.now) !== 'pass') return undefined;
    const referral = !message.flags.rd && profile.withoutRd === 'referral to the root';
    if (referral && resolution.rcode === 'REFUSED') {
      return rootReferral(changed(replyTo(message), { edns: optFor(message, profile) }), profile);
    }
    return this.#written(query, resolution, faults);
  }

  /** Nothing but the word to come back by TCP. */
  #cut(message: Message): DnsPayload {
    const reply = replyTo(message);
    const flags = { ...reply.flags, ra: true, tc: true };
    return encode(changed(reply, { flags, edns: optFor(message, this.#asker.profile) }), { compress: true });
  }

  #written(query: Incoming, told: Resolution & { aa?: boolean }, faults: ServerFaults): DnsPayload {
    const { profile } = this.#asker;
    const { answer, aa = false, extendedError, ...rest } = told;
    const { message, protocol } = query;
    const plain = replyTo(message, rest.rcode);
    const key = `${message.question[0]?.name} ${message.question[0]?.type} ${message.edns !== undefined} ${protocol}`;
    const room = Math.min(message.edns?.udpSize ?? Number.POSITIVE_INFINITY, profile.largestReply);
    const isSmall = profile.answersSmall && message.edns !== undefined && protocol === 'udp' && room <= 512;
    const reply = changed(plain, {
      ...rest,
      ...(isSmall && { additional: [] }),
      flags: { ...plain.flags, ra: true, aa, cd: profile.repeatsCd && message.flags.cd },
      answer: this.#ordering.of(answer, message.id, key),
      edns: optFor(message, profile, extendedError),
    });
    return this.#onWire(reply, query, faults);
  }

  #onWire(reply: Message, query: Incoming, faults: ServerFaults): DnsPayload {
    const { largestReply: largest, keepsWhatFits, pointsIntoTargets, pointsTo } = this.#asker.profile;
    const keeps = keepsWhatFits === 'sets' ? 'sets' : keepsWhatFits === 'records' && query.message.edns === undefined;
    const folded = pointsTo === 'two longest' ? reply : inLetters(reply);
    return fitted(folded, query, faults, { largest, keepsWhatFits: keeps, pointsIntoTargets, pointsTo });
  }
}

/** The servers that it asks, by zone. */
function zonesOf({ simulation, profile, name }: ProfiledAsker, { upstreams, stubs = {} }: UpstreamNames): Upstreams {
  const zones = (from: Readonly<Record<string, readonly string[]>>, isStub: boolean) =>
    Object.entries(from).map(([zone, servers]): [string, ZoneServers] => [
      absolute(zone).toLowerCase(),
      { servers: servers.map((server) => new Upstream(simulation, profile, endpointOf(server), name)), isStub },
    ]);
  return new Map([...zones(upstreams, false), ...zones(stubs, true)]);
}

/** Pointers go to names whatever their letters: where there are capitals, others take them over. */
function inLetters(reply: Message): Message {
  return hasCapitals(reply) ? foldNames(reply) : reply;
}

function optFor({ edns }: Message, profile: RecursorProfile, error?: ExtendedError): Message['edns'] {
  const options = error === undefined ? [] : [optionFor(error)];
  return edns && { udpSize: profile.clientUdpSize, do: edns.do, version: 0, options };
}

import { replyTo } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { absolute } from '../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../dns/record.ts';
import { layoutOf, udpRoom } from '../../dns/size.ts';
import { type Process, sleep } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import { parseAddress, parseEndpoint } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import { encode } from '../../transport/decode.ts';
import type { DnsPayload } from '../../transport/payload.ts';
import type { Answer, Incoming } from '../../transport/serve.ts';
import { faultless, type ServerDescription, type ServerFaults } from '../description.ts';
import { processingTime } from '../processing.ts';
import { recordQuery, wordFor } from '../record-query.ts';
import { type Service, startService } from '../service.ts';
import type { Asker } from './ask.ts';
import { recursorProfile, recursorSoftware } from './profiles.ts';
import { type Resolution, Resolver } from './resolve.ts';
import { Upstream } from './upstream.ts';

/** A recursor at work. */
export interface RecursorServer extends Service {
  /** Empties the cache. */
  flush(): void;
}

const dnsPort = 53;

/** A program that is not known is the caller's to refuse (`recursorSoftware`). */
export function startRecursor(
  simulation: Simulation,
  sockets: Sockets,
  local: Endpoint,
  description: Extract<ServerDescription, { role: 'recursor' }>,
): RecursorServer {
  const { name, software, faults = faultless } = description;
  const profile = recursorProfile(software, description.options);
  if (profile === undefined)
    throw new Error(`no recursor is called ${software}; there are ${recursorSoftware.join(', ')}`);
  const asker: Asker = { simulation, sockets, name, profile };
  const upstreams = new Map(
    Object.entries(description.upstreams).map(([zone, servers]) => [
      absolute(zone).toLowerCase(),
      servers.map((server) => new Upstream(simulation, profile, endpointOf(server))),
    ]),
  );
  const resolver = new Resolver(asker, upstreams);

  const service = startService(
    simulation,
    sockets,
    local,
    name,
    function* (query): Process<Answer> {
      const [question] = query.message.question;
      const began = simulation.now;
      const mayAsk = query.message.flags.rd;
      const resolution = question && (yield* resolver.resolve(question, query.trace, mayAsk));
      const isLate = simulation.now - began > profile.discardsAfter;
      const reply = isLate ? undefined : written(asker, query, resolution, faults);
      recordQuery(simulation, name, query, {
        did: reply === undefined ? 'drop' : wordFor(reply.message),
        size: reply?.size,
      });
      yield* sleep(processingTime);
      return reply;
    },
    faults,
  );

  return {
    ...service,
    flush: () => resolver.flush(),
    stop() {
      service.stop();
      resolver.stop();
    },
  };
}

function endpointOf(server: string): Endpoint {
  const endpoint = parseEndpoint(server);
  return endpoint ?? { address: parseAddress(server) ?? 0, port: dnsPort };
}

function written(
  asker: Asker,
  { message, protocol }: Incoming,
  resolution: Resolution | undefined,
  { limits, compress }: ServerFaults,
): DnsPayload {
  const { profile } = asker;
  const { rcode, answer, authority } = resolution ?? { rcode: 'FORMERR', answer: [], authority: [] };
  const bare = replyTo(message, rcode);
  const reply: Message = {
    ...bare,
    flags: { ...bare.flags, ra: true },
    answer: ordered(asker, answer, message.id),
    authority,
    edns: message.edns && { udpSize: profile.udpSize, do: message.edns.do, version: 0, options: [] },
  };
  const whole = encode(reply, { compress });
  const asked = udpRoom(message.edns);
  if (protocol === 'tcp' || limits === 'none' || whole.size <= Math.min(asked, profile.largestReply)) return whole;
  const fits = profile.keepsWhatFits && message.edns === undefined ? recordsWithin(reply, compress, asked) : 0;
  const flags = { ...reply.flags, tc: true };
  return encode({ ...reply, flags, answer: reply.answer.slice(0, fits), authority: [] }, { compress });
}

/** How many records of the answer fit. */
function recordsWithin(reply: Message, compress: boolean, size: number): number {
  return layoutOf(reply, compress).records.filter(({ section, end }) => section === 'answer' && end <= size).length;
}

/** The set that was asked for in this program's order; CNAMEs stay in front. */
function ordered(
  { simulation, name, profile }: Asker,
  answer: readonly ResourceRecord[],
  id: number,
): ResourceRecord[] {
  if (profile.order === 'as-received') return [...answer];
  const aliases = answer.filter((record) => typeOf(record) === 'CNAME');
  const set = answer.filter((record) => typeOf(record) !== 'CNAME');
  if (set.length < 2) return [...answer];
  if (profile.order === 'random') return [...aliases, ...simulation.stream(`${name} order`).shuffle(set)];
  const start = id % set.length;
  return [...aliases, ...set.slice(start), ...set.slice(0, start)];
}

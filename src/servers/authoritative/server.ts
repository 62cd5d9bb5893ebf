import { replyTo } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { absolute, isWithin } from '../../dns/name.ts';
import { udpRoom } from '../../dns/size.ts';
import { Zone } from '../../dns/zone.ts';
import { parseZoneFile, readZone } from '../../dns/zone-file.ts';
import { type Process, sleep } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Endpoint } from '../../network/packet.ts';
import { type Problem, ProblemsFound, type Source } from '../../problem/problem.ts';
import { encode } from '../../transport/decode.ts';
import type { DnsPayload } from '../../transport/payload.ts';
import type { Answer, Incoming } from '../../transport/serve.ts';
import { faultless, type ServerDescription, type ServerFaults } from '../description.ts';
import { processingTime } from '../processing.ts';
import { recordQuery, wordFor } from '../record-query.ts';
import { authorityAnswer } from '../records.ts';
import { type Service, startService } from '../service.ts';
import { lookUp } from './lookup.ts';

/** An authoritative server at work. */
export interface AuthoritativeServer extends Service {
  /** Serves the zone as a new file has it, from now on. */
  replaceZone(origin: string, source: Source): void;
  /** Each record, written as in a zone file, takes the place of those of its name and type; the serial goes up. */
  changeRecords(origin: string, records: readonly string[]): void;
}

/** The size in OPT and the largest UDP reply, whatever the client takes (recording `recursor-auth-sizes`). */
const udpSize = 1232;

/** Zone files with faults are the caller's to refuse (`readZone`); here they end in `ProblemsFound`. */
export function startAuthoritative(
  simulation: Simulation,
  sockets: Sockets,
  local: Endpoint,
  description: Extract<ServerDescription, { role: 'authoritative' }>,
): AuthoritativeServer {
  const { name, faults = faultless } = description;
  const zones = new Map<string, Zone>();
  const serve = (origin: string, source: Source) => {
    const full = absolute(origin).toLowerCase();
    zones.set(
      full,
      sound((problems) => readZone(source, full, problems)),
    );
  };
  for (const [origin, source] of Object.entries(description.zones)) serve(origin, source);

  const service = startService(
    simulation,
    sockets,
    local,
    name,
    function* (query): Process<Answer> {
      const zone = zoneOf(zones, query.message);
      const reply = written(answerOf(zone, query.message), query, faults);
      recordQuery(simulation, name, query, { did: wordFor(reply.message), size: reply.size });
      const [question] = query.message.question;
      simulation.recorder.write(authorityAnswer, name, query.trace, zone === undefined ? 'no-zone' : 'zone', {
        zone: zone?.origin ?? '',
        serial: zone?.soa?.data.serial ?? Number.NaN,
        name: question?.name ?? '',
        type: question?.type ?? '',
        rcode: reply.message.rcode,
        answers: reply.message.answer.length,
      });
      yield* sleep(processingTime);
      return reply;
    },
    faults,
  );

  return {
    ...service,
    replaceZone: serve,
    changeRecords(origin, lines) {
      const full = absolute(origin).toLowerCase();
      const zone = zones.get(full) ?? new Zone(full, []);
      const source = { file: `changed records of ${full}`, text: lines.join('\n') };
      const changes = sound((problems) => parseZoneFile(source, full, problems));
      zones.set(full, zone.replacing(changes.map(({ record }) => record)));
    },
  };
}

function sound<T>(read: (problems: Problem[]) => T): T {
  const problems: Problem[] = [];
  const value = read(problems);
  if (problems.length > 0) throw new ProblemsFound(problems);
  return value;
}

/** The zone nearest to the name asked. */
function zoneOf(zones: ReadonlyMap<string, Zone>, { question: [question] }: Message): Zone | undefined {
  if (question === undefined || question.class !== 'IN') return undefined;
  let nearest: Zone | undefined;
  for (const zone of zones.values()) {
    if (!isWithin(question.name, zone.origin)) continue;
    if (nearest === undefined || zone.origin.length > nearest.origin.length) nearest = zone;
  }
  return nearest;
}

function answerOf(zone: Zone | undefined, query: Message): Message {
  const [question] = query.question;
  const reply = replyTo(query, 'REFUSED');
  const edns = query.edns && { udpSize, do: query.edns.do, version: 0, options: [] };
  if (zone === undefined || question === undefined) return { ...reply, edns };
  const { aa, ...sections } = lookUp(zone, question);
  return { ...reply, ...sections, flags: { ...reply.flags, aa }, edns };
}

/** Names compressed; over UDP TC and no records where the reply does not fit (NSD, Knot, PowerDNS, BIND with EDNS). */
function written(reply: Message, { message, protocol }: Incoming, { limits, compress }: ServerFaults): DnsPayload {
  const whole = encode(reply, { compress });
  const asked = udpRoom(message.edns);
  if (protocol === 'tcp' || limits === 'none' || whole.size <= Math.min(asked, udpSize)) return whole;
  const flags = { ...reply.flags, tc: true };
  return encode({ ...reply, flags, answer: [], authority: [], additional: [] }, { compress: true });
}

import { changed, replyTo } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { absolute, isWithin, lower } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { Zone } from '../../dns/zone.ts';
import { parseZoneFile, readZone } from '../../dns/zone-file.ts';
import { type Process, sleep } from '../../engine/process.ts';
import { type Problem, ProblemsFound, type Source } from '../../problem/problem.ts';
import type { DnsPayload } from '../../transport/payload.ts';
import type { Answer, Incoming, ServerSite } from '../../transport/serve.ts';
import { faultless, type ServerDescription, type ServerFaults } from '../description.ts';
import { fitted } from '../fit.ts';
import { foldNames } from '../fold-names.ts';
import { processingTime } from '../processing.ts';
import { recordQuery, wordFor } from '../record-query.ts';
import { authorityAnswer } from '../records.ts';
import { type Service, startService } from '../service.ts';
import { leftOut, lookUp, withServers } from './lookup.ts';
import { type AuthorityRules, authorityRules } from './programs.ts';

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
  site: ServerSite,
  description: Extract<ServerDescription, { role: 'authoritative' }>,
): AuthoritativeServer {
  const { name, faults = faultless, tls } = description;
  const { simulation } = site;
  const rules = authorityRules(description.software);
  const shuffle: Shuffle = (records) => simulation.stream(`${name} order`).shuffle(records);
  const zones = new Map<string, Zone>();
  const serve = (origin: string, source: Source) => {
    const full = absolute(origin).toLowerCase();
    zones.set(
      full,
      sound((problems) => readZone(source, full, problems)),
    );
  };
  for (const [origin, source] of Object.entries(description.zones)) serve(origin, source);

  const service = startService(site, { faults, tls }, function* (query): Process<Answer> {
    const zone = zoneOf(zones, query.message);
    const reply = written(answerOf(zone, query, rules, shuffle), query, faults, rules);
    recordQuery(site, query, { did: wordFor(reply.message), size: reply.size });
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
  });

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

type Shuffle = (records: readonly ResourceRecord[]) => ResourceRecord[];

function answerOf(
  zone: Zone | undefined,
  { message: query, protocol }: Incoming,
  rules: AuthorityRules,
  shuffle: Shuffle,
): Message {
  const [question] = query.question;
  const plain = replyTo(query, 'REFUSED');
  const flags = { ...plain.flags, cd: rules.repeatsCd && plain.flags.cd };
  const edns = query.edns && { udpSize, do: query.edns.do, version: 0, options: [] };
  const refused = changed(plain, { flags, edns });
  if (zone === undefined || question === undefined) return refused;
  if (question.type === 'ANY' && protocol === 'udp' && rules.anyByTcp) {
    return changed(refused, { rcode: 'NOERROR', flags: { ...flags, aa: true, tc: true } });
  }
  const { aa, ...sections } = withServers(zone, question, lookUp(zone, question, rules), rules, query.flags.rd);
  const answer = rules.order === 'random' ? shuffled(sections.answer, shuffle) : sections.answer;
  return changed(refused, { ...sections, answer, flags: { ...flags, aa } });
}

/** The set in random order; aliases stay in front. */
function shuffled(answer: readonly ResourceRecord[], shuffle: Shuffle): readonly ResourceRecord[] {
  const aliases = answer.filter(({ data }) => data.type === 'CNAME');
  if (answer.length - aliases.length < 2) return answer;
  return [...aliases, ...shuffle(answer.filter(({ data }) => data.type !== 'CNAME'))];
}

/** Over UDP TC where the reply does not fit: alone, or from BIND to a client without EDNS with the records that do. */
function written(
  reply: Message,
  query: Incoming,
  faults: ServerFaults,
  { keepsWhatFits, keepsLetters, leavesOut, pointsIntoTargets, pointsTo }: AuthorityRules,
): DnsPayload {
  const keeps = keepsWhatFits && query.message.edns === undefined;
  const hasCapitals = reply.question.some(({ name }) => name !== lower(name));
  const written = hasCapitals && !keepsLetters ? foldNames(reply) : reply;
  const writing = { largest: udpSize, keepsWhatFits: keeps, pointsIntoTargets, pointsTo };
  const whole = fitted(written, query, faults, writing);
  if (!leavesOut || !whole.message.flags.tc) return whole;
  return fitted(
    leftOut(written, (part) => !fitted(part, query, faults, writing).message.flags.tc),
    query,
    faults,
    writing,
  );
}

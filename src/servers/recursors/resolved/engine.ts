import { replyTo } from '../../../dns/build.ts';
import type { Message, Question } from '../../../dns/message.ts';
import { absolute, isWithin, lower, sameName } from '../../../dns/name.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import type { Process } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { DnsPayload } from '../../../transport/payload.ts';
import type { Incoming } from '../../../transport/serve.ts';
import type { ServerFaults } from '../../description.ts';
import { fitted } from '../../fit.ts';
import type { Asker } from '../asker.ts';
import { endpointOf, type UpstreamNames } from '../endpoint.ts';
import { bare, type Engine, type Resolution } from '../engine.ts';
import { Fetch } from '../fetch.ts';
import { noteCache } from '../note.ts';
import { Ordering } from '../order.ts';
import { ResolvedCache } from './cache.ts';
import { ResolvedServer } from './server.ts';
import type { ResolvedSettings } from './settings.ts';
import { ServerList, transact } from './transaction.ts';

/** systemd-resolved: passes whole replies on, keeps them whole, and gets on with whatever a server understands. */
export function startResolved(asker: Asker, settings: ResolvedSettings, names: UpstreamNames): Engine {
  const { simulation } = asker;
  const cache = new ResolvedCache(settings);
  const ordering = new Ordering('random', () => simulation.stream(`${asker.name} order`));
  const underway = new Map<string, Fetch<Resolution | undefined>>();
  const lists = new Map(
    Object.entries({ ...names.upstreams, ...names.stubs }).map(([zone, servers]) => [
      absolute(zone).toLowerCase(),
      new ServerList(servers.map((server) => new ResolvedServer(endpointOf(server)))),
    ]),
  );

  function* answer(query: Incoming, faults: ServerFaults): Process<DnsPayload | undefined> {
    const { message, trace } = query;
    const [question] = message.question;
    if (question === undefined || !message.flags.rd) return written(query, bare('REFUSED'), faults);
    const { name, type } = question;
    const known = cache.find(name, type, simulation.now);
    if (known !== undefined) {
      noteCache(asker, 'hit', name, type, known.noted, trace);
      return written(query, known.told, faults);
    }
    const other = underway.get(keyOf(question));
    noteCache(asker, other === undefined ? 'miss' : 'joined', name, type, undefined, trace);
    const fetch = other ?? start(question, trace);
    yield* fetch.wait();
    return fetch.result && written(query, fetch.result, faults);
  }

  function start(question: Question, trace: TraceId): Fetch<Resolution | undefined> {
    const fetch = new Fetch<Resolution | undefined>(simulation, Number.POSITIVE_INFINITY);
    underway.set(keyOf(question), fetch);
    fetch.task = simulation.spawn(learn(fetch, question, trace));
    return fetch;
  }

  function* learn(fetch: Fetch<Resolution | undefined>, { name, type }: Question, trace: TraceId): Process {
    const list = listFor(lists, name);
    const asked = { name, type, trace };
    const came = list === undefined ? 'SERVFAIL' : yield* transact(asker, list, asked, settings.udpSize);
    underway.delete(`${lower(name)} ${type}`);
    if (came === undefined || came === 'SERVFAIL') return fetch.finish(came && bare(came));
    const noted = cache.store(came.reply, name, type, simulation.now, came.trace);
    noteCache(asker, noted === undefined ? 'not-stored' : 'stored', name, type, noted, came.trace);
    const { rcode, answer, authority, additional } = came.reply;
    fetch.finish({ rcode, answer, authority, additional });
  }

  function written(query: Incoming, { answer, ...rest }: Resolution, faults: ServerFaults): DnsPayload {
    const { message } = query;
    const plain = replyTo(message, rest.rcode);
    const edns = message.edns && { udpSize: settings.clientUdpSize, do: message.edns.do, version: 0, options: [] };
    const asked = message.question[0]?.name ?? '.';
    const inLetters = answer.map((record) => (sameName(record.name, asked) ? { ...record, name: asked } : record));
    const ordered: readonly ResourceRecord[] = ordering.of(inLetters, message.id, '');
    const reply: Message = { ...plain, ...rest, flags: { ...plain.flags, ra: true }, answer: ordered, edns };
    const largest = Number.POSITIVE_INFINITY;
    return fitted(reply, query, faults, { largest, keepsWhatFits: true, keepsOpt: false, pointsIntoTargets: false });
  }

  return {
    answer,
    flush: () => cache.clear(),
    stop() {
      for (const { task } of underway.values()) task?.kill();
      underway.clear();
      cache.clear();
    },
  };
}

/** The servers of the longest zone that holds the name (`Domains=~zone` of a link). */
function listFor(lists: ReadonlyMap<string, ServerList>, name: string): ServerList | undefined {
  let nearest = '';
  for (const zone of lists.keys()) if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
  return lists.get(nearest);
}

function keyOf({ name, type }: Question): string {
  return `${lower(name)} ${type}`;
}

import type { Message } from '../../../dns/message.ts';
import { type Process, sleepUntil } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, millisecond, second } from '../../../engine/time.ts';
import { type Asker, type Tried, tryServer } from '../asker.ts';
import type { Level, ResolvedServer } from './server.ts';

/** resolved-dns-transaction.h: tries, and the time for all of them. */
const mostTries = 24;
const longest = 120 * second;
const waits: Readonly<Record<Level, Micros>> = { edns: 5 * second, plain: 5 * second, tcp: 10 * second };
/** A timer fires on a quarter of a second, at most that much late (sd-event's accuracy). */
const accuracy = 250 * millisecond;

/** The servers, and which of them is asked. */
export class ServerList {
  readonly servers: readonly ResolvedServer[];
  #current = 0;

  constructor(servers: readonly ResolvedServer[]) {
    this.servers = servers;
  }

  get current(): ResolvedServer | undefined {
    return this.servers[this.#current];
  }

  /** Turns to the next, for everybody, unless somebody has done so. */
  turnFrom(server: ResolvedServer): void {
    if (this.current === server) this.#current = (this.#current + 1) % this.servers.length;
  }
}

/** A reply and the query that it answers; `SERVFAIL` where a port is closed; undefined where nothing came at all. */
export type Transacted = { readonly reply: Message; readonly trace: TraceId } | 'SERVFAIL' | undefined;

/** A question, and what is known by now of how to ask it. */
interface Asking {
  readonly name: string;
  readonly type: string;
  readonly trace: TraceId;
  /** SERVFAILs to queries with OPT, of the server that is asked. */
  failures: number;
  /** Is OPT left out for this question alone? */
  isPlain: boolean;
  /** Because of errors? */
  hasFailed: boolean;
  /** Servers that refused. */
  refusing: number;
}

/** One question, with one try after the other. */
export function* transact(
  asker: Asker,
  list: ServerList,
  question: Pick<Asking, 'name' | 'type' | 'trace'>,
  udpSize: number,
): Process<Transacted> {
  const { simulation } = asker;
  const end = simulation.now + longest;
  const asking: Asking = { ...question, failures: 0, isPlain: false, hasFailed: false, refusing: 0 };
  for (let attempt = 1; attempt <= mostTries && simulation.now < end; attempt++) {
    const server = list.current;
    if (server === undefined) return 'SERVFAIL';
    const level = asking.isPlain && server.level === 'edns' ? 'plain' : server.level;
    const trace = simulation.recorder.trace(question.trace);
    const deadline = Math.floor((simulation.now + waits[level] + accuracy) / accuracy) * accuracy;
    const { tried, isCut } = yield* tryAt(asker, server, level, { ...question, udpSize, attempt }, trace, deadline);
    if ('reply' in tried) {
      if (judge(tried.reply, level, server, list, asking)) return { reply: tried.reply, trace };
      continue;
    }
    if (tried.failed !== 'no reply' && level !== 'tcp' && !isCut) return 'SERVFAIL';
    server.lost(level, isCut);
    if (!isCut) yield* sleepUntil(simulation, deadline);
    list.turnFrom(server);
  }
  return undefined;
}

/** One try; TC is followed by the same over TCP. */
function* tryAt(
  asker: Asker,
  { endpoint }: ResolvedServer,
  level: Level,
  { name, type, udpSize, attempt }: Pick<Asking, 'name' | 'type'> & { udpSize: number; attempt: number },
  trace: TraceId,
  deadline: Micros,
): Process<{ readonly tried: Tried; readonly isCut: boolean }> {
  const edns = level === 'edns' ? { udpSize, do: false, version: 0, options: [] } : undefined;
  const asked = { name, type, rd: true, edns, attempt };
  const protocol = level === 'tcp' ? 'tcp' : 'udp';
  const tried = yield* tryServer(asker, endpoint, { ...asked, protocol }, trace, deadline);
  if (protocol === 'tcp' || 'failed' in tried || !tried.reply.flags.tc) return { tried, isCut: false };
  return { tried: yield* tryServer(asker, endpoint, { ...asked, protocol: 'tcp' }, trace, deadline), isCut: true };
}

/**
 * Is this the answer? Otherwise it is noted how to ask next: NXDOMAIN and errors to a query with OPT are not believed; a server
 * that does better without is never asked with it again.
 */
function judge(reply: Message, level: Level, server: ResolvedServer, list: ServerList, asking: Asking): boolean {
  if (level === 'edns' && reply.edns === undefined) {
    server.ignoredOpt();
    return false;
  }
  server.answered(level);
  if (reply.rcode === 'NXDOMAIN' && level === 'edns') {
    asking.isPlain = true;
    return false;
  }
  const isFailure = ['SERVFAIL', 'FORMERR', 'NOTIMP'].includes(reply.rcode);
  if (isFailure && level === 'edns') {
    asking.isPlain = reply.rcode !== 'SERVFAIL' || ++asking.failures > 1;
    asking.hasFailed = asking.isPlain;
    return false;
  }
  if (!isFailure && asking.hasFailed && level === 'plain') server.ignoredOpt();
  if (!isFailure && reply.rcode !== 'REFUSED') return true;
  if (++asking.refusing >= list.servers.length) return true;
  list.turnFrom(server);
  asking.failures = 0;
  asking.isPlain = false;
  asking.hasFailed = false;
  return false;
}

import type { Edns, Message } from '../../../dns/message.ts';
import { type Process, sleepUntil } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, millisecond, second } from '../../../engine/time.ts';
import { type Asker, type Tried, type Try, tryServer } from '../asker.ts';
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
  readonly #turned: () => void;

  /** `turned`: another server is asked from now on. */
  constructor(servers: readonly ResolvedServer[], turned: () => void) {
    this.servers = servers;
    this.#turned = turned;
  }

  get current(): ResolvedServer | undefined {
    return this.servers[this.#current];
  }

  /** Turns to the next, for everybody, unless somebody has done so. */
  turnFrom(server: ResolvedServer): void {
    if (this.current !== server || this.servers.length < 2) return;
    this.#current = (this.#current + 1) % this.servers.length;
    this.#turned();
  }
}

/** A reply and the query that it answers; `SERVFAIL` where a port is closed, or TCP was of no use; `invalid`: what came makes no sense; undefined: nothing came at all. */
export type Transacted = { readonly reply: Message; readonly trace: TraceId } | 'SERVFAIL' | 'invalid' | undefined;

/** What is to be asked. */
interface Wanted {
  readonly name: string;
  readonly type: string;
  readonly trace: TraceId;
  /** The client's own OPT, where its query is passed on as it is: with CD, and whatever is answered is the answer. */
  readonly passed?: Edns | undefined;
}

/** A question, and what is known by now of how to ask it. */
interface Asking extends Wanted {
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
export function* transact(asker: Asker, list: ServerList, question: Wanted, udpSize: number): Process<Transacted> {
  const { simulation } = asker;
  const end = simulation.now + longest;
  const asking: Asking = { ...question, failures: 0, isPlain: false, hasFailed: false, refusing: 0 };
  for (let attempt = 1; attempt <= mostTries && simulation.now < end; attempt++) {
    const server = list.current;
    if (server === undefined) return 'SERVFAIL';
    const level = levelFor(asking, server);
    const trace = simulation.recorder.trace(question.trace);
    const deadline = Math.floor((simulation.now + waits[level] + accuracy) / accuracy) * accuracy;
    const tryOf = { ...question, udpSize, attempt };
    const { tried, isCut } = yield* tryAt(asker, server, level, tryOf, trace, deadline);
    const isByTcp = isCut || level === 'tcp';
    if ('reply' in tried) {
      const settled = settle(tried.reply, trace, level, server, list, asking);
      if (settled !== 'again') return settled;
      if (!isByTcp) continue;
      simulation.spawn(unheard(asker, list.current ?? server, level, tryOf, trace, deadline));
      return 'SERVFAIL';
    }
    if (!isBroken(tried.failed)) server.lost(level, isCut);
    if (tried.failed !== 'no reply' && !isByTcp) {
      if (turned(server, list, asking)) continue;
      return 'SERVFAIL';
    }
    yield* sleepUntil(simulation, isCut ? simulation.now : deadline);
    list.turnFrom(server);
  }
  return undefined;
}

/** What a reply brings; a truncated one that is not followed by TCP makes no sense. */
function settle(
  reply: Message,
  trace: TraceId,
  ...[level, server, list, asking]: [Level, ResolvedServer, ServerList, Asking]
): Transacted | 'again' {
  if (reply.flags.tc) return 'invalid';
  return judge(reply, level, server, list, asking) ? { reply, trace } : 'again';
}

function levelFor({ isPlain }: Asking, { level }: ResolvedServer): Level {
  return isPlain && level === 'edns' ? 'plain' : level;
}

/** A connection that broke tells nothing of what the server understands (`on_stream_complete`). */
function isBroken(failed: string): boolean {
  return failed === 'ECONNRESET' || failed === 'end of stream';
}

/** Behind a reply over TCP that settles nothing one more query goes out, for which nobody waits (`dns_transaction_on_stream_packet`). */
function* unheard(...[asker, { endpoint }, level, asked, trace, deadline]: Parameters<typeof tryAt>): Process {
  yield* tryServer(asker, endpoint, queryAt(level, asked), trace, deadline);
}

/** One try; TC is followed by the same over TCP. */
function* tryAt(
  asker: Asker,
  { endpoint }: ResolvedServer,
  level: Level,
  tryOf: TryOf,
  trace: TraceId,
  deadline: Micros,
): Process<{ readonly tried: Tried; readonly isCut: boolean }> {
  const asked = queryAt(level, tryOf);
  const tried = yield* tryServer(asker, endpoint, asked, trace, deadline);
  if (asked.protocol === 'tcp' || 'failed' in tried || !tried.reply.flags.tc) return { tried, isCut: false };
  return { tried: yield* tryServer(asker, endpoint, { ...asked, protocol: 'tcp' }, trace, deadline), isCut: true };
}

type TryOf = Wanted & { readonly udpSize: number; readonly attempt: number };

function queryAt(level: Level, { name, type, passed, udpSize, attempt }: TryOf): Try {
  const own = level === 'edns' ? { udpSize, do: false, version: 0, options: [] } : undefined;
  const isPassed = passed !== undefined;
  const protocol = level === 'tcp' ? 'tcp' : 'udp';
  return { name, type, rd: true, cd: isPassed, edns: isPassed ? passed : own, protocol, attempt };
}

/**
 * Is this the answer? Otherwise it is noted how to ask next: NXDOMAIN and errors to a query with OPT are not believed; a server
 * that does better without is never asked with it again.
 */
function judge(reply: Message, level: Level, server: ResolvedServer, list: ServerList, asking: Asking): boolean {
  if (asking.passed !== undefined && reply.rcode !== 'REFUSED') {
    server.answered(level);
    return true;
  }
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
  return !turned(server, list, asking);
}

/** To the next server, unless each has had its turn (`dns_transaction_limited_retry`). */
function turned(server: ResolvedServer, list: ServerList, asking: Asking): boolean {
  if (++asking.refusing >= list.servers.length) return false;
  list.turnFrom(server);
  asking.failures = 0;
  asking.isPlain = false;
  asking.hasFailed = false;
  return true;
}

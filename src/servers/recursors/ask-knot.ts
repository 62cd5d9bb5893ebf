import type { Message } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import { type Process, sleep, sleepUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import type { Asked, Inquiry, ProfiledAsker } from './ask.ts';
import { isAnswer, type Tried, tryServer } from './asker.ts';
import { outOfTime } from './extended-error.ts';
import { Fetch } from './fetch.ts';
import { noteGivenUp } from './note.ts';
import type { Waiting } from './profile.ts';
import type { Upstream } from './upstream.ts';

/** A server whose expected round trip is longer is asked by TCP (lib/selection.c of Knot Resolver). */
const slowFrom = 2 * second;
/** So many time-outs of one question with one server lead to TCP. */
const timeoutsToTcp = 2;
/** A question takes so long at most, to judge whenever a try has ended, and so many tries in vain (lib/defines.h). */
const longest = 10 * second;
const mostTries = 100;
/** One choice in so many is left to chance. */
const exploresOneIn = 20;

type Knot = Extract<Waiting, { kind: 'knot' }>;

/** Errors of one question with one server. */
interface Errors {
  timeouts: number;
  refusals: number;
}

/** A question, and how it went so far. */
interface Asking extends Inquiry {
  readonly errors: ReadonlyMap<Upstream, Errors>;
  attempts: number;
  refused: number;
  /** Has a reply by UDP been cut, or is TCP the answer to a refusal? */
  truncated: boolean;
  viaTcp: boolean;
}

/** A server that is asked, and how. */
interface Choice {
  readonly upstream: Upstream;
  readonly protocol: 'udp' | 'tcp';
  readonly errors: Errors;
}

/**
 * As Knot Resolver forwards: the server with the fewest errors, 2 s each; TCP after two time-outs or where the server is slow
 * to judge by the past; four time-outs in a row make it dead for a second (recordings `recursor-silent-one`, `-heals`).
 */
export function* askAsKnot(
  asker: ProfiledAsker,
  waiting: Knot,
  upstreams: readonly Upstream[],
  inquiry: Inquiry,
): Process<Asked> {
  const { simulation } = asker;
  const began = simulation.now;
  const errors = new Map(upstreams.map((upstream): [Upstream, Errors] => [upstream, { timeouts: 0, refusals: 0 }]));
  const asking: Asking = { ...inquiry, errors, attempts: 0, refused: 0, truncated: false, viaTcp: false };
  while (simulation.now - began < longest && asking.attempts < mostTries && asking.refused < waiting.ways.length) {
    const upstream = chosen(asker, errors);
    const own = upstream && errors.get(upstream);
    if (upstream === undefined || own === undefined) {
      if (asking.attempts === 0) noteGivenUp(asker, upstreams, inquiry);
      break;
    }
    const isSlow = waiting.turnsToTcp && (own.timeouts >= timeoutsToTcp || upstream.expected > slowFrom);
    const protocol = asking.truncated || asking.viaTcp || isSlow ? 'tcp' : 'udp';
    const asked = yield* tryOnce(asker, waiting, { upstream, protocol, errors: own }, asking);
    if (asked !== undefined) return asked;
  }
  const failure = asking.refused > 0 ? 'refusal' : 'silence';
  const isOutOfTime = simulation.now - began >= longest;
  return { failure, trace: inquiry.trace, ...(isOutOfTime && { extendedError: outOfTime }) };
}

/** One try; undefined: there is something left to try. */
function* tryOnce(asker: ProfiledAsker, waiting: Knot, choice: Choice, asking: Asking): Process<Asked | undefined> {
  const { simulation } = asker;
  const { upstream, protocol, errors } = choice;
  const trace = simulation.recorder.trace(asking.trace);
  const start = simulation.now;
  const deadline = start + waiting[protocol] + millisecond;
  const { tried, isOwn } = yield* flight(asker, choice, asking, trace, deadline);
  if ('reply' in tried) {
    if (isOwn) upstream.measured(simulation.now - start);
    const isCut = protocol === 'udp' && tried.reply.flags.tc;
    asking.truncated ||= isCut;
    if (isCut) return undefined;
    if (isAnswer(tried.reply) && !tried.reply.flags.tc) return { reply: tried.reply, trace };
    errors.refusals++;
    asking.refused++;
    asking.viaTcp = isRefusal(tried.reply) && waiting.ways[asking.refused] === 'tcp';
    return undefined;
  }
  if (isOwn && isTimeout(tried, protocol)) errors.timeouts++;
  return undefined;
}

/** A query on its way by UDP is waited for rather than sent a second time; who waits does not hold a time-out against the server. */
function* flight(
  asker: ProfiledAsker,
  { upstream, protocol }: Choice,
  asking: Asking,
  trace: TraceId,
  deadline: Micros,
): Process<{ readonly tried: Tried; readonly isOwn: boolean }> {
  const { simulation, profile, flights } = asker;
  const { name, type, rd } = asking;
  const key = `${lower(name)} ${type}`;
  const other = protocol === 'udp' ? flights.get(key) : undefined;
  if (other !== undefined) {
    yield* other.wait();
    return { tried: other.result ?? { failed: 'no reply' }, isOwn: false };
  }
  const own = new Fetch<Tried>(simulation, Number.POSITIVE_INFINITY);
  if (protocol === 'udp') flights.set(key, own);
  const edns = { udpSize: profile.udpSize, do: profile.asksWithDo, version: 0, options: [] };
  const asked = { name, type, rd, edns, protocol, attempt: ++asking.attempts };
  const tried = yield* tryServer(asker, upstream.endpoint, asked, trace, deadline);
  if ('failed' in tried && protocol === 'udp') yield* sleepUntil(simulation, deadline);
  if (flights.get(key) === own) flights.delete(key);
  if (isTimeout(tried, protocol)) upstream.timedOut(trace);
  own.finish(tried);
  // Those who wait go on first (`subreq_finalize`), and know of the time-out.
  if ('failed' in tried) yield* sleep(0);
  return { tried, isOwn: true };
}

/** A silence over TCP is held against nobody. */
function isTimeout(tried: Tried, protocol: 'udp' | 'tcp'): boolean {
  return 'failed' in tried && !(protocol === 'tcp' && tried.failed === 'no reply');
}

function isRefusal({ rcode }: Message): boolean {
  return rcode === 'SERVFAIL' || rcode === 'REFUSED';
}

/** The best server, or now and then any of them. */
function chosen({ simulation, name }: ProfiledAsker, errors: ReadonlyMap<Upstream, Errors>): Upstream | undefined {
  const living = [...errors.keys()].filter(({ dead }) => !dead);
  if (living.length < 2) return living[0];
  const chance = simulation.stream(`${name} servers`);
  if (chance.integer(exploresOneIn) === 0) return living[chance.integer(living.length)];
  return best(chance.shuffle(living), errors);
}

/** The server with the fewest errors, then the fastest; one that was never asked comes first. */
function best(living: readonly Upstream[], errors: ReadonlyMap<Upstream, Errors>): Upstream | undefined {
  const count = (upstream: Upstream) => {
    const { timeouts, refusals } = errors.get(upstream) ?? { timeouts: 0, refusals: 0 };
    return timeouts + refusals;
  };
  return living.toSorted(
    (a, b) => Number(a.known) - Number(b.known) || count(a) - count(b) || a.expected - b.expected,
  )[0];
}

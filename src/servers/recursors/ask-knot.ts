import { type Process, sleepUntil } from '../../engine/process.ts';
import { millisecond, second } from '../../engine/time.ts';
import type { Asked, Inquiry, ProfiledAsker } from './ask.ts';
import { isAnswer, tryServer } from './asker.ts';
import type { Waiting } from './profile.ts';
import type { Upstream } from './upstream.ts';

/** A server whose expected round trip is longer is asked by TCP (lib/selection.c of Knot Resolver). */
const slowFrom = 2 * second;
/** So many time-outs of one question with one server lead to TCP. */
const timeoutsToTcp = 2;

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
  /** Has a reply by UDP been cut? */
  truncated: boolean;
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
  const errors = new Map(upstreams.map((upstream): [Upstream, Errors] => [upstream, { timeouts: 0, refusals: 0 }]));
  const asking: Asking = { ...inquiry, errors, attempts: 0, refused: 0, truncated: false };
  for (;;) {
    const upstream = best(errors);
    const way = waiting.ways[asking.refused];
    const own = upstream && errors.get(upstream);
    if (upstream === undefined || way === undefined || own === undefined) {
      return { failure: asking.refused > 0 ? 'refusal' : 'silence', trace: inquiry.trace };
    }
    const isSlow = own.timeouts >= timeoutsToTcp || upstream.expected > slowFrom;
    const protocol = asking.truncated || way === 'tcp' || isSlow ? 'tcp' : 'udp';
    const asked = yield* tryOnce(asker, waiting, upstream, protocol, own, asking);
    if (asked !== undefined) return asked;
  }
}

/** One try; undefined: there is something left to try. */
function* tryOnce(
  asker: ProfiledAsker,
  waiting: Knot,
  upstream: Upstream,
  protocol: 'udp' | 'tcp',
  own: Errors,
  asking: Asking,
): Process<Asked | undefined> {
  const { simulation, profile } = asker;
  const { name, type, rd } = asking;
  const trace = simulation.recorder.trace(asking.trace);
  const start = simulation.now;
  const deadline = start + waiting[protocol] + millisecond;
  const edns = { udpSize: profile.udpSize, do: profile.asksWithDo, version: 0, options: [] };
  const asked = { name, type, rd, edns, protocol, attempt: ++asking.attempts };
  const tried = yield* tryServer(asker, upstream.endpoint, asked, trace, deadline);
  if ('reply' in tried) {
    upstream.measured(simulation.now - start);
    asking.truncated = protocol === 'udp' && tried.reply.flags.tc;
    if (asking.truncated) return undefined;
    if (isAnswer(tried.reply)) return { reply: tried.reply, trace };
    asking.refused++;
    own.refusals++;
    return undefined;
  }
  if (protocol === 'tcp') {
    if (tried.failed !== 'no reply') upstream.deadFrom(simulation.now);
    return { failure: asking.truncated ? 'refusal' : 'silence', trace };
  }
  yield* sleepUntil(simulation, deadline);
  own.timeouts++;
  upstream.timedOut();
  return undefined;
}

/** The living server with the fewest errors, then the fastest; one that was never asked comes first. */
function best(errors: ReadonlyMap<Upstream, Errors>): Upstream | undefined {
  const count = (upstream: Upstream) => {
    const { timeouts, refusals } = errors.get(upstream) ?? { timeouts: 0, refusals: 0 };
    return timeouts + refusals;
  };
  return [...errors.keys()]
    .filter(({ dead }) => !dead)
    .toSorted((a, b) => Number(a.known) - Number(b.known) || count(a) - count(b) || a.expected - b.expected)[0];
}

import type { Message } from '../../dns/message.ts';
import { type Process, sleepUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, millisecond } from '../../engine/time.ts';
import { askAsKnot } from './ask-knot.ts';
import { type Asker, isAnswer, type Tried, type Try, tryServer } from './asker.ts';
import type { ExtendedError } from './extended-error.ts';
import type { Fetch } from './fetch.ts';
import { noteGivenUp } from './note.ts';
import type { Failing, RecursorProfile, Waiting } from './profile.ts';
import type { Upstream } from './upstream.ts';

/** A recursor that asks by the rules of a profile. */
export interface ProfiledAsker extends Asker {
  readonly profile: RecursorProfile;
  /** Tries on their way, for which equal ones wait (Knot). */
  readonly flights: Map<string, Fetch<Tried>>;
}

/** A server's reply and the query that it answers, or why there is none. */
export type Asked =
  | { readonly reply: Message; readonly trace: TraceId }
  | {
      readonly failure: 'silence' | 'down' | 'refusal';
      readonly trace: TraceId;
      readonly extendedError?: ExtendedError;
    };

/** Until when those who wait for an answer would rather have the new than the old. */
export interface Patience {
  readonly at: Micros;
  /** Called as a try ends behind `at`. */
  ended(): void;
}

/** What a recursor wants to know of others. */
export interface Inquiry {
  readonly name: string;
  readonly type: string;
  readonly rd: boolean;
  readonly trace: TraceId;
  readonly patience?: Patience | undefined;
  /** Is it allowed to ask once more? It counts as having asked. */
  readonly admit?: (() => boolean) | undefined;
}

/** Asks one server after the other until one answers or none is left to try. */
export function* ask(asker: ProfiledAsker, upstreams: readonly Upstream[], inquiry: Inquiry): Process<Asked> {
  const { simulation, profile } = asker;
  const { waiting } = profile;
  if (waiting.kind === 'knot') return yield* askAsKnot(asker, waiting, upstreams, inquiry);
  if (waiting.kind === 'backoff') return yield* askAsBind(asker, waiting, upstreams, inquiry);
  const question: Asking = { inquiry, until: simulation.now + profile.givesUpAfter, tries: 0, silences: 0 };
  if (upstreams.every(({ down }) => down)) return yield* probe(asker, upstreams, question);
  const rounds = new Map<Upstream, number>();
  const refusals = new Map<Upstream, number>();
  let failure: Extract<Asked, { failure: string }> = { failure: 'silence', trace: inquiry.trace };
  for (let round = 0; simulation.now < question.until; round++) {
    const open = upstreams.filter(
      (u) => !u.down && (rounds.get(u) ?? 0) < mostRounds(profile) && (refusals.get(u) ?? 0) < profile.failuresTaken,
    );
    const upstream = choose(asker, open);
    const wait = upstream && (waiting.kind === 'list' ? waiting.waits[round] : upstream.wait);
    if (upstream === undefined || wait === undefined) break;
    if (upstream.passesOver(inquiry)) {
      rounds.set(upstream, mostRounds(profile));
      continue;
    }
    if (inquiry.admit?.() === false) return { failure: 'down', trace: inquiry.trace };
    rounds.set(upstream, (rounds.get(upstream) ?? 0) + 1);
    const tried = yield* askOnce(asker, upstream, question, wait);
    if ('reply' in tried) return tried;
    if (tried.failure === 'refusal') refusals.set(upstream, (refusals.get(upstream) ?? 0) + 1);
    failure = tried;
  }
  if (question.tries === 0) noteGivenUp(asker, upstreams, inquiry);
  return failure;
}

/** All servers in turn, those with the shortest round trip first, until the time is up. */
function* askAsBind(
  asker: ProfiledAsker,
  waiting: Extract<Waiting, { kind: 'backoff' }>,
  upstreams: readonly Upstream[],
  inquiry: Inquiry,
): Process<Asked> {
  const { simulation, profile } = asker;
  const question: Asking = { inquiry, until: simulation.now + profile.givesUpAfter, tries: 0, silences: 0 };
  const failed = new Set<Upstream>();
  const rounds = new Map<Upstream, number>();
  // What this question takes their round trips to be; others do not change it.
  const roundTrips = new Map(upstreams.toReversed().map((one) => [one, one.smoothed]));
  let failure: Extract<Asked, { failure: string }> = { failure: 'silence', trace: inquiry.trace };
  while (simulation.now < question.until) {
    const open = upstreams.filter((one) => !failed.has(one));
    const roundsOf = (one: Upstream) => rounds.get(one) ?? 0;
    const [upstream] = open.toSorted((a, b) => roundsOf(a) - roundsOf(b) || a.smoothed - b.smoothed);
    if (upstream === undefined) break;
    const round = roundsOf(upstream) + 1;
    rounds.set(upstream, round);
    const backoff = waiting.interval * 2 ** Math.min(mostDoublings, Math.max(0, round - waiting.flat));
    const start = simulation.now;
    const roundTrip = roundTrips.get(upstream) ?? upstream.smoothed;
    const expected = roundTrip + fudgeOf(roundTrip);
    const wait = Math.min(waiting.most, Math.max(backoff, waiting.least, expected));
    const tried = yield* askOnce(asker, upstream, question, wait);
    const isSilent = 'failure' in tried && tried.failure === 'silence';
    for (const one of upstreams) if (one !== upstream) one.learn('another');
    if (isSilent) roundTrips.set(upstream, upstream.slowed(roundTrip));
    else upstream.learn(simulation.now - start);
    if ('reply' in tried) return tried;
    if (!isSilent || waiting.asksOnce) failed.add(upstream);
    failure = tried;
  }
  return failure;
}

/** What is added to a round trip before it counts as too long (`fctx_setretryinterval`). */
function fudgeOf(roundTrip: Micros): Micros {
  if (roundTrip < 50 * millisecond) return 50 * millisecond;
  return roundTrip < 100 * millisecond ? 100 * millisecond : 200 * millisecond;
}

/** Of BIND's interval. */
const mostDoublings = 6;

interface Asking {
  readonly inquiry: Inquiry;
  /** When the recursor gives the question up. */
  readonly until: Micros;
  /** So far. */
  tries: number;
  /** Tries without reply so far. */
  silences: number;
}

function mostRounds({ waiting }: RecursorProfile): number {
  if (waiting.kind === 'knot' || waiting.kind === 'backoff') return 0;
  return waiting.kind === 'list' ? (waiting.triesEach ?? waiting.waits.length) : waiting.rounds;
}

/** One round with one server. */
function* askOnce(asker: ProfiledAsker, upstream: Upstream, question: Asking, wait: Micros): Process<Asked> {
  const { simulation, profile } = asker;
  const isMeasured = profile.waiting.kind === 'measured';
  const tries = profile.waiting.kind === 'measured' && wait < profile.waiting.repeatedBelow ? 2 : 1;
  let strand = question.inquiry.trace;
  let waited = wait;
  for (let i = 0; i < tries; i++) {
    strand = simulation.recorder.trace(question.inquiry.trace);
    if (isMeasured && i > 0) waited = upstream.wait;
    const { patience } = question.inquiry;
    const end = Math.min(question.until, simulation.now + waited);
    const deadline = patience !== undefined && patience.at > simulation.now ? Math.min(end, patience.at) : end;
    const tried = yield* tryOnce(asker, upstream, question, strand, deadline);
    if (patience !== undefined && simulation.now >= patience.at) patience.ended();
    if (tried === 'silence') {
      question.silences++;
      continue;
    }
    if (typeof tried === 'string') {
      upstream.failed(question.inquiry, tried === 'silence by TCP' ? 'silence' : tried, strand);
      return { failure: 'refusal', trace: strand };
    }
    upstream.answered(tried.after, question.silences === 0);
    if (isAnswer(tried.reply)) return { reply: tried.reply, trace: strand };
    upstream.failed(question.inquiry, tried.reply.rcode === 'SERVFAIL' ? 'SERVFAIL' : 'refusal', strand);
    return { failure: 'refusal', trace: strand };
  }
  upstream.failed(question.inquiry, 'silence', strand);
  upstream.lost(waited, strand);
  return { failure: 'silence', trace: strand };
}

/** All servers are down: one query at a time finds out whether that is still so; others fail at once (unbound). */
function* probe(asker: ProfiledAsker, upstreams: readonly Upstream[], question: Asking): Process<Asked> {
  const [upstream] = upstreams;
  const { waiting } = asker.profile;
  if (upstream === undefined || upstream.probing || waiting.kind !== 'measured' || !waiting.probes) {
    noteGivenUp(asker, upstreams, question.inquiry);
    return { failure: 'down', trace: question.inquiry.trace };
  }
  upstream.probing = true;
  try {
    return yield* askOnce(asker, upstream, question, waiting.down);
  } finally {
    upstream.probing = false;
  }
}

/** unbound draws among the servers that are about as fast as the best; the others take the first that lost least. */
function choose({ simulation, name, profile }: ProfiledAsker, open: readonly Upstream[]): Upstream | undefined {
  const { waiting } = profile;
  if (waiting.kind !== 'measured') return open.toSorted((a, b) => a.losses - b.losses)[0];
  const best = Math.min(...open.map(({ wait }) => wait));
  const equals = open.filter(({ wait }) => wait <= best + waiting.band);
  return equals.length < 2 ? equals[0] : equals[simulation.stream(`${name} servers`).integer(equals.length)];
}

type Outcome = { readonly reply: Message; readonly after: Micros } | Failing | 'silence by TCP';

/** One query over UDP; TC is followed by the same over TCP, an error about OPT by the same without. */
function* tryOnce(
  asker: ProfiledAsker,
  upstream: Upstream,
  question: Asking,
  trace: TraceId,
  deadline: Micros,
): Process<Outcome> {
  const { simulation, profile } = asker;
  const { name, type, rd } = question.inquiry;
  const start = simulation.now;
  const isSmall = profile.retriesSmall && question.silences === 1 && upstream.prompt;
  const opt = { udpSize: isSmall ? 512 : profile.udpSize, do: profile.asksWithDo, version: 0, options: [] };
  const edns = upstream.plain ? undefined : opt;
  const attempt = ++question.tries;
  const asked = (protocol: Try['protocol']): Try => ({ name, type, rd, edns, protocol, attempt });
  if (profile.asksByTcp) {
    const tried = yield* tryServer(asker, upstream.endpoint, asked('tcp'), trace, deadline);
    if ('reply' in tried) return { reply: tried.reply, after: simulation.now - start };
    yield* sleepUntil(simulation, deadline);
    return 'silence';
  }
  let tried = yield* tryServer(asker, upstream.endpoint, asked('udp'), trace, deadline);
  if ('reply' in tried && edns !== undefined && profile.fallsBackPlain && isAboutOpt(tried.reply)) {
    const again: Try = { name, type, rd, edns: undefined, protocol: 'udp', attempt: ++question.tries };
    tried = yield* tryServer(asker, upstream.endpoint, again, trace, deadline);
    if ('reply' in tried && isAnswer(tried.reply)) upstream.plain = !upstream.knowsOpt;
  } else if ('reply' in tried && isAnswer(tried.reply)) upstream.knowsOpt ||= edns !== undefined;
  if ('reply' in tried && tried.reply.flags.tc) {
    const end = simulation.now + profile.tcpWait;
    tried = yield* tryServer(asker, upstream.endpoint, asked('tcp'), trace, end);
    if ('failed' in tried) return tried.failed === 'no reply' ? 'silence by TCP' : 'unreachable';
    if (tried.reply.flags.tc) return 'refusal';
  }
  if ('reply' in tried) return { reply: tried.reply, after: simulation.now - start };
  if (tried.failed !== 'no reply' && profile.unreachableFails) return 'unreachable';
  yield* sleepUntil(simulation, deadline);
  return 'silence';
}

function isAboutOpt({ rcode }: Message): boolean {
  return rcode === 'FORMERR' || rcode === 'NOTIMP';
}

import { changed, replyTo } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type Process, sleep } from '../../../engine/process.ts';
import { type Micros, second, toSeconds } from '../../../engine/time.ts';
import { answersQuery, isInZone } from '../../match.ts';
import type { Outcome, Request } from '../../plugin.ts';
import { replySize } from '../../server/scrub.ts';
import type { Protocol } from './connections.ts';
import { type Attempt, exchange } from './exchange.ts';
import type { Forward, Upstream } from './forward.ts';
import { allDownRecord, attemptRecord, ignoredReplyRecord, overLimitRecord } from './records.ts';

/** No new attempt begins later than this after the query came. */
const deadlineAfter = 5 * second;
/** Microseconds that an attempt that fails at once costs a real process: an estimate; without it a storm would never end. */
const fastFailure = 250;
/** The same of a TLS handshake: 400 to 2400 a second on a busy machine or a calm one (forward-tls-closes, forward-tls-plain-server). */
const fastHandshake = 1000;

/** What became of a query: an outcome, or it belongs to the following forward. */
export type Forwarded = Outcome | 'next';

/** Does this forward line take the name? */
export function takes(forward: Forward, name: string): boolean {
  const { from, except } = forward.options;
  if (!isInZone(name, from)) return false;
  return name.toLowerCase() === from || !except.some((zone) => isInZone(name, zone));
}

/** Asks the upstreams for one query. `hasNext`: another forward line follows. */
export function* forwardQuery(forward: Forward, request: Request, hasNext: boolean): Process<Forwarded> {
  const { options, behaviour, metrics } = forward;
  forward.concurrent++;
  try {
    if (options.maxConcurrent > 0 && forward.concurrent > options.maxConcurrent) {
      metrics.rejected();
      noteOverLimit(forward, request);
      const error = `concurrent queries exceeded maximum ${options.maxConcurrent}`;
      return { rcode: behaviour.overLimitRcode, error };
    }
    return yield* tryUpstreams(forward, request, hasNext);
  } finally {
    forward.concurrent--;
  }
}

function noteOverLimit({ simulation, owner, options }: Forward, { message, trace }: Request): void {
  const { name = '', type = '' } = message.question[0] ?? {};
  const { maxConcurrent: limit, maxConcurrentPlace: place } = options;
  simulation.recorder.write(overLimitRecord, owner, trace, '', { name, type, limit, place });
}

function noteAllDown({ simulation, owner, options: { place }, upstreams }: Forward, { trace }: Request): void {
  const fields = { upstreams: upstreams.map(({ name }) => name).join(' '), place };
  simulation.recorder.write(allDownRecord, owner, trace, '', fields);
}

/** The loop of `plugin/forward` ServeDNS. */
function* tryUpstreams(forward: Forward, request: Request, hasNext: boolean): Process<Forwarded> {
  const { options, behaviour, simulation, upstreams } = forward;
  const round = new Round(forward);
  const ends = behaviour.obeysCancel ? (request.deadline ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const deadline = Math.min(simulation.now + deadlineAfter, ends);
  const share = Math.trunc((deadline - simulation.now) / (options.maxAttempts === 1 ? 1 : 2));
  const most = options.maxAttempts ?? (behaviour.attemptsPerUpstream ?? 0) * upstreams.length;
  let failed = 0;
  let answers = 0;
  let error: string | undefined;
  for (let attempt = 1; simulation.now < deadline && (most === 0 || failed < most); attempt++) {
    const upstream = round.next();
    if (upstream === undefined) {
      noteAllDown(forward, request);
      break;
    }
    const start = simulation.now;
    const tlsDeadline = behaviour.boundsTlsDial ? Math.min(start + share, deadline) : Number.POSITIVE_INFINITY;
    const ended = yield* askOne(forward, request, upstream, attempt, tlsDeadline);
    if (ended.outcome === 'error') {
      error = ended.error;
      upstream.health.suspect(request.trace);
      failed++;
      if (round.allDown) break;
    } else {
      error = undefined;
      const verdict = judge(forward, request, ended.reply, hasNext, ++answers);
      if (verdict !== 'failover') return verdict;
    }
    if (simulation.now === start) yield* sleep(costOf(upstream, error));
  }
  return { rcode: 'SERVFAIL', error: error ?? 'no healthy proxies' };
}

/** Of an attempt that took no time. */
function costOf({ secure }: Upstream, error: string | undefined): Micros {
  return secure && error?.startsWith('dial ') === false ? fastHandshake : fastFailure;
}

/** Goes through the upstreams in the policy's order, again and again, past those that are down. */
class Round {
  readonly #forward: Forward;
  readonly #list: readonly Upstream[];
  #next = 0;
  #down = 0;

  constructor(forward: Forward) {
    this.#forward = forward;
    this.#list = forward.policy(forward.upstreams);
  }

  /** Has this round met nothing but upstreams that are down? */
  get allDown(): boolean {
    return this.#down >= this.#list.length;
  }

  /** The next one to ask: any one when all are down, undefined with `failfast`. */
  next(): Upstream | undefined {
    for (;;) {
      if (this.#next >= this.#list.length) {
        this.#next = 0;
        this.#down = 0;
      }
      const upstream = this.#list[this.#next++];
      if (upstream === undefined || !upstream.health.isDown) return upstream;
      this.#down++;
      if (!this.allDown) continue;
      this.#forward.metrics.allDown();
      return this.#forward.options.failFast ? undefined : anyOf(this.#forward);
    }
  }
}

/** Where all are down one is taken at random; the policy that does nothing takes the first. */
function anyOf({ upstreams, behaviour, draws }: Forward): Upstream {
  const chosen = upstreams[behaviour.policiesKeepOrder ? 0 : draws.integer(upstreams.length)];
  if (chosen === undefined) throw new Error('a forward line without upstreams');
  return chosen;
}

/** What becomes of the `answers`th reply. */
function judge(
  forward: Forward,
  request: Request,
  reply: Message,
  hasNext: boolean,
  answers: number,
): Forwarded | 'failover' {
  const { options, behaviour, release, upstreams } = forward;
  const question = request.message.question[0];
  if (question === undefined || !answersQuery(question, reply, release)) {
    return { rcode: 'NOERROR', reply: replyTo(request.message, 'FORMERR') };
  }
  const another = behaviour.failoverGoesRound || answers < upstreams.length;
  if (another && options.failover.includes(reply.rcode)) return 'failover';
  if (hasNext && options.next.includes(reply.rcode)) return 'next';
  if (hasNext && options.nextOnNoData && reply.rcode === 'NOERROR' && reply.answer.length === 0) return 'next';
  return answered(request, reply);
}

function answered(request: Request, reply: Message): Outcome {
  return { rcode: 'NOERROR', reply: changed(reply, { id: request.message.id }) };
}

type Answer = Extract<Attempt, { reply: Message }> | Extract<Attempt, { error: string }>;

/** One attempt at an upstream, with what belongs to it: a closed pooled connection, and TCP after TC. */
function* askOne(
  forward: Forward,
  request: Request,
  upstream: Upstream,
  attempt: number,
  tlsDeadline: Micros,
): Process<Answer> {
  const { options } = forward;
  let protocol: Protocol = options.forceTcp ? 'tcp' : options.preferUdp ? 'udp' : request.protocol;
  for (;;) {
    const ended = yield* askOver(forward, request, upstream, attempt, protocol, tlsDeadline);
    if (ended.outcome === 'closed') continue;
    const redo =
      'reply' in ended && ended.reply.flags.tc && !options.forceTcp && options.preferUdp && protocol === 'udp';
    if (!redo) return ended;
    protocol = 'tcp';
  }
}

function* askOver(
  forward: Forward,
  request: Request,
  upstream: Upstream,
  attempt: number,
  asked: Protocol,
  tlsDeadline: Micros,
): Process<Attempt> {
  const { behaviour, metrics, simulation, options } = forward;
  const trace = simulation.recorder.trace(request.trace);
  const start = simulation.now;
  const id = behaviour.freshIds ? forward.draws.integer(65_536) : request.message.id;
  const room = replySize(request.protocol, request.message.edns);
  const ended = yield* exchange({
    connections: upstream.connections,
    to: upstream.to,
    query: changed(request.message, { id }),
    protocol: asked,
    room,
    trace,
    readTimeout: options.readTimeout,
    tlsDeadline,
    behaviour,
    now: () => simulation.now,
    onIgnored: (size, error) =>
      simulation.recorder.write(ignoredReplyRecord, forward.owner, trace, '', { to: upstream.name, size, room, error }),
    onTaken: (pooled) => metrics.connection(upstream.name, upstream.secure ? 'tcp-tls' : asked, pooled),
  });
  const seconds = toSeconds(simulation.now - start);
  const rcode = 'reply' in ended ? ended.reply.rcode : '';
  if ('reply' in ended) metrics.answered(upstream.name, rcode, seconds);
  const question = request.message.question[0];
  simulation.recorder.write(attemptRecord, forward.owner, request.trace, ended.outcome, {
    name: question?.name ?? '',
    type: question?.type ?? '',
    to: upstream.name,
    protocol: upstream.secure ? 'tls' : asked,
    attempt,
    room,
    upstream: trace,
    seconds,
    outcome: ended.outcome,
    rcode,
    error: ended.outcome === 'error' ? ended.error : '',
    place: options.place,
  });
  return ended;
}

import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { type Evidence, ledSearchOn, saysNothingThere } from './evidence-of.ts';

/** What is known of the strands of all lookups. */
export interface Strands {
  /** 1: a lookup; 2: a query that it sent; 3: one sent because of that. */
  readonly depth: (trace: TraceId) => number;
  readonly descends: (trace: TraceId, root: TraceId) => boolean;
  /** The query of a lookup that a strand is, or descends from; undefined: it is the lookup's own. */
  readonly queryOf: (trace: TraceId) => TraceId | undefined;
  /** The nameserver to which the query of a strand went, as far as its resolver tells. */
  readonly serverOf: (trace: TraceId) => string | undefined;
  /** What went wrong for the lookup that a strand belongs to, in order. */
  readonly evidence: (trace: TraceId) => readonly Evidence[];
  /** When an upstream answered what another had failed at before; Infinity: none did. */
  readonly madeGoodAt: (evidence: Evidence) => Micros;
}

/** The weightier the later. */
export const weights: readonly Evidence['weight'][] = ['wait', 'answer', 'error', 'end', 'way'];
const queryDepth = 2;

/** What matters for the end of a lookup, the cause first. */
export function ranked(lookup: TraceId, until: number, strands: Strands): Evidence[] {
  const all = strands.evidence(lookup).filter(({ weight }) => weight !== 'turn');
  const decided = decisive(
    withoutRedialled(
      all.filter(({ header }) => header.t <= until),
      strands,
    ),
    until,
    strands,
  );
  // What came too late for another query did not decide what an answer did, where that was the end of it.
  const last = decided.findLast(({ header, isVerdict }) => !isVerdict && strands.depth(header.trace) <= queryDepth);
  const answer = last?.weight === 'answer' ? last : undefined;
  const late = all.filter((one) => {
    return isLate(one) && (answer === undefined || strands.descends(one.header.trace, answer.header.trace));
  });
  if (decided.every(saysNothingThere))
    return [...mattering(faultsBefore(all, until, strands), strands), ...mattering(decided, strands)];
  const found = decided.some(isReason) ? decided.filter((one) => !isLate(one)) : [...new Set([...decided, ...late])];
  return mattering(found, strands);
}

/** What went wrong at the servers before the one that denied a name that is there: it is asked because of that alone. */
function faultsBefore(all: readonly Evidence[], until: Micros, { serverOf, madeGoodAt }: Strands): Evidence[] {
  const inTime = all.filter(({ header }) => header.t <= until);
  const verdicts = inTime.filter(({ isVerdict }) => isVerdict);
  const wrong = verdicts.findLastIndex((verdict) => saysNothingThere(verdict) && verdict.isThere === true);
  if (wrong < 0 || inTime.some(ledSearchOn)) return [];
  const from = verdicts[wrong - 1]?.header.seq ?? Number.NEGATIVE_INFINITY;
  const to = verdicts[wrong]?.header.seq ?? Number.POSITIVE_INFINITY;
  const own = inTime.filter(({ header, isVerdict }) => !isVerdict && header.seq > from && header.seq < to);
  const denying = new Set(own.filter(saysNothingThere).map(({ header }) => serverOf(header.trace)));
  return own.filter((one) => {
    const server = serverOf(one.header.trace);
    const isElsewhere = server !== undefined && !denying.has(server);
    return isElsewhere && isReason(one) && !saysNothingThere(one) && madeGoodAt(one) > until;
  });
}

/** For a connection that had been closed a new one was dialled: what the same query met there decided. */
function withoutRedialled(all: readonly Evidence[], { queryOf }: Strands): readonly Evidence[] {
  return all.filter(({ cause, header }) => {
    if (cause !== 'connection-closed') return true;
    return !all.some((one) => {
      const isSame = one.header.seq > header.seq && queryOf(one.header.trace) === queryOf(header.trace);
      return isSame && isReason(one) && one.cause !== cause;
    });
  });
}

/** The cause first. */
export function mattering(found: readonly Evidence[], strands: Strands): Evidence[] {
  return [...found].sort(
    (a, b) =>
      weights.indexOf(b.weight) - weights.indexOf(a.weight) ||
      strands.depth(b.header.trace) - strands.depth(a.header.trace) ||
      Number(b.filledBy > 0) - Number(a.filledBy > 0) ||
      b.header.seq - a.header.seq,
  );
}

/** What belongs to the name that settled it: the last that got no clear answer, if there is one that exists; where all got one, that nothing is there. */
function decisive(all: readonly Evidence[], until: Micros, strands: Strands): Evidence[] {
  const verdicts = all.filter(({ isVerdict }) => isVerdict);
  if (verdicts.some(saysNothingThere) && all.some(ledSearchOn)) return all.filter(saysNothingThere);
  const own = ofDecidingName(all);
  const verdict = own.findLast(({ isVerdict }) => isVerdict);
  if (verdict !== undefined && saysNothingThere(verdict)) return all.filter(saysNothingThere);
  // Where nothing settled it, what says that there is nothing was about the other family.
  const open = verdict?.weight === 'wait' ? own.filter((one) => !saysNothingThere(one)) : own;
  return ofLastQuery(open.some(({ isVerdict }) => !isVerdict) ? open : own, until, strands);
}

/** From the end of the name before to the verdict on that name; all that there is, where no verdict was unclear. */
export function ofDecidingName(all: readonly Evidence[]): readonly Evidence[] {
  const verdicts = all.filter(({ isVerdict }) => isVerdict);
  const isUnclear = (verdict: Evidence) => !saysNothingThere(verdict);
  const missed = verdicts.findLastIndex((verdict) => isUnclear(verdict) && verdict.isThere === true);
  const unclear = missed >= 0 ? missed : verdicts.findLastIndex(isUnclear);
  const from = verdicts[unclear - 1]?.header.seq ?? Number.NEGATIVE_INFINITY;
  const to = verdicts[unclear]?.header.seq ?? Number.POSITIVE_INFINITY;
  return all.filter(({ header }) => header.seq > from && header.seq <= to);
}

/** Where the last query was answered with an error, all about that query; where nothing came, all about those without an answer. */
function ofLastQuery(all: readonly Evidence[], until: Micros, strands: Strands): Evidence[] {
  const by = all.findLast(({ isVerdict }) => isVerdict)?.decidedBy;
  const ends = all.filter(({ header, isVerdict }) => !isVerdict && strands.depth(header.trace) <= queryDepth);
  const last = ends.findLast(({ weight }) => by === undefined || weight === by) ?? ends.at(-1);
  if (last === undefined) return [...all];
  if (saysNothingThere(last)) return all.filter((one) => saysNothingThere(one) || endsSearch(one));
  if (last.weight === 'answer') {
    const about = all.filter(({ header }) => strands.descends(header.trace, last.header.trace));
    return stillFailed(about, last.header.t, strands);
  }
  const found = all.filter((evidence) => !saysNothingThere(evidence));
  // What another server made good cost time, which matters only where there is no better reason.
  const left = stillFailed(found, until, strands);
  // An error that the resolver took for no answer came last all the same.
  const endsInError = found.findLast(({ weight, isVerdict }) => weight !== 'wait' && !isVerdict)?.weight === 'answer';
  return endsInError || left.some(isReason) ? left : found;
}

/** Of what led to a reply, what no other server made good before. */
export function stillFailed(all: readonly Evidence[], repliedAt: Micros, strands: Strands): Evidence[] {
  return all.filter((one) => strands.madeGoodAt(one) > repliedAt);
}

/** A verdict on a name after which no other is tried, although one would have been found. */
function endsSearch({ isVerdict, weight }: Evidence): boolean {
  return isVerdict && weight === 'error';
}

/** An answer that nobody waited for any more tells why nothing came in time, where nothing else does. */
export function isLate({ cause }: Evidence): boolean {
  return cause === 'late-answer';
}

/** Says more than that nothing, or nothing of use, came in time. */
export function isReason({ cause, weight }: Evidence): boolean {
  return (weight === 'way' || weight === 'end' || weight === 'error') && !nothingCame.includes(cause);
}

const nothingCame: readonly string[] = ['late-answer', 'forward-error', 'recursor-no-reply', 'econnrefused'];

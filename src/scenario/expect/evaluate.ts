import type { Micros } from '../../engine/time.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { stalePeriods } from '../../trace/periods.ts';
import { formatDuration } from '../duration.ts';
import type { Expectation } from '../schema/scenario.ts';
import { type Bounds, boundsText, type Verdict, within } from './bounds.ts';
import { counters } from './counters.ts';
import { entry } from './entry.ts';
import type { ExpectationResult, WorkloadFacts } from './facts.ts';
import { log } from './log.ts';
import { queries } from './queries.ts';
import { outcomes, probes, upstreamQueries } from './upstream-queries.ts';

/** Holds one entry of `expect` against what came out: a result for each thing it asks for. */
export function evaluate(expectation: Expectation, facts: WorkloadFacts): ExpectationResult[] {
  const isInTime = (t: Micros): boolean =>
    t >= (expectation.from ?? 0) && t < (expectation.until ?? Number.POSITIVE_INFINITY);
  const lookups = facts.lookups.filter(({ start }) => isInTime(start));
  const seen = { ...facts, lookups };
  const verdicts: Verdict[] = [];
  if (expectation.lookups !== undefined) verdicts.push(counted('lookups', lookups.length, expectation.lookups));
  if (expectation.answers !== undefined) verdicts.push(answers(expectation.answers, seen));
  if (expectation.failures !== undefined) verdicts.push(failures(expectation.failures, seen));
  if (expectation.stale !== undefined) verdicts.push(stale(expectation.stale, seen));
  if (expectation.healed !== undefined) verdicts.push(healed(expectation.healed, seen));
  if (expectation.staleBecause !== undefined)
    verdicts.push(staleBecause([expectation.staleBecause.cache].flat(), seen));
  if (expectation.failing !== undefined) verdicts.push(failing(expectation.failing, lookups));
  if (expectation.entry !== undefined) verdicts.push(entry(expectation.entry, facts.flows));
  verdicts.push(...outcomes(expectation, seen));
  if (expectation.queries !== undefined) verdicts.push(...queries(expectation.queries, seen));
  if (expectation.upstreamQueries !== undefined) verdicts.push(...upstreamQueries(expectation.upstreamQueries, seen));
  if (expectation.probes !== undefined) verdicts.push(...probes(expectation.probes, seen));
  if (expectation.log !== undefined)
    verdicts.push(log(expectation.log, { log: facts.log.filter(({ t }) => isInTime(t)) }));
  if (expectation.counters !== undefined) verdicts.push(...counters(expectation.counters, facts.counters));
  if (expectation.latency !== undefined) verdicts.push(...latencies(expectation.latency, lookups));
  const window = windowText(expectation);
  return verdicts.map((verdict) => ({
    ...verdict,
    workload: expectation.workload,
    expected: `${verdict.expected}${window}`,
    knownLimit: expectation.knownLimit,
  }));
}

function windowText({
  from,
  until,
}: {
  readonly from?: Micros | undefined;
  readonly until?: Micros | undefined;
}): string {
  const parts = [
    from === undefined ? '' : ` from ${formatDuration(from)}`,
    until === undefined ? '' : ` until ${formatDuration(until)}`,
  ];
  return parts.join('');
}

function counted(what: string, value: number, bounds: Bounds): Verdict {
  const one = bounds === 1 ? what.replace(/s$/, '') : what;
  return { expected: `${boundsText(bounds, String)} ${one}`, met: within(value, bounds), reason: `${value} ${what}` };
}

function outcomeOf(lookup: JudgedLookup): string {
  return lookup.result === 'OK' ? lookup.addresses.join(', ') || 'no address' : lookup.result;
}

function at(lookup: JudgedLookup): string {
  return formatDuration(lookup.start);
}

function answers(expected: readonly string[], { lookups, why }: WorkloadFacts): Verdict {
  const wanted = [...expected].sort().join(' ');
  const wrong = lookups.filter((lookup) => lookup.result !== 'OK' || [...lookup.addresses].sort().join(' ') !== wanted);
  const [first] = wrong;
  const text = `every answer is ${expected.join(', ')}`;
  if (lookups.length === 0) return { expected: text, met: false, reason: 'there was no lookup in this time' };
  if (first === undefined) return { expected: text, met: true, reason: `all ${lookups.length} were` };
  return {
    expected: text,
    met: false,
    reason: `${wrong.length} of ${lookups.length} were not; the first at ${at(first)}: ${outcomeOf(first)} (${why(first).short})`,
    shownBy: first,
  };
}

function failures(bounds: Bounds, { lookups, why }: WorkloadFacts): Verdict {
  const failed = lookups.filter(({ verdict }) => verdict === 'failed');
  const [first] = failed;
  const verdict = counted('failures', failed.length, bounds);
  const because = first === undefined || verdict.met ? '' : ` (${why(first).short})`;
  const where = first === undefined ? '' : `; the first at ${at(first)}: ${first.result}${because}`;
  return {
    ...verdict,
    reason: `${failed.length} of ${lookups.length} lookups failed${where}`,
    ...(first !== undefined && { shownBy: first }),
  };
}

/** All of a time fail, and none besides. */
function failing({ from, until }: NonNullable<Expectation['failing']>, lookups: readonly JudgedLookup[]): Verdict {
  const expected = `failing${windowText({ from, until })}, and at no other time`;
  const isDue = ({ start }: JudgedLookup) => start >= (from ?? 0) && start < (until ?? Number.POSITIVE_INFINITY);
  const due = lookups.filter(isDue);
  if (due.length === 0) return { expected, met: false, reason: 'there was no lookup in this time' };
  const wrong = lookups.find((lookup) => (lookup.verdict === 'failed') !== isDue(lookup));
  if (wrong !== undefined)
    return { expected, met: false, reason: `not the one at ${at(wrong)}: ${outcomeOf(wrong)}`, shownBy: wrong };
  return { expected, met: true, reason: `all ${due.length} of them` };
}

function stale(bounds: Bounds, facts: WorkloadFacts): Verdict {
  const periods = stalePeriods(facts.lookups, facts.until);
  const total = periods.reduce((sum, { from, to }) => sum + to - from, 0);
  const count = periods.reduce((sum, period) => sum + period.lookups, 0);
  const last = periods.at(-1)?.last;
  const why = last === undefined ? '' : `; the last one at ${at(last)} from ${facts.why(last).short}`;
  return {
    expected: `${boundsText(bounds, formatDuration)} on a stale address`,
    met: within(total, bounds),
    reason: `${formatDuration(total)} in ${count} lookups${why}`,
    ...(last !== undefined && { shownBy: last }),
  };
}

function healed(bounds: Bounds, facts: WorkloadFacts): Verdict {
  const last = stalePeriods(facts.lookups, facts.until).at(-1);
  const expected = `healed at ${boundsText(bounds, formatDuration)}`;
  if (last === undefined) return { expected, met: false, reason: 'no answer was ever stale' };
  if (last.healed === undefined)
    return { expected, met: false, reason: `still stale at the end, at ${at(last.last)}: ${outcomeOf(last.last)}` };
  return {
    expected,
    met: within(last.healed.end, bounds),
    reason: `no stale answer after the lookup at ${at(last.last)}`,
  };
}

/** A stale answer counts for every cache that held it after the change: those between the client and the one that took it first. */
function staleBecause(expected: readonly string[], facts: WorkloadFacts): Verdict {
  const text = `stale answers were held by ${expected.join(' or ')}`;
  const old = facts.lookups.filter(({ verdict }) => verdict === 'stale');
  const wrong = old.find(
    (lookup) => !facts.why(lookup).holders.some((hop) => expected.includes(hop.at) || expected.includes(hop.layer)),
  );
  const [first] = old;
  if (first === undefined) return { expected: text, met: false, reason: 'no answer was stale' };
  if (wrong === undefined)
    return { expected: text, met: true, reason: `all ${old.length} were; the first by ${facts.why(first).short}` };
  return { expected: text, met: false, reason: `the one at ${at(wrong)} was not: ${facts.why(wrong).sentence}` };
}

function latencies(bounds: NonNullable<Expectation['latency']>, lookups: readonly JudgedLookup[]): Verdict[] {
  const sorted = lookups.map(({ start, end }) => end - start).sort((a, b) => a - b);
  const figures: readonly [string, Micros | undefined, Micros | undefined][] = [
    ['p50', bounds.p50, quantile(sorted, 0.5)],
    ['p99', bounds.p99, quantile(sorted, 0.99)],
    ['longest', bounds.max, sorted.at(-1)],
  ];
  return figures.flatMap(([name, bound, value]) =>
    bound === undefined
      ? []
      : [
          {
            expected: `latency ${name} at most ${formatDuration(bound)}`,
            met: value !== undefined && value <= bound,
            reason: value === undefined ? 'there was no lookup' : formatDuration(value),
          },
        ],
  );
}

/** The smallest value that at least this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

import { attemptRecord } from '../coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { recursorTry } from '../servers/records.ts';
import type { Evidence } from './evidence-of.ts';
import { probesIn } from './upstream-queries.ts';

/** When another server answered what an attempt had failed with, so that the attempt cost time and decided nothing; Infinity: none did. */
export function madeGoodAt(store: ColumnStore): (evidence: Evidence) => Micros {
  const failed = new Map<TraceId, TraceId[]>();
  const answeredAt = new Map<TraceId, Micros>();
  const givenUp = new Set<TraceId>();
  for (const { trace, t, upstream, outcome } of store.rows(attemptRecord)) {
    const before = failed.get(trace);
    if (outcome === 'error') {
      givenUp.add(upstream);
      if (before === undefined) failed.set(trace, [upstream]);
      else before.push(upstream);
    } else if (before !== undefined && outcome !== 'closed') {
      for (const attempt of before) answeredAt.set(attempt, t);
      answeredAt.set(trace, t);
    }
  }
  const tries = triesMadeGood(store);
  const probing = probesIn(store);
  return ({ header, weight }) => {
    let beyond = never;
    for (let strand = header.trace; strand > 0; strand = store.parentOf(strand)) {
      // What forward made of a failed attempt stands on the strand of the query itself; the probes that it began hang there too.
      if (strand === header.trace && weight === 'error' && failed.has(strand)) return answeredAt.get(strand) ?? never;
      if (probing.has(strand)) return answeredAt.get(store.parentOf(strand)) ?? never;
      const at = failed.has(strand) ? undefined : answeredAt.get(strand);
      if (at !== undefined) return at;
      beyond = Math.min(beyond, tries.get(strand) ?? never);
      // Whoever had asked the recursor waited no longer: the answer made nothing good.
      if (givenUp.has(strand)) beyond = never;
    }
    return beyond;
  };
}

/** The tries of recursors that brought no answer, with when another try for the same question did. */
function triesMadeGood(store: ColumnStore): ReadonlyMap<TraceId, Micros> {
  const inVain = new Map<string, TraceId[]>();
  const answeredAt = new Map<TraceId, Micros>();
  for (const { trace, t, at, name, type, cause } of store.rows(recursorTry)) {
    const question = `${store.parentOf(trace)} ${at} ${name} ${type}`;
    const before = inVain.get(question);
    if (cause === 'NOERROR' || cause === 'NXDOMAIN') for (const one of before ?? []) answeredAt.set(one, t);
    else if (before === undefined) inVain.set(question, [trace]);
    else before.push(trace);
  }
  return answeredAt;
}

const never = Number.POSITIVE_INFINITY;

import { attemptRecord, healthRecord } from '../coredns/plugins/forward/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import type { Evidence } from './evidence-of.ts';

/** When another upstream answered what an attempt had failed with, so that the attempt cost time and decided nothing; Infinity: none did. */
export function madeGoodAt(store: ColumnStore): (evidence: Evidence) => Micros {
  const failed = new Map<TraceId, TraceId[]>();
  const answeredAt = new Map<TraceId, Micros>();
  for (const { trace, t, upstream, outcome } of store.rows(attemptRecord)) {
    const before = failed.get(trace);
    if (outcome === 'error') {
      if (before === undefined) failed.set(trace, [upstream]);
      else before.push(upstream);
    } else if (before !== undefined && outcome !== 'closed') {
      for (const attempt of before) answeredAt.set(attempt, t);
      answeredAt.set(trace, t);
    }
  }
  const probing = new Set([...store.rows(healthRecord)].map(({ trace }) => trace));
  return ({ header, weight }) => {
    for (let strand = header.trace; strand > 0; strand = store.parentOf(strand)) {
      // What forward made of a failed attempt stands on the strand of the query itself; the probes that it began hang there too.
      if (strand === header.trace && weight === 'error' && failed.has(strand)) return answeredAt.get(strand) ?? never;
      if (probing.has(strand)) return answeredAt.get(store.parentOf(strand)) ?? never;
      const at = failed.has(strand) ? undefined : answeredAt.get(strand);
      if (at !== undefined) return at;
    }
    return never;
  };
}

const never = Number.POSITIVE_INFINITY;

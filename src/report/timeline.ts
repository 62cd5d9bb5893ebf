import { stringify } from 'csv-stringify/sync';
import { millisecond, toSeconds } from '../engine/time.ts';
import type { Analysis } from '../trace/analysis.ts';
import type { JudgedLookup } from '../trace/lookup.ts';
import { nameOf } from '../trace/stale.ts';

const columns = [
  'workload',
  't_seconds',
  'name',
  'result',
  'addresses',
  'verdict',
  'held_by',
  'cause',
  'latency_ms',
  'trace',
  'why',
] as const;

/** `timeline.csv`: one row a lookup, by time; `why` only where something was wrong. */
export function timeline(analysis: Analysis): string {
  const lookups = analysis.workloads
    .flatMap((workload) => workload.lookups)
    .sort((a, b) => a.start - b.start || a.trace - b.trace);
  const rows = lookups.map((lookup) => rowOf(lookup, analysis));
  return stringify(rows, { header: true, columns: [...columns], escape_formulas: true });
}

function rowOf(lookup: JudgedLookup, analysis: Analysis): Record<(typeof columns)[number], string | number> {
  const explanation = lookup.verdict === 'right' ? undefined : analysis.why(lookup);
  return {
    workload: lookup.workload,
    t_seconds: toSeconds(lookup.start),
    name: lookup.name,
    result: lookup.result,
    addresses: lookup.addresses.join(' '),
    verdict: lookup.verdict,
    held_by: explanation?.holders.map(nameOf).join(' < ') ?? '',
    cause: explanation?.cause ?? '',
    latency_ms: (lookup.end - lookup.start) / millisecond,
    trace: lookup.trace,
    why: explanation?.sentence ?? '',
  };
}

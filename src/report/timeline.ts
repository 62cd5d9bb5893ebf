import { stringify } from 'csv-stringify/sync';
import { millisecond, toSeconds } from '../engine/time.ts';
import type { Analysis } from '../trace/analysis.ts';
import type { JudgedLookup } from '../trace/lookup.ts';
import { nameOf } from '../trace/stale.ts';

const columns = [
  'workload',
  'number',
  't_seconds',
  'name',
  'result',
  'addresses',
  'verdict',
  'held_by',
  'cause',
  'latency_ms',
  'printed',
  'why',
] as const;

/**
 * `timeline.csv`: one row a lookup, by time; `why` only where something was wrong. `number` counts a workload's lookups
 * from 0: with it a row's records are found in `events.jsonl`, and no other workload shifts it.
 */
export function timeline(analysis: Analysis): string {
  const lookups = analysis.workloads
    .flatMap((workload) => workload.lookups.map((lookup, number) => ({ lookup, number })))
    .sort((a, b) => a.lookup.start - b.lookup.start || a.lookup.trace - b.lookup.trace);
  const rows = lookups.map(({ lookup, number }) => rowOf(lookup, number, analysis));
  return stringify(rows, { header: true, columns: [...columns], escape_formulas: true });
}

function rowOf(
  lookup: JudgedLookup,
  number: number,
  analysis: Analysis,
): Record<(typeof columns)[number], string | number> {
  const explanation = lookup.verdict === 'right' ? undefined : analysis.why(lookup);
  return {
    workload: lookup.workload,
    number,
    t_seconds: toSeconds(lookup.start),
    name: lookup.name,
    result: lookup.result,
    addresses: lookup.addresses.join(' '),
    verdict: lookup.verdict,
    held_by: explanation?.holders.map(nameOf).join(' < ') ?? '',
    cause: explanation?.cause ?? '',
    latency_ms: (lookup.end - lookup.start) / millisecond,
    printed: lookup.printed ?? '',
    why: explanation?.sentence ?? '',
  };
}

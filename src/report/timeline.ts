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

/** In the order of the columns. */
function rowOf(lookup: JudgedLookup, number: number, analysis: Analysis): (string | number)[] {
  const explanation = lookup.verdict === 'right' ? undefined : analysis.why(lookup);
  return [
    lookup.workload,
    number,
    toSeconds(lookup.start),
    lookup.name,
    lookup.result,
    lookup.addresses.join(' '),
    lookup.verdict,
    explanation?.holders.map(nameOf).join(' < ') ?? '',
    explanation?.cause ?? '',
    (lookup.end - lookup.start) / millisecond,
    lookup.printed ?? '',
    explanation?.sentence ?? '',
  ];
}

import type { Analysis, WorkloadAnalysis } from '../trace/analysis.ts';
import type { Period } from '../trace/periods.ts';
import { failsFirst } from '../trace/summary.ts';
import { counted, inMilliseconds, inSeconds } from '../trace/words.ts';

/** `126 of 512 lookups got an address that was no longer true, from 60 s to 121.2 s; none failed.` */
export function outcomeInAll({ workloads, until }: Pick<Analysis, 'workloads' | 'until'>): string {
  const sum = (of: (workload: WorkloadAnalysis) => number) =>
    workloads.reduce((all, workload) => all + of(workload), 0);
  const all = sum(({ lookups }) => lookups.length);
  const stale = sum(({ summary }) => summary.stale.count);
  const failed = sum(({ summary }) => summary.failures.count);
  const periods = workloads.flatMap(({ summary }) => [...summary.stale.periods, ...summary.failures.outages]);
  if (periods.length === 0)
    return `All ${counted(all, 'lookup')} got what the authority served${unreturned(workloads)}.`;
  const to = Math.max(...periods.map(endOf));
  const end = periods.some(lastsToTheEnd) ? `the end of the run, ${inSeconds(until)}` : inSeconds(to);
  const when = `from ${inSeconds(Math.min(...periods.map(({ from }) => from)))} to ${end}`;
  const old = 'got an address that was no longer true';
  if (failed === 0) return `${stale} of ${counted(all, 'lookup')} ${old}, ${when}; none failed.`;
  if (stale === 0) return `${failed} of ${counted(all, 'lookup')} failed, ${when}.`;
  if (!failsFirst(workloads.map(({ summary }) => summary)))
    return `${stale} of ${counted(all, 'lookup')} ${old}, ${failed} failed, ${when}.`;
  return `${failed} of ${counted(all, 'lookup')} failed, ${stale} ${old}, ${when}.`;
}

/** `, and 3 had not returned when the run ended`; empty: all had. */
export function unreturned(workloads: readonly WorkloadAnalysis[]): string {
  const count = workloads.reduce((sum, { waiting }) => sum + waiting.since.length, 0);
  return count === 0 ? '' : `, and ${count} had not returned when the run ended`;
}

/** `old answer for 61.2 s`, `no answer for 115 s, to the end of the run`, `failed after 5 s`; empty: all was well. */
export function howLong({ summary, lookups }: WorkloadAnalysis): string {
  const { stale, failures } = summary;
  const old = stale.count === 0 ? [] : [`old answer for ${inSeconds(stale.time)}${tail(stale.periods)}`];
  const [only] = lookups;
  if (failures.count > 0 && lookups.length === 1 && only !== undefined) {
    return `failed after ${inMilliseconds(only.end - only.start)}`;
  }
  const atMost = failures.outages.length > 1 ? 'at most ' : '';
  const none = `no answer for ${atMost}${inSeconds(failures.longestOutage)}${tail(failures.outages)}`;
  const told = [...old, ...(failures.count === 0 ? [] : [none])];
  return (failsFirst([summary]) ? told.reverse() : told).join('; ');
}

function tail(periods: readonly Period[]): string {
  return periods.some(lastsToTheEnd) ? ', to the end of the run' : '';
}

/** Of several lookups: one alone says nothing about what came after it. */
function lastsToTheEnd({ healed, lookups, to, last }: Period): boolean {
  return healed === undefined && lookups > 1 && to > last.end;
}

function endOf({ healed, last }: Period): number {
  return healed?.end ?? last.end;
}

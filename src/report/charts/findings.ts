import { second } from '../../engine/time.ts';
import { type Analysis, causesOf, type WorkloadAnalysis } from '../../trace/analysis.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { counted, inSeconds, listed } from '../../trace/words.ts';
import { unreturned } from '../outcome.ts';

/** The lookup that tells most: the last stale one of the longest stale time, else the slowest of those that failed as most did, else the slowest. */
export function mostTelling(analysis: Analysis): JudgedLookup | undefined {
  const stale = mostStale(analysis)?.lookups.findLast((lookup) => lookup.verdict === 'stale');
  if (stale !== undefined) return stale;
  const failed = mostFailed(analysis)?.lookups.filter((lookup) => lookup.verdict === 'failed') ?? [];
  const [usual] = causesOf(failed, analysis);
  const typical = slowest(failed.filter((lookup) => analysis.why(lookup).cause === usual?.cause));
  return typical ?? slowest(analysis.workloads.flatMap((workload) => workload.lookups));
}

function slowest(lookups: readonly JudgedLookup[]): JudgedLookup | undefined {
  return lookups.reduce<JudgedLookup | undefined>((slowest, lookup) => {
    return slowest === undefined || lookup.end - lookup.start > slowest.end - slowest.start ? lookup : slowest;
  }, undefined);
}

function mostStale({ workloads }: Analysis): WorkloadAnalysis | undefined {
  const [first] = workloads
    .filter(({ summary }) => summary.stale.count > 0)
    .sort((a, b) => b.summary.stale.time - a.summary.stale.time);
  return first;
}

function mostFailed({ workloads }: Analysis): WorkloadAnalysis | undefined {
  const [first] = workloads
    .filter(({ summary }) => summary.failures.count > 0)
    .sort((a, b) => b.summary.failures.count - a.summary.failures.count);
  return first;
}

/** What the lookups over time show, as a title. */
export function titleOf(analysis: Analysis): string {
  const stale = mostStale(analysis);
  const last = stale?.lookups.findLast((lookup) => lookup.verdict === 'stale');
  if (stale !== undefined && last !== undefined) {
    const { workload, stale: old } = stale.summary;
    const since = old.afterChange === old.last ? '' : ' after the change';
    return `${workload} was on ${listed(old.addresses)} for ${inSeconds(old.time)}${since}: ${analysis.why(last).short}`;
  }
  const failed = mostFailed(analysis);
  if (failed !== undefined) return `${failed.summary.workload}: ${failedWords(failed, analysis)}`;
  const lookups = analysis.workloads.flatMap((workload) => workload.lookups);
  const slow = lookups.filter(({ start, end }) => end - start >= second);
  const longest = slow.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const late = slow.length === 0 ? '' : `, ${slow.length} of them after 1 s or longer, ${inSeconds(longest)} at most`;
  return `All ${counted(lookups.length, 'lookup')} got what the authority served${late}${unreturned(analysis.workloads)}`;
}

/** What one lane shows, and where that begins; undefined where all went well. */
export function laneFinding(workload: WorkloadAnalysis, analysis: Analysis) {
  const { stale, failures } = workload.summary;
  const [period] = stale.periods;
  const [outage] = failures.outages;
  const last = workload.lookups.findLast((lookup) => lookup.verdict === 'stale');
  const words: string[] = [];
  if (last !== undefined) {
    const onAndOff = stale.periods.length > 1 ? ', on and off' : '';
    words.push(`old address for ${inSeconds(stale.time)}${onAndOff}: ${analysis.why(last).short}`);
  }
  if (outage !== undefined) words.push(failedWords(workload, analysis));
  const at = Math.min(period?.from ?? Number.POSITIVE_INFINITY, outage?.from ?? Number.POSITIVE_INFINITY);
  return words.length === 0 ? undefined : { text: words.join('; '), at };
}

function failedWords({ summary, lookups }: WorkloadAnalysis, analysis: Analysis): string {
  const { count, first, last } = summary.failures;
  const [most] = causesOf(lookups, analysis);
  const telling = lookups.find((lookup) => lookup.verdict === 'failed' && analysis.why(lookup).cause === most?.cause);
  const when =
    first === undefined || last === undefined
      ? ''
      : first === last
        ? ` at ${inSeconds(first)}`
        : `, ${inSeconds(first)} to ${inSeconds(last)}`;
  const why = telling === undefined ? '' : `: ${analysis.why(telling).short}`;
  return `${count} of ${counted(summary.lookups, 'lookup')} failed${when}${why}`;
}

import { second } from '../../engine/time.ts';
import { type Analysis, causesOf, type WorkloadAnalysis } from '../../trace/analysis.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { failsFirst } from '../../trace/summary.ts';
import { counted, inSeconds, listed } from '../../trace/words.ts';
import { unreturned } from '../outcome.ts';

/** What a headline is made of. */
type Findings = Pick<Analysis, 'workloads' | 'why'>;

/** The lookup that tells most: the last stale one of the longest stale time, or the slowest of those that failed as most did, whichever the headline tells; else the slowest. */
export function mostTelling(analysis: Findings): JudgedLookup | undefined {
  const stale = mostStale(analysis)?.lookups.findLast((lookup) => lookup.verdict === 'stale');
  if (stale !== undefined && !isAboutFailures(analysis)) return stale;
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

function isAboutFailures({ workloads }: Findings): boolean {
  return failsFirst(workloads.map(({ summary }) => summary));
}

function mostStale({ workloads }: Findings): WorkloadAnalysis | undefined {
  const [first] = workloads
    .filter(({ summary }) => summary.stale.count > 0)
    .sort((a, b) => b.summary.stale.time - a.summary.stale.time);
  return first;
}

function mostFailed({ workloads }: Findings): WorkloadAnalysis | undefined {
  const [first] = workloads
    .filter(({ summary }) => summary.failures.count > 0)
    .sort((a, b) => b.summary.failures.count - a.summary.failures.count);
  return first;
}

/** What the lookups over time show, as a title. */
export function titleOf(analysis: Findings): string {
  const [stale, failed] = [mostStale(analysis), mostFailed(analysis)];
  if (failed !== undefined && isAboutFailures(analysis)) {
    const old = stale === undefined ? '' : `; ${stale.summary.workload} was on ${oldWords(stale)}`;
    return `${failed.summary.workload}: ${failedWords(failed, analysis)}${old}`;
  }
  const last = stale?.lookups.findLast((lookup) => lookup.verdict === 'stale');
  if (stale !== undefined && last !== undefined) {
    const more = failed === undefined ? '' : `; ${failed.summary.workload}: ${failedOf(failed)}`;
    return `${stale.summary.workload} was on ${oldWords(stale)}: ${analysis.why(last).short}${more}`;
  }
  const lookups = analysis.workloads.flatMap((workload) => workload.lookups);
  const slow = lookups.filter(({ start, end }) => end - start >= second);
  const longest = slow.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const late = slow.length === 0 ? '' : `, ${slow.length} of them after 1 s or longer, ${inSeconds(longest)} at most`;
  return `All ${counted(lookups.length, 'lookup')} got what the authority served${late}${unreturned(analysis.workloads)}`;
}

/** What one lane shows, and where that begins; undefined where all went well. */
export function laneFinding(workload: WorkloadAnalysis, analysis: Findings) {
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
  if (failsFirst([workload.summary])) words.reverse();
  const at = Math.min(period?.from ?? Number.POSITIVE_INFINITY, outage?.from ?? Number.POSITIVE_INFINITY);
  return words.length === 0 ? undefined : { text: words.join('; '), at };
}

/** `10.0.0.1 for 31.5 s after the change` */
function oldWords({ summary: { stale } }: WorkloadAnalysis): string {
  const since = stale.afterChange === stale.last ? '' : ' after the change';
  return `${listed(stale.addresses)} for ${inSeconds(stale.time)}${since}`;
}

/** `3 of 180 lookups failed` */
function failedOf({ summary: { failures, lookups } }: WorkloadAnalysis): string {
  return `${failures.count} of ${counted(lookups, 'lookup')} failed`;
}

function failedWords(workload: WorkloadAnalysis, analysis: Findings): string {
  const { summary, lookups } = workload;
  const { first, last } = summary.failures;
  const [most] = causesOf(lookups, analysis);
  const telling = lookups.find((lookup) => lookup.verdict === 'failed' && analysis.why(lookup).cause === most?.cause);
  const when =
    first === undefined || last === undefined
      ? ''
      : first === last
        ? ` at ${inSeconds(first)}`
        : `, ${inSeconds(first)} to ${inSeconds(last)}`;
  const why = telling === undefined ? '' : `: ${analysis.why(telling).short}`;
  return `${failedOf(workload)}${when}${why}`;
}

import type { FinishedRun } from '../study/run.ts';
import { causesOf, type WorkloadAnalysis } from '../trace/analysis.ts';
import { misledBy, storyOf } from '../trace/flows.ts';
import { entryInShort, nameOf } from '../trace/stale.ts';
import { failsFirst, firstOfLongestOutage } from '../trace/summary.ts';
import { counted, inSeconds } from '../trace/words.ts';

/** Something that went wrong for a workload, and why. */
export interface Finding {
  /** How long, how often; empty where only the reasons tell something. */
  readonly text: string;
  readonly because: readonly { readonly lead: Lead; readonly text: string }[];
}

/** What a reason is: a cache that held the answer, the one it had that from, a cause, an example of it or its only instance, a conntrack entry. */
export type Lead = 'why' | 'held by' | 'from' | 'because' | 'such as' | 'that is' | 'conntrack';

/** What went wrong for a workload; nothing where nothing did. */
export function findingsOf(workload: WorkloadAnalysis, run: FinishedRun): Finding[] {
  const conntrack = workload.flows
    .filter((flow) => flow.astray || misledBy(flow).length > 0)
    .map((flow) => ({ lead: 'conntrack' as const, text: storyOf(flow, run.store) }));
  const [stale, failures] = [staleFinding(workload, run), failureFinding(workload, run)];
  return withoutRepeats([
    ...(failsFirst([workload.summary]) ? [...failures, ...stale] : [...stale, ...failures]),
    ...(conntrack.length === 0 ? [] : [{ text: '', because: conntrack }]),
  ]);
}

/** What one reason says in brackets the next ones need not say again. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>();
  const asNew = (text: string) =>
    text.replace(/ \([^()]{40,}\)/g, (bracket) => {
      if (said.has(bracket)) return '';
      said.add(bracket);
      return bracket;
    });
  return findings.map(({ text, because }) => ({
    text,
    because: because.map((reason) => ({ ...reason, text: asNew(reason.text) })),
  }));
}

function staleFinding({ summary, lookups }: WorkloadAnalysis, { analysis }: FinishedRun): Finding[] {
  const last = lookups.findLast((lookup) => lookup.verdict === 'stale');
  if (last === undefined) return [];
  const { sentence, holders, hops } = analysis.why(last);
  const held = holders.map((hop, index) => ({
    lead: index === 0 ? ('held by' as const) : ('from' as const),
    text: `${nameOf(hop)}: ${entryInShort(hop)}`,
  }));
  const [farthest] = holders.slice(-1);
  const behind = farthest === undefined ? undefined : hops[hops.indexOf(farthest) + 1];
  // Who still gave the old answer when it was no longer true.
  const gave = behind?.kind === 'source' && behind.t >= (last.staleSince ?? last.start) ? [behind] : [];
  const source = gave.map((hop) => {
    const line = analysis.askedBecauseOf(hop.trace);
    const because = line === '' ? '' : `, asked because of ${line}`;
    return { lead: 'from' as const, text: `${nameOf(hop)} itself, at ${inSeconds(hop.t)}${because}` };
  });
  const because = held.length === 0 ? [{ lead: 'why' as const, text: sentence }] : [...held, ...source];
  return [{ text: staleSentence(summary), because }];
}

function failureFinding({ summary, lookups }: WorkloadAnalysis, { analysis }: FinishedRun): Finding[] {
  const failed = firstOfLongestOutage(summary);
  if (failed === undefined) return [];
  const causes = causesOf(lookups, analysis);
  const usual = lookups.find((lookup) => {
    return lookup.verdict === 'failed' && analysis.why(lookup).cause === causes[0]?.cause;
  });
  const instances = analysis.why(failed).cause === causes[0]?.cause ? [failed] : [failed, usual ?? failed];
  // One failure is no example.
  const lead = summary.failures.count > 1 ? ('such as' as const) : ('that is' as const);
  const because = [
    { lead: 'because' as const, text: causes.map(({ cause, count }) => `${count} ${cause}`).join(', ') },
    ...instances.map((lookup) => {
      return { lead, text: `at ${inSeconds(lookup.start)}: ${analysis.why(lookup).sentence}` };
    }),
  ];
  return [{ text: failureSentence(summary), because }];
}

/** What had not returned when the run ended, and so is in no figure. */
export function waitingFinding({ waiting: { since, trouble } }: WorkloadAnalysis): Finding[] {
  const [first] = since;
  if (first === undefined) return [];
  const many = since.length > 1 ? `${since.length} lookups were` : 'a lookup was';
  const text = `${many} still under way when the run ended, since ${inSeconds(first)}, and counted nowhere.`;
  return [{ text, because: trouble === '' ? [] : [{ lead: 'why', text: `Until then: ${trouble}.` }] }];
}

/** `10.0.0.1 until 91.5 s, 31.5 s after the change; 18.5 s in all, on and off.` */
function staleSentence({ stale }: WorkloadAnalysis['summary']): string {
  const [last, after] = [stale.last ?? 0, stale.afterChange ?? 0];
  const inAll = inSeconds(stale.time) === inSeconds(after) ? '' : ` ${inSeconds(stale.time)} in all,`;
  const onAndOff = stale.periods.length > 1 ? `;${inAll} on and off` : '';
  const got = `got ${stale.addresses.join(', ')}`;
  // What no change made old was wrong from the start.
  if (after === last) return `${got} from the start until ${inSeconds(last)}${onAndOff}.`;
  return `${got} until ${inSeconds(last)}, ${inSeconds(after)} after the change${onAndOff}.`;
}

/** `3 of 180 lookups failed, 71 s to 73 s, longest outage 3 s.` */
function failureSentence({ failures, lookups }: WorkloadAnalysis['summary']): string {
  const { count, first, last, longestOutage } = failures;
  if (first === undefined || last === undefined) return `${counted(lookups, 'lookup')}, none failed.`;
  const when = first === last ? `at ${inSeconds(first)}` : `from ${inSeconds(first)} to ${inSeconds(last)}`;
  if (lookups === 1) return `its only lookup failed, ${when}.`;
  return `${count} of ${counted(lookups, 'lookup')} failed, ${when}; longest outage ${inSeconds(longestOutage)}.`;
}

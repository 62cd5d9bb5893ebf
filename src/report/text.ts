import type { FinishedRun } from '../study/run.ts';
import { causesOf, type WorkloadAnalysis } from '../trace/analysis.ts';
import { storyOf } from '../trace/flows.ts';
import { entryInShort, nameOf } from '../trace/stale.ts';
import { firstOfLongestOutage } from '../trace/summary.ts';
import { counted, inMilliseconds, inSeconds } from '../trace/words.ts';
import { coloured, columns, cut, hanging, plain, type Styler, table, wrap } from './terminal.ts';

export interface TextOptions {
  readonly colour: boolean;
  /** Where the report's files are, as the user would type it; absent: they were not written. */
  readonly directory: string | undefined;
  /** Names of those files. */
  readonly files: readonly string[];
}

/** The verdict on one scenario, on one screen of 80 columns. */
export function verdictText(run: FinishedRun, options: TextOptions): string {
  const style = options.colour ? coloured : plain;
  const blocks = [
    head(run, style),
    figures(run.analysis.workloads, style),
    ...run.analysis.workloads.map((workload) => finding(workload, run, style)),
    expectations(run, style),
    restsOn(run, style),
    lookAt(options, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head(run: FinishedRun, style: Styler): string[] {
  const { name, definition } = run.scenario;
  const lookups = run.analysis.workloads.reduce((sum, { summary }) => sum + summary.lookups, 0);
  const facts = `${counted(lookups, 'lookup')} in ${inSeconds(run.analysis.until)}, seed ${run.world.seed}, dnspath ${run.version}`;
  return [style('bold', name), ...wrap(definition.title, columns), style('dim', facts)];
}

function figures(workloads: readonly WorkloadAnalysis[], style: Styler): string[] {
  const [header = '', ...rows] = table([
    ['workload', 'lookups', 'failed', 'stale', 'stale for', 'p50', 'p99', 'max'],
    ...workloads.map(({ summary: { workload, lookups, failures, stale, latency } }) => [
      cut(workload, 18),
      String(lookups),
      String(failures.count),
      String(stale.count),
      stale.count === 0 ? '-' : inSeconds(stale.time),
      ...[latency.p50, latency.p99, latency.max].map(inMilliseconds),
    ]),
  ]);
  return [style('bold', header), ...rows, style('dim', 'p50, p99 and max: latency as one seed drew it.')];
}

/** What went wrong for a workload, why, and what ended it; nothing where nothing did. */
function finding(workload: WorkloadAnalysis, run: FinishedRun, style: Styler): string[] {
  const { summary, lookups, healed } = workload;
  const lastStale = lookups.findLast((lookup) => lookup.verdict === 'stale');
  const lead = `${summary.workload}  `;
  const lines: string[] = [];
  if (lastStale !== undefined) {
    const { sentence, holders } = run.analysis.why(lastStale);
    lines.push(...hanging(lead, staleSentence(summary), `${style('bold', summary.workload)}  `));
    if (holders.length === 0) lines.push(...hanging('  ', sentence));
    for (const [index, hop] of holders.entries()) {
      const who = hop.layer === 'jvm' ? `the JVM of ${hop.at}` : nameOf(hop);
      lines.push(...hanging(index === 0 ? '  held by  ' : '    from   ', `${who}: ${entryInShort(hop)}`));
    }
  }
  const failed = firstOfLongestOutage(summary);
  if (failed !== undefined) {
    lines.push(...hanging(lead, failureSentence(summary), `${style('bold', summary.workload)}  `));
    const causes = causesOf(lookups, run.analysis).map(({ cause, count }) => `${count} ${cause}`);
    lines.push(...hanging('  because  ', causes.join(', ')));
    lines.push(...hanging('           ', `at ${inSeconds(failed.start)}: ${run.analysis.why(failed).sentence}`));
  }
  const astray = workload.flows.filter((flow) => flow.astray);
  for (const flow of astray) lines.push(...hanging('  conntrack  ', storyOf(flow, run.store)));
  return [...lines, ...healed.flatMap((sentence) => hanging('  ', sentence))];
}

/** `10.0.0.1 until 91.5 s, 31.5 s after the change; 18.5 s in all, on and off.` */
function staleSentence({ stale }: WorkloadAnalysis['summary']): string {
  const onAndOff = stale.periods.length > 1 ? `; ${inSeconds(stale.time)} in all, on and off` : '';
  const after = inSeconds(stale.afterChange ?? 0);
  return `got ${stale.addresses.join(', ')} until ${inSeconds(stale.last ?? 0)}, ${after} after the change${onAndOff}.`;
}

/** `3 of 180 lookups failed, 71 s to 73 s, longest outage 3 s.` */
export function failureSentence({ failures, lookups }: WorkloadAnalysis['summary']): string {
  const { count, first, last, longestOutage } = failures;
  if (first === undefined || last === undefined) return `${counted(lookups, 'lookup')}, none failed.`;
  const when = first === last ? `at ${inSeconds(first)}` : `from ${inSeconds(first)} to ${inSeconds(last)}`;
  return `${count} of ${counted(lookups, 'lookup')} failed, ${when}; longest outage ${inSeconds(longestOutage)}.`;
}

function expectations(run: FinishedRun, style: Styler): string[] {
  if (run.expectations.length === 0) return [];
  const lines = run.expectations.flatMap(({ met, knownLimit, workload, expected, reason }) => {
    const [word, colour] = met
      ? (['met    ', 'green'] as const)
      : knownLimit === undefined
        ? (['NOT MET', 'red'] as const)
        : (['limit  ', 'yellow'] as const);
    const limit = met || knownLimit === undefined ? '' : ` Known limit: ${knownLimit}.`;
    const short = met ? (reason.split(';')[0] ?? '') : reason;
    const text = `${workload}: ${expected}: ${short.replace(/\.$/, '')}.${limit}`;
    return hanging(`  ${word}  `, text, `  ${style(colour, word)}  `);
  });
  return [style('bold', 'expectations'), ...lines];
}

function restsOn(run: FinishedRun, style: Styler): string[] {
  const assumed = run.assumptions.map(({ what, value }) => `${what} ${value}`);
  const lines = assumed.length === 0 ? [] : hanging('  ', `${assumed.join('; ')}.`);
  const left = run.notModelled.length === 0 ? [] : hanging('  not modelled: ', run.notModelled.join('; '));
  return lines.length + left.length === 0 ? [] : [style('bold', 'rests on defaults'), ...lines, ...left];
}

/** What is in which file; others are only named in the directory. */
const contents: readonly (readonly [string, string])[] = [
  ['lookups.svg', 'who got what, when'],
  ['journey.svg', 'one lookup hop by hop'],
  ['flows.svg', 'lives of conntrack entries'],
  ['upstream.svg', 'how often each upstream was tried'],
  ['conntrack.txt', 'as conntrack -E and -L print them'],
  ['tcpdump.txt', 'as tcpdump -n prints it'],
  ['coredns.log', 'what CoreDNS prints'],
  ['timeline.csv', 'every lookup and its reason'],
];

function lookAt({ directory, files }: TextOptions, style: Styler): string[] {
  if (directory === undefined) return [];
  const known = contents.filter(([name]) => files.includes(name)).map(([name, what]) => `${name} (${what})`);
  return [`${style('bold', 'look at')}  ${directory}/`, ...hanging('  ', known.join(', '))];
}

import { isNotModelled } from '../scenario/scenario.ts';
import type { FinishedRun } from '../study/run.ts';
import type { WorkloadAnalysis } from '../trace/analysis.ts';
import { inMilliseconds, inSeconds, shortPlace } from '../trace/words.ts';
import { closeCalls } from './close-calls.ts';
import { type Finding, findingsOf, type Lead, waitingFinding } from './finding.ts';
import { lookAt, type Written } from './look-at.ts';
import { runHead } from './run-head.ts';
import { sideBySide, sideTables } from './side-by-side.ts';
import { coloured, hanging, inBlocks, narrowTable, plain, type Styler } from './terminal.ts';

export interface TextOptions extends Written {
  readonly colour: boolean;
}

/** The verdict on one scenario, on one screen of 80 columns. */
export function verdictText(run: FinishedRun, options: TextOptions): string {
  const style = options.colour ? coloured : plain;
  const blocks = [
    runHead(run, style),
    figures(run.analysis.workloads, style),
    clients(run, style),
    ...run.analysis.workloads.map((workload) => finding(workload, run, style)),
    nearMisses(run, style),
    expectations(run, style),
    restsOn(run, style),
    remarks(run, style),
    lookAt(withContents(options), style),
  ];
  return inBlocks(blocks);
}

function figures(workloads: readonly WorkloadAnalysis[], style: Styler): string[] {
  const [header = '', ...rows] = narrowTable([
    ['workload', 'lookups', 'failed', 'stale', 'stale for', 'p50', 'p99', 'max'],
    ...workloads.map(({ summary: { workload, lookups, failures, stale, latency } }) => [
      workload,
      String(lookups),
      String(failures.count),
      String(stale.count),
      stale.count === 0 ? '-' : inSeconds(stale.time),
      ...[latency.p50, latency.p99, latency.max].map(inMilliseconds),
    ]),
  ]);
  return [style('bold', header), ...rows, style('dim', 'p50, p99 and max: latency as one seed drew it.')];
}

/** The same lookup by clients that differ. */
function clients(run: FinishedRun, style: Styler): string[] {
  const side = sideBySide(run);
  if (side === undefined) return [];
  const tables = sideTables(side).flatMap((rows, index) => {
    const [header = '', ...lines] = narrowTable(rows);
    return [...(index === 0 ? [] : ['']), style('bold', header), ...lines];
  });
  const legend = 'How long each lookup took, ! where it failed; in brackets: queries that it sent.';
  return [...tables, style('dim', legend)];
}

/** How a reason is led in; all of one width where they stand below each other. */
const leads: Readonly<Record<Lead, string>> = {
  why: '  ',
  'held by': '  held by  ',
  from: '    from   ',
  because: '  because  ',
  'such as': '  such as  ',
  'that is': '  that is  ',
  conntrack: '  conntrack  ',
};

/** What went wrong for a workload, why, and what ended it; nothing where nothing did. */
function finding(workload: WorkloadAnalysis, run: FinishedRun, style: Styler): string[] {
  const { summary, healed } = workload;
  const told = ({ text, because }: Finding) => [
    ...(text === '' ? [] : hanging(`${summary.workload}  `, text, `${style('bold', summary.workload)}  `)),
    ...because.flatMap((reason) => hanging(leads[reason.lead], reason.text)),
  ];
  return [
    ...findingsOf(workload, run).flatMap(told),
    ...healed.flatMap((sentence) => hanging('  ', sentence)),
    ...waitingFinding(workload).flatMap(told),
  ];
}

function nearMisses(run: FinishedRun, style: Styler): string[] {
  const told = closeCalls(run).flatMap((text) => hanging('  ', text));
  return told.length === 0 ? [] : [style('bold', 'came close'), ...told];
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

/** On a screen, at most; summary.json has them all. */
const mostRemarks = 8;

/** What in the operator's own files has no effect, or another one than it says. */
function remarks({ scenario }: FinishedRun, style: Styler): string[] {
  const own = scenario.remarks.filter((remark) => !isNotModelled(remark));
  if (own.length === 0) return [];
  const lines = own
    .slice(0, mostRemarks)
    .flatMap(({ message, file, line }) => hanging('  ', `${message} (${shortPlace(`${file}:${line}`)})`));
  const left = own.length - mostRemarks;
  return [style('bold', 'remarks'), ...lines, ...(left > 0 ? [`  ${left} more in summary.json`] : [])];
}

/** What is in which file; others are only named in the directory. */
const contents: readonly (readonly [string, string])[] = [
  ['report.html', 'all of it, to step through in a browser'],
  ['lookups.svg', 'who got what, when'],
  ['journey.svg', 'one lookup hop by hop'],
  ['clients.svg', 'the same lookup by each client'],
  ['flows.svg', 'lives of conntrack entries'],
  ['upstream.svg', 'how often each upstream was tried'],
  ['conntrack.txt', 'as conntrack -E and -L print them'],
  ['ipvs.txt', 'as ipvsadm -Ln and -Lnc print them'],
  ['iptables-save.txt', 'rules and what they counted'],
  ['commands.txt', 'what commands of the schedule printed'],
  ['kernel.log', 'as dmesg prints it'],
  ['tcpdump.txt', 'as tcpdump -n prints it'],
  ['coredns.log', 'what CoreDNS prints'],
  ['timeline.csv', 'every lookup and its reason'],
];

/** The files that are worth a look, each with what it holds. */
function withContents({ directory, files }: Written): Written {
  const known = contents.filter(([name]) => files.includes(name)).map(([name, what]) => `${name} (${what})`);
  return { directory, files: known };
}

import type { FinishedRun } from '../study/run.ts';
import { alikeLookups } from './alike.ts';
import { coreDnsLogText, coreDnsMetricsText, rulesText, tcpdumpText } from './captures.ts';
import { chartFiles } from './charts/charts.ts';
import { conntrackText, ipvsText, keepsToOnePort } from './conntrack.ts';
import { writeEvents } from './events.ts';
import { commandsText, kernelLogText } from './machines.ts';
import type { ReportFile } from './report-file.ts';
import { summaryOf } from './summary.ts';
import { timeline } from './timeline.ts';

/** The files of a run's report. */
export async function writeReport(
  run: FinishedRun,
  options: { readonly charts: boolean; readonly allEvents: boolean },
): Promise<ReportFile[]> {
  const { captures } = run.scenario.definition;
  const wanted = () =>
    options.allEvents ? 'all' : { alike: alikeLookups(run.analysis).map((all) => all.map(({ trace }) => trace)) };
  return [
    { name: 'summary.json', content: `${JSON.stringify(summaryOf(run), null, 1)}\n` },
    { name: 'timeline.csv', content: timeline(run.analysis) },
    ...(keepsToOnePort(run) || captures.includes('conntrack')
      ? [{ name: 'conntrack.txt', content: conntrackText(run) }, ...given('ipvs.txt', ipvsText(run))]
      : []),
    ...given('commands.txt', commandsText(run)),
    ...given('kernel.log', kernelLogText(run)),
    ...(captures.includes('iptables') ? [{ name: 'iptables-save.txt', content: rulesText(run) }] : []),
    ...(captures.includes('tcpdump') ? [{ name: 'tcpdump.txt', content: tcpdumpText(run) }] : []),
    ...(captures.includes('coredns-log') ? [{ name: 'coredns.log', content: coreDnsLogText(run) }] : []),
    ...(captures.includes('coredns-metrics')
      ? [{ name: 'coredns-metrics.txt', content: coreDnsMetricsText(run) }]
      : []),
    { name: 'events.jsonl', content: (take) => writeEvents(run.store, wanted(), take) },
    ...(options.charts ? [...(await chartFiles(run)), { name: 'report.html', content: await pageOf(run) }] : []),
  ];
}

/** A file only where there is something to say. */
function given(name: string, content: string): ReportFile[] {
  return content === '' ? [] : [{ name, content }];
}

/** The page is loaded when one is wanted: most of it is a script for browsers. */
async function pageOf(run: FinishedRun): Promise<string> {
  const { reportHtml } = await import('./html/page.ts');
  return reportHtml(run);
}

import { chartFiles } from './charts/charts.ts';
import { eventLines } from './events.ts';
import type { FinishedRun, ReportFile } from './run.ts';
import { summaryOf } from './summary.ts';
import { timeline } from './timeline.ts';

/** Names of all files that a report may have: what an earlier report left under these names is ours. */
export const reportFileNames = [
  'summary.json',
  'timeline.csv',
  'events.jsonl',
  'lookups.svg',
  'lookups.vl.json',
  'journey.svg',
  'journey.vl.json',
] as const;

/** The files of a run's report, in memory. */
export async function writeReport(run: FinishedRun, options: { readonly charts: boolean }): Promise<ReportFile[]> {
  return [
    { name: 'summary.json', content: `${JSON.stringify(summaryOf(run), null, 1)}\n` },
    { name: 'timeline.csv', content: timeline(run.analysis) },
    { name: 'events.jsonl', content: [...eventLines(run.store)].join('') },
    ...(options.charts ? await chartFiles(run) : []),
  ];
}

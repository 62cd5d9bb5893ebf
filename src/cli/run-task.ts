import type { FinishedRun, Scenario } from '../index.ts';
import type { ReportFile } from '../report/report-file.ts';
import { differences } from './determinism.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { cannotWrite, writeFiles } from './output-directory.ts';

/** How scenarios are run. */
export interface RunOptions {
  readonly seed: string | undefined;
  /** Names of captures, as typed. */
  readonly captures: readonly string[];
  readonly checkDeterminism: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly charts: boolean;
  readonly allEvents: boolean;
}

/** A scenario to run, as it can be sent to another thread. */
export interface RunTask {
  readonly scenario: Scenario;
  readonly options: RunOptions;
  /** Where the report's files are put. */
  readonly into: string;
  /** Where they will be, as the user would type it. */
  readonly directory: string;
  readonly colour: boolean;
}

/** What came of it, to be sent back. */
export interface RunOutcome {
  readonly code: ExitCode;
  /** Names of the report's files; undefined: they could not be written. */
  readonly files: readonly string[] | undefined;
  /** For standard output and error. */
  readonly shown: readonly string[];
  readonly complaints: readonly string[];
}

/** Runs a scenario, and again where that is to be compared; writes the report's files; puts the verdict into words. */
export async function runTask({ scenario, options, into, directory, colour }: RunTask): Promise<RunOutcome> {
  const [run, files] = await report(scenario, options);
  const differing = options.checkDeterminism ? differences(files, (await report(scenario, options))[1]) : [];
  let names: string[];
  try {
    names = writeFiles(into, files);
  } catch (error) {
    return { code: exitCode.badInput, files: undefined, shown: [], complaints: [cannotWrite(directory, error)] };
  }
  const met = run.expectations.every((expectation) => expectation.met || expectation.knownLimit !== undefined);
  const shown = options.quiet && met ? [] : [await verdictOf(run, { colour, directory, files: names }, options)];
  if (differing.length > 0) {
    const complaint = `dnspath: two runs of ${scenario.name} with one seed differ:\n  ${differing.join('\n  ')}`;
    return { code: exitCode.defect, files: names, shown, complaints: [complaint] };
  }
  if (options.checkDeterminism && !options.quiet && !options.json) {
    shown.push(`two runs wrote the same bytes: ${names.join(', ')}\n`);
  }
  return { code: met ? exitCode.fine : exitCode.expectationFailed, files: names, shown, complaints: [] };
}

async function report(scenario: Scenario, options: RunOptions): Promise<[FinishedRun, ReportFile[]]> {
  const { run, isCaptureName } = await import('../index.ts');
  const { writeReport } = await import('../report/write-report.ts');
  const { seed, charts, allEvents } = options;
  const captures = options.captures.filter(isCaptureName);
  const finished = run(scenario, seed === undefined ? { captures } : { seed, captures });
  return [finished, await writeReport(finished, { charts, allEvents })];
}

async function verdictOf(
  run: FinishedRun,
  shown: { readonly colour: boolean; readonly directory: string; readonly files: readonly string[] },
  { json }: RunOptions,
): Promise<string> {
  if (json) {
    const { summaryOf } = await import('../report/summary.ts');
    return JSON.stringify(summaryOf(run));
  }
  const { verdictText } = await import('../report/text.ts');
  return verdictText(run, shown);
}

import { join } from 'node:path';
import type { FinishedRun, Scenario } from '../index.ts';
import { didYouMean } from '../problem/suggestion.ts';
import type { ReportFile } from '../report/report-file.ts';
import { differences } from './determinism.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { loadOrComplain } from './load-scenarios.ts';
import { cannotWrite, OutputDirectory } from './output-directory.ts';
import type { Terminal } from './terminal.ts';

/** What `dnspath run` was asked for. */
interface RunRequest {
  /** Directories or scenario files, as typed. */
  readonly scenarios: readonly string[];
  readonly seed: string | undefined;
  readonly out: string | undefined;
  /** Names of captures, as typed. */
  readonly captures: readonly string[];
  readonly checkDeterminism: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly charts: boolean;
  readonly allEvents: boolean;
}

/** A scenario with the place where its report will be. */
interface Job {
  readonly scenario: Scenario;
  /** As the user would type it. */
  readonly directory: string;
  readonly output: OutputDirectory;
}

/** Loads everything before anything runs: mistakes in the input leave nothing behind. */
export async function runScenarios(request: RunRequest, terminal: Terminal): Promise<ExitCode> {
  const { captureNames, isCaptureName } = await import('../index.ts');
  const unknown = request.captures.filter((word) => !isCaptureName(word));
  for (const word of unknown) {
    terminal.complain(`dnspath: unknown capture "${word}"; ${didYouMean(word, captureNames, 'captures')}`);
  }
  const scenarios = await loadOrComplain(request.scenarios, terminal);
  if (unknown.length > 0) return exitCode.badInput;
  const jobs = scenarios === undefined ? undefined : openOutputs(scenarios, request.out, terminal);
  if (jobs === undefined) return exitCode.badInput;
  let worst: ExitCode = exitCode.fine;
  try {
    for (const job of jobs) {
      const code = await runJob(job, request, terminal);
      if (code > worst) worst = code;
    }
  } finally {
    for (const { output } of jobs) output.abandon();
  }
  return worst;
}

/** A place for every report, all of them or none. */
function openOutputs(scenarios: readonly Scenario[], out: string | undefined, terminal: Terminal): Job[] | undefined {
  const jobs: Job[] = [];
  const mistakes: string[] = [];
  for (const scenario of scenarios) {
    const directory = directoryFor(scenario, scenarios.length, out);
    const twin = jobs.find((job) => job.directory === directory);
    if (twin !== undefined) {
      mistakes.push(
        `${twin.scenario.file} and ${scenario.file} would both write to ${directory}/; rename one, or run it with --out`,
      );
      continue;
    }
    try {
      jobs.push({ scenario, directory, output: new OutputDirectory(directory) });
    } catch (error) {
      mistakes.push(cannotWrite(directory, error));
    }
  }
  if (mistakes.length === 0) return jobs;
  for (const { output } of jobs) output.abandon();
  for (const mistake of mistakes) terminal.complain(mistake);
  return undefined;
}

function directoryFor({ name }: Scenario, count: number, out: string | undefined): string {
  if (out === undefined) return join('reports', name);
  return count === 1 ? join(out) : join(out, name);
}

async function runJob(
  { scenario, directory, output }: Job,
  request: RunRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  const [run, files] = await report(scenario, request);
  const verdict = request.checkDeterminism ? differences(files, (await report(scenario, request))[1]) : [];
  const { reportFileNames } = await import('../report/write-report.ts');
  try {
    output.publish(files, (name) => reportFileNames.some((ours) => ours === name));
  } catch (error) {
    terminal.complain(cannotWrite(directory, error));
    return exitCode.badInput;
  }
  const met = run.expectations.every((expectation) => expectation.met || expectation.knownLimit !== undefined);
  if (!request.quiet || !met) terminal.print(await verdictOf(run, files, directory, request, terminal));
  if (verdict.length > 0) {
    terminal.complain(`dnspath: two runs of ${scenario.name} with one seed differ:\n  ${verdict.join('\n  ')}`);
    return exitCode.defect;
  }
  if (request.checkDeterminism && !request.quiet && !request.json) {
    terminal.print(`two runs wrote the same bytes: ${files.map(({ name }) => name).join(', ')}\n`);
  }
  return met ? exitCode.fine : exitCode.expectationFailed;
}

async function report(scenario: Scenario, request: RunRequest): Promise<[FinishedRun, ReportFile[]]> {
  const { run, isCaptureName } = await import('../index.ts');
  const { writeReport } = await import('../report/write-report.ts');
  const { seed, charts, allEvents } = request;
  const captures = request.captures.filter(isCaptureName);
  const finished = run(scenario, seed === undefined ? { captures } : { seed, captures });
  return [finished, await writeReport(finished, { charts, allEvents })];
}

async function verdictOf(
  run: FinishedRun,
  files: readonly ReportFile[],
  directory: string,
  { json }: RunRequest,
  { colour }: Terminal,
): Promise<string> {
  if (json) {
    const { summaryOf } = await import('../report/summary.ts');
    return JSON.stringify(summaryOf(run));
  }
  const { verdictText } = await import('../report/text.ts');
  return verdictText(run, { colour, directory, files: files.map(({ name }) => name) });
}

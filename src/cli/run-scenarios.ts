import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../index.ts';
import { didYouMean } from '../problem/suggestion.ts';
import { reportFileNames } from '../report/report-file.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { loadOrComplain } from './load-scenarios.ts';
import { cannotWrite, OutputDirectory } from './output-directory.ts';
import { type RunOptions, type RunOutcome, type RunTask, runTask } from './run-task.ts';
import type { Terminal } from './terminal.ts';

/** What `dnspath run` was asked for. */
interface RunRequest extends RunOptions {
  /** Directories or scenario files, as typed. */
  readonly scenarios: readonly string[];
  readonly out: string | undefined;
  /** Scenarios that run at once; undefined: as many as there are cores. */
  readonly jobs: number | undefined;
}

/** A scenario with the place where its report will be. */
interface Job {
  readonly scenario: Scenario;
  /** As the user would type it. */
  readonly directory: string;
  readonly output: OutputDirectory;
}

/**
 * Loads everything before anything runs: mistakes in the input leave nothing behind. `program`: what threads are started
 * with that run scenarios; undefined: they run here, one by one.
 */
export async function runScenarios(
  request: RunRequest,
  terminal: Terminal,
  program: URL | undefined,
): Promise<ExitCode> {
  const { captureNames, isCaptureName } = await import('../index.ts');
  const unknown = request.captures.filter((word) => !isCaptureName(word));
  for (const word of unknown) {
    terminal.complain(`dnspath: unknown capture "${word}"; ${didYouMean(word, captureNames, 'captures')}`);
  }
  const scenarios = await loadOrComplain(request.scenarios, terminal);
  if (unknown.length > 0) return exitCode.badInput;
  const jobs = scenarios === undefined ? undefined : openOutputs(scenarios, request.out, terminal);
  if (jobs === undefined) return exitCode.badInput;
  const { scenarios: _names, out: _out, jobs: atOnce, ...options } = request;
  const tasks = jobs.map(({ scenario, directory, output: { temporary: into } }) => {
    return { scenario, options, into, directory, colour: terminal.colour };
  });
  const threads = program === undefined ? 1 : Math.min(atOnce ?? availableParallelism(), tasks.length);
  const abandon = (): void => {
    for (const { output } of jobs) output.abandon();
  };
  const interrupt = (): void => {
    abandon();
    process.kill(process.pid, 'SIGINT');
  };
  // A reader of the output that goes away ends the process.
  process.once('exit', abandon);
  // While this thread itself runs scenarios it would hear of Ctrl-C too late: then the signal ends it as it is.
  if (threads > 1) process.once('SIGINT', interrupt);
  let worst: ExitCode = exitCode.fine;
  try {
    let next = 0;
    for await (const outcome of outcomesOf(tasks, threads, program)) {
      const job = jobs[next++];
      const code = job === undefined ? exitCode.defect : finish(job, outcome, terminal);
      if (code > worst) worst = code;
    }
  } finally {
    abandon();
    process.off('SIGINT', interrupt).off('exit', abandon);
  }
  return worst;
}

/** In the order of the tasks. */
async function* outcomesOf(
  tasks: readonly RunTask[],
  threads: number,
  program: URL | undefined,
): AsyncGenerator<RunOutcome> {
  if (program === undefined || threads < 2) {
    for (const task of tasks) yield await runTask(task);
    return;
  }
  const { inThreads } = await import('./threads.ts');
  yield* inThreads<RunTask, RunOutcome>(program, tasks, threads);
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

/** Shows the report and says what is to be said of it. */
function finish({ directory, output }: Job, outcome: RunOutcome, terminal: Terminal): ExitCode {
  if (outcome.files !== undefined) {
    try {
      output.publish(outcome.files, (name) => reportFileNames.some((ours) => ours === name));
    } catch (error) {
      terminal.complain(cannotWrite(directory, error));
      return exitCode.badInput;
    }
  }
  for (const text of outcome.shown) terminal.print(text);
  for (const text of outcome.complaints) terminal.complain(text);
  return outcome.code;
}

import { join } from 'node:path';
import type { Selection } from '../index.ts';
import { disk } from './disk.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { loadOrComplain } from './load-scenarios.ts';
import type { Terminal } from './terminal.ts';

/** What `dnspath explain` was asked for. */
interface ExplainRequest {
  /** A scenario, or the directory of a report, as typed. */
  readonly path: string;
  readonly seed: string | undefined;
  readonly json: boolean;
  readonly selection: Selection;
}

/** What an earlier run says of itself in its summary.json. */
interface Report {
  readonly file: string;
  readonly seed: string;
  readonly version: string | undefined;
  readonly world: string;
}

/** Runs a scenario, or that of a report anew, and prints why its lookups came out as they did. */
export async function explainRun(request: ExplainRequest, terminal: Terminal): Promise<ExitCode> {
  const { path, selection, json } = request;
  const report = readReport(path);
  if (typeof report === 'string') {
    terminal.complain(`dnspath: ${report}`);
    return exitCode.badInput;
  }
  const [scenario] = (await loadOrComplain([report?.file ?? path], terminal)) ?? [];
  if (scenario === undefined) return exitCode.badInput;
  const { explain, run, version } = await import('../index.ts');
  const seed = request.seed ?? report?.seed;
  const finished = run(scenario, seed === undefined ? {} : { seed });
  if (report !== undefined && request.seed === undefined && report.world !== worldText(finished.world)) {
    const isOther = report.version !== undefined && report.version !== version;
    const from = isOther ? `, and dnspath was ${report.version}` : '';
    terminal.complain(
      `dnspath: ${report.file} has changed since ${path} was written${from}: this explains it as it is now.`,
    );
  }
  const { stories, mistakes } = explain(finished, selection);
  for (const mistake of mistakes) terminal.complain(`dnspath: ${mistake}`);
  if (mistakes.length > 0) return exitCode.badInput;
  if (json) {
    const { explainJson } = await import('../report/explain-json.ts');
    terminal.print(JSON.stringify(explainJson(finished, stories)));
  } else {
    const { explainText } = await import('../report/explain-text.ts');
    terminal.print(explainText(finished, stories, terminal));
  }
  return exitCode.fine;
}

/** What a report says of the run that it is about; a sentence where it does not; undefined: it is no report. */
function readReport(path: string): Report | string | undefined {
  const file = disk.isDirectory(path) ? join(path, 'summary.json') : path;
  if (!file.endsWith('summary.json')) return undefined;
  const text = disk.read(file);
  if (text === undefined) return undefined;
  const summary = parse(text);
  const remedy = 'name the scenario itself';
  if (summary === undefined) return `${file} is not what dnspath run writes; ${remedy}`;
  const { file: scenario, seed, dnspath: version, resolved } = summary;
  if (typeof scenario !== 'string' || typeof seed !== 'string')
    return `${file} does not say which scenario was run; ${remedy}`;
  if (disk.read(scenario) === undefined) {
    return `${path} was made from ${scenario}, which is not there now; go to the directory where it was run, or ${remedy}`;
  }
  const { world } = fieldsOf(resolved) ?? {};
  return {
    file: scenario,
    seed,
    version: typeof version === 'string' ? version : undefined,
    world: worldText(world),
  };
}

/** A world to compare with another: where tcpdump ran beside it makes none of it. */
function worldText(world: unknown): string {
  return JSON.stringify(world, (key, value) => (key === 'captured' ? undefined : value)) ?? '';
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

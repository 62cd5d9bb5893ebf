import { basename, join } from 'node:path';
import type { Change, Refusal } from '../index.ts';
import type { Problem } from '../problem/problem.ts';
import { complainOf, inSum } from './complain.ts';
import { disk } from './disk.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { cannotWrite, OutputDirectory, writeFiles } from './output-directory.ts';
import { starterDirectory } from './starter.ts';
import type { Terminal } from './terminal.ts';

/** What `dnspath compare` was asked for. */
interface CompareRequest {
  /** Scenarios or Corefiles, as typed; without `b` it is `a` once more. */
  readonly a: string;
  readonly b: string | undefined;
  readonly corefile: string | undefined;
  readonly release: string | undefined;
  /** `path=value` each. */
  readonly set: readonly string[];
  readonly both: readonly string[];
  readonly seed: string | undefined;
  /** By how many seeds it is judged. */
  readonly seeds: number | undefined;
  readonly out: string | undefined;
  readonly failOnWorse: boolean;
  readonly json: boolean;
  readonly charts: boolean;
}

/** Runs both sides with the same seeds, prints what differs and writes the report. */
export async function compareRuns(request: CompareRequest, terminal: Terminal): Promise<ExitCode> {
  const { compareDrawn, loadSides, measuresDrawn, run } = await import('../index.ts');
  const sides = loadSides({ ...request, ...(await changesOf(request)), everyday: starterDirectory() }, disk);
  if ('texts' in sides) return refuse(sides, request, terminal);
  const directory = request.out ?? join('reports', `compare-${nameFor(request)}`);
  const output = openOutput(directory, terminal);
  if (output === undefined) return exitCode.badInput;
  try {
    const seed = request.seed ?? sides.a.definition.seed;
    const runner = { run, measures: measuresDrawn };
    const comparison = compareDrawn(sides.a, sides.b, { seed, seeds: request.seeds }, runner);
    const { compareFileNames, compareFiles } = await import('../report/compare/files.ts');
    const { surroundingsWords } = await import('../report/compare/words.ts');
    const options = { labels: labelsOf(request), surroundings: surroundingsWords(sides) };
    const files = await compareFiles(comparison, { ...options, charts: request.charts });
    const names = writeFiles(output.temporary, files);
    output.publish(names, (name) => compareFileNames.some((ours) => ours === name));
    if (request.json) {
      const { compareJson } = await import('../report/compare/json.ts');
      terminal.print(JSON.stringify(compareJson(comparison, options)));
    } else {
      const { compareText } = await import('../report/compare/text.ts');
      terminal.print(compareText(comparison, { ...options, colour: terminal.colour, directory, files: names }));
    }
    if (comparison.workloads.length === 0) return exitCode.badInput;
    const { worse, mixed } = comparison.verdict;
    return request.failOnWorse && worse.length + mixed.length > 0 ? exitCode.expectationFailed : exitCode.fine;
  } finally {
    output.abandon();
  }
}

async function changesOf(request: CompareRequest): Promise<{ inBoth: Change[]; inB: Change[] }> {
  const { corefileChange, releaseChange } = await import('../index.ts');
  const { corefile, release, set, both } = request;
  const settings = (file: string, lines: readonly string[]): Change[] =>
    lines.length === 0 ? [] : [{ kind: 'settings', file, lines }];
  return {
    inBoth: settings('--both', both),
    inB: [
      ...(corefile === undefined ? [] : [corefileChange(corefile)]),
      ...(release === undefined ? [] : [releaseChange(release)]),
      ...settings('--set', set),
    ],
  };
}

function labelsOf({ a, b, corefile, release, set, both }: CompareRequest): { readonly a: string; readonly b: string } {
  const option = (name: string, values: readonly string[]) => values.map((value) => ` --${name} ${value}`).join('');
  const own = `${option('corefile', corefile === undefined ? [] : [corefile])}${option('release', release === undefined ? [] : [release])}${option('set', set)}`;
  return { a: `${a}${option('both', both)}`, b: `${b ?? a}${option('both', both)}${own}` };
}

/** `a-record-failover-new.Corefile`, as good as a name of a directory can be. */
function nameFor({ a, b, corefile, release, set }: CompareRequest): string {
  const other = b ?? corefile ?? release ?? set[0] ?? '';
  return [a, other].map((path) => basename(path).replace(/[^A-Za-z0-9.-]+/g, '-')).join('-');
}

function openOutput(directory: string, terminal: Terminal): OutputDirectory | undefined {
  try {
    return new OutputDirectory(directory);
  } catch (error) {
    terminal.complain(cannotWrite(directory, error));
    return undefined;
  }
}

/** Codes of mistakes with which CoreDNS does not start. */
const startErrors: ReadonlySet<string> = new Set(['corefile-syntax', 'unknown-directive', 'corefile-setup']);

/** Says everything that is wrong; of a Corefile that CoreDNS refuses, what becomes of it in a cluster. */
function refuse({ a, b, texts }: Refusal, request: CompareRequest, terminal: Terminal): ExitCode {
  const key = (problem: Problem) => JSON.stringify(problem);
  const inA = new Set(a.map(key));
  const all = [...a, ...b.filter((problem) => !inA.has(key(problem)))];
  complainOf(all, texts, terminal);
  const refused = [a, b].map((problems) => problems.some(({ code }) => startErrors.has(code)));
  const labels = labelsOf(request);
  if (refused[1] === true && refused[0] !== true && a.length === 0) {
    terminal.complain(
      `B does not start, A does. B: ${labels.b}\n` +
        '  A pod that starts with it ends at once (CrashLoopBackOff). A pod that runs and\n' +
        '  has the reload plugin logs the error and keeps its old Corefile, until it is\n' +
        '  started anew.',
    );
  } else if (refused[0] === true && refused[1] !== true) {
    terminal.complain(`A does not start, B does. A: ${labels.a}`);
  } else if (refused[0] === true) terminal.complain('Neither A nor B starts.');
  terminal.complain(inSum(all.length, 'nothing was compared, nothing was written'));
  return exitCode.badInput;
}

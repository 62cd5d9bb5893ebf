import type { CheckOptions } from '../index.ts';
import { knownReleases } from '../problem/suggestion.ts';
import { complainOf } from './complain.ts';
import { disk } from './disk.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What `dnspath check` was asked for. */
interface CheckRequest {
  readonly paths: readonly string[];
  readonly release: string | undefined;
  readonly from: string | undefined;
  readonly kind: string | undefined;
  readonly format: string;
}

/** Checks the files and prints what was found; what cannot be read is told apart, on standard error. */
export async function checkAndPrint(request: CheckRequest, terminal: Terminal): Promise<ExitCode> {
  const options = await optionsOf(request, terminal);
  if (options === undefined) return exitCode.badInput;
  const { checkFiles } = await import('../index.ts');
  const report = checkFiles(request.paths, disk, options);
  complainOf(report.unreadable, report.texts, terminal);
  if (request.format === 'json') {
    const { checkJson } = await import('../report/check/json.ts');
    terminal.print(JSON.stringify(checkJson(report), null, 2));
  } else if (request.format === 'sarif') {
    const { checkSarif } = await import('../report/check/sarif.ts');
    terminal.print(JSON.stringify(checkSarif(report), null, 2));
  } else if (report.files.length > 0) {
    const { checkText } = await import('../report/check/text.ts');
    const { coloured, plain } = await import('../report/terminal.ts');
    terminal.print(checkText(report, terminal.colour ? coloured : plain));
  }
  if (report.unreadable.length > 0) return exitCode.badInput;
  const isBad = report.files.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  return isBad ? exitCode.expectationFailed : exitCode.fine;
}

/** Names of releases and kinds as the library knows them; mistakes are told, all at once. */
async function optionsOf({ release, from, kind }: CheckRequest, terminal: Terminal): Promise<CheckOptions | undefined> {
  const { fileKinds, isReleaseName, releaseNames } = await import('../index.ts');
  const mistakes: string[] = [];
  const releaseIn = (name: string | undefined) => {
    if (name === undefined || isReleaseName(name)) return name;
    mistakes.push(`CoreDNS ${name} is not modelled; ${knownReleases(name, releaseNames)}`);
    return undefined;
  };
  const known = fileKinds.find((one) => one === kind);
  if (kind !== undefined && known === undefined) mistakes.push(`--kind ${kind} is none of ${fileKinds.join(', ')}`);
  const [then, next] = [releaseIn(from), releaseIn(release)];
  for (const mistake of mistakes) terminal.complain(`dnspath: ${mistake}`);
  if (mistakes.length > 0) return undefined;
  return {
    ...(next === undefined ? {} : { release: next }),
    ...(then === undefined ? {} : { from: then }),
    ...(known === undefined ? {} : { kind: known }),
  };
}

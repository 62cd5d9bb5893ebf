import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { disk } from './disk.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { cannotWrite, makeDirectories, whyNotWritten } from './output-directory.ts';
import { starterDirectory } from './starter.ts';
import type { Terminal } from './terminal.ts';

const schemaName = 'scenario.schema.json';

/** Prints the schema, or writes it to a file. */
export async function writeSchema(file: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const schema = await schemaText();
  if (file === undefined) {
    terminal.print(schema.trimEnd());
    return exitCode.fine;
  }
  try {
    writeFileSync(file, schema);
  } catch (error) {
    terminal.complain(`dnspath: cannot write ${file}: ${whyNotWritten(error)}; name another file`);
    return exitCode.badInput;
  }
  return exitCode.fine;
}

/** What the cluster runs: Corefiles, as typed. */
interface Runs {
  readonly corefile: string | undefined;
  readonly nodeLocal: string | undefined;
}

/** Writes the scenario to start from, all of it or nothing, fitted to what the cluster runs. */
export async function writeStarter(directory: string, runs: Runs, terminal: Terminal): Promise<ExitCode> {
  const starter = await starterFor(runs);
  if (typeof starter === 'string') {
    terminal.complain(starter);
    return exitCode.badInput;
  }
  const { files, said } = starter;
  const obstacle = writeAll(files, directory);
  if (obstacle !== undefined) {
    terminal.complain(obstacle);
    return exitCode.badInput;
  }
  const next = runs.corefile === undefined ? ', then put your own Corefile into it' : '';
  const { hanging } = await import('../report/terminal.ts');
  const sentences = [
    `Wrote to ${directory}/: ${[...files.keys()].join(', ')}.`,
    ...said,
    `Next: dnspath run ${directory}${next}.`,
  ];
  terminal.print(sentences.flatMap((sentence) => hanging('', sentence)).join('\n'));
  return exitCode.fine;
}

interface Starter {
  /** Texts by name. */
  readonly files: ReadonlyMap<string, string>;
  /** What was fitted, in sentences. */
  readonly said: readonly string[];
}

/** The starter's files, around the Corefiles that were given; a text: why not. */
async function starterFor(runs: Runs): Promise<Starter | string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(starterDirectory()).sort()) {
    const text = readFileSync(join(starterDirectory(), name), 'utf8');
    files.set(name, text.replace('$schema=../schema/', '$schema=./'));
  }
  files.set(schemaName, await schemaText());
  const { corefile, nodeLocal } = runs;
  if (corefile === undefined && nodeLocal === undefined) return { files, said: [] };
  const { writtenAround } = await import('../index.ts');
  const scenario = files.get('scenario.yaml') ?? '';
  const fitted = writtenAround(runs, { everyday: starterDirectory(), scenario }, disk);
  if ('message' in fitted) {
    const option = fitted.file === nodeLocal ? '--node-local' : '--corefile';
    return `dnspath: ${option} ${fitted.file}: ${[fitted.message, fitted.hint].filter(Boolean).join('; ')}`;
  }
  for (const [name, text] of fitted.files) files.set(name, text);
  return { files, said: fitted.said };
}

/** Writes all files or none; the text: why none. */
function writeAll(files: ReadonlyMap<string, string>, directory: string): string | undefined {
  const present = [...files.keys()].filter((name) => existsSync(join(directory, name)));
  if (present.length > 0) {
    const are = present.length === 1 ? 'is' : 'are';
    return `dnspath: ${present.join(', ')} ${are} in ${directory}/ already: nothing was written; name another directory`;
  }
  const written: string[] = [];
  let made: string | undefined;
  try {
    made = makeDirectories(resolve(directory));
    for (const [name, text] of files) {
      writeFileSync(join(directory, name), text, { flag: 'wx' });
      written.push(name);
    }
    return undefined;
  } catch (error) {
    for (const name of written) rmSync(join(directory, name));
    if (made !== undefined) rmSync(made, { recursive: true });
    return cannotWrite(directory, error, 'name another directory');
  }
}

async function schemaText(): Promise<string> {
  const { scenarioJsonSchema } = await import('../index.ts');
  return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
}

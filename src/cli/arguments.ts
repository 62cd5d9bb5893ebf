import yargs, { type Argv } from 'yargs';
import { nearestWord } from '../problem/suggestion.ts';

export interface RunCommand {
  readonly kind: 'run';
  /** Directories or scenario files, as typed. */
  readonly scenarios: readonly string[];
  readonly seed: string | undefined;
  readonly out: string | undefined;
  readonly checkDeterminism: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly charts: boolean;
}

/** What a command line asks for. `mistakes`: one sentence each, all at once. */
export type Command =
  | RunCommand
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[]; readonly help: string };

const commands = ['run'];

const runOptions = {
  seed: { type: 'string', describe: "Seed of all random draws instead of the scenario's own" },
  out: { type: 'string', describe: 'Directory for the report [default: reports/NAME]' },
  'check-determinism': { type: 'boolean', describe: 'Run everything twice and compare every byte' },
  quiet: { type: 'boolean', describe: 'Print only what is not as expected' },
  json: { type: 'boolean', describe: 'Print the summary as JSON' },
  'no-charts': { type: 'boolean', describe: 'Leave the charts out (faster)' },
} as const;

const optionNames = [...Object.keys(runOptions), 'help', 'version'];

function parser(argv: readonly string[], version: string): Argv {
  return yargs([...argv])
    .scriptName('dnspath')
    .usage(
      '$0 COMMAND\n\nSimulates the path of DNS queries in a Kubernetes cluster: who resolves what,\nwhen, how long it takes, what breaks, and why.',
    )
    .command('run [scenario..]', 'Run scenarios: print the verdicts, write the reports', (run) =>
      run
        .usage('$0 run SCENARIO…\n\nSCENARIO is a directory with a scenario.yaml, or such a file.')
        .positional('scenario', { type: 'string', array: true, describe: 'Directory or scenario.yaml' })
        .options(runOptions)
        .example('$0 run scenarios/a-record-failover', 'verdict here, report in reports/a-record-failover/')
        .example('$0 run mine.yaml --seed 7 --out /tmp/report', 'other draws, other place')
        .example('$0 run mine.yaml --check-determinism', 'two runs, the same bytes?')
        .epilogue('Exit codes: 0 fine, 1 an expectation is not met, 2 bad input, 70 a defect.'),
    )
    .example('$0 run scenarios/a-record-failover', 'who got the old address until when, and why')
    .example('$0 run --help', 'all options')
    .version(version)
    .help()
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .detectLocale(false)
    .wrap(80)
    .exitProcess(false);
}

function unknown(what: string, word: string, prefix: string, known: readonly string[]): string {
  const suggestion = nearestWord(word, known);
  return `unknown ${what} ${prefix}${word}${suggestion === undefined ? '' : `; did you mean ${prefix}${suggestion}?`}`;
}

function unknownOptions(parsed: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(parsed)
    .filter((key) => !['_', '$0', 'scenario', ...optionNames].includes(key))
    .map((key) => unknown('option', key, key.length === 1 ? '-' : '--', optionNames));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** A flag may be repeated; the last one counts. */
const flag = (value: unknown): boolean => [value].flat().at(-1) === true;

/** Reads a command line (without `node` and the script). Prints nothing, exits never. */
export function parseArguments(argv: readonly string[], version: string): Command {
  let output = '';
  let failure = '';
  let parsed: Readonly<Record<string, unknown>> = {};
  parser(argv, version).parse([...argv], {}, (error: Error | undefined, result: object, printed: string) => {
    output = printed;
    failure = error?.message ?? '';
    parsed = { ...result };
  });
  const words = Array.isArray(parsed._) ? parsed._.map(String) : [];
  const named = Array.isArray(parsed.scenario) ? parsed.scenario.map(String) : [];
  const scenarios = [...named, ...words.slice(1)];
  const command = words[0];
  const help = command === 'run' ? 'dnspath run --help' : 'dnspath --help';

  if (failure !== '') return { kind: 'mistakes', mistakes: [failure], help };
  if (output !== '') return { kind: 'print', text: output };
  const mistakes = unknownOptions(parsed);
  if (command === undefined) mistakes.unshift('a command is missing');
  else if (!commands.includes(command)) mistakes.unshift(unknown('command', command, '', commands));
  else if (scenarios.length === 0)
    mistakes.push('run needs a scenario: a directory with a scenario.yaml, or such a file');
  for (const name of ['seed', 'out']) {
    if (parsed[name] === '') mistakes.push(`--${name} needs a value`);
    else if (Array.isArray(parsed[name])) mistakes.push(`--${name} is given more than once`);
  }
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes, help };
  return {
    kind: 'run',
    scenarios,
    seed: text(parsed.seed),
    out: text(parsed.out),
    checkDeterminism: flag(parsed['check-determinism']),
    quiet: flag(parsed.quiet),
    json: flag(parsed.json),
    charts: !flag(parsed['no-charts']),
  };
}

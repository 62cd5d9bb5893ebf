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

const runOptions = {
  seed: { type: 'string', describe: "Seed of all random draws instead of the scenario's own" },
  out: { type: 'string', describe: 'Directory for the report [default: reports/NAME]' },
  'check-determinism': { type: 'boolean', describe: 'Run everything twice and compare every byte' },
  quiet: { type: 'boolean', describe: 'Print only what is not as expected' },
  json: { type: 'boolean', describe: 'Print the summary as JSON' },
  'no-charts': { type: 'boolean', describe: 'Leave the charts out (faster)' },
} as const;

const about =
  'Simulates the path of DNS queries in a Kubernetes cluster: who resolves what,\nwhen, how long it takes, what breaks, and why.';
const needsScenario = 'run needs a scenario: a directory with a scenario.yaml, or such a file';

/** What yargs made of a command line: its words and options, or what it would have printed. */
interface Parsed {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: string;
  readonly failure: string;
}

/**
 * A parser that prints nothing and exits never. Each command has one of its own, rather than being a command of yargs:
 * yargs would lay out its help before running it, which takes longer than reading a scenario.
 */
function parseWith(argv: readonly string[], version: string, describe: (parser: Argv) => Argv): Parsed {
  let parsed: Parsed = { words: [], options: {}, output: '', failure: '' };
  const parser = describe(yargs().scriptName('dnspath'))
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
  parser.parse([...argv], {}, (error: Error | undefined, result: object, output: string) => {
    const { _: words, $0: _name, ...options }: Record<string, unknown> = { ...result };
    parsed = { words: Array.isArray(words) ? words.map(String) : [], options, output, failure: error?.message ?? '' };
  });
  return parsed;
}

const describeAll = (parser: Argv): Argv =>
  parser
    .usage(`$0 COMMAND\n\n${about}`)
    .command('run', 'Run scenarios: print the verdicts, write the reports')
    .example('$0 run scenarios/a-record-failover', 'who got the old address until when, and why')
    .example('$0 run --help', 'all options');

const describeRun = (parser: Argv): Argv =>
  parser
    .usage('$0 run SCENARIO…\n\nSCENARIO is a directory with a scenario.yaml, or such a file.')
    .options(runOptions)
    .example('$0 run scenarios/a-record-failover', 'verdict here, report in reports/a-record-failover/')
    .example('$0 run mine.yaml --seed 7 --out /tmp/report', 'other draws, other place')
    .example('$0 run mine.yaml --check-determinism', 'two runs, the same bytes?')
    .epilogue('Exit codes: 0 fine, 1 an expectation is not met, 2 bad input, 70 a defect.');

function unknown(what: string, word: string, prefix: string, known: readonly string[]): string {
  const suggestion = nearestWord(word, known);
  return `unknown ${what} ${prefix}${word}${suggestion === undefined ? '' : `; did you mean ${prefix}${suggestion}?`}`;
}

function unknownOptions(options: Readonly<Record<string, unknown>>): string[] {
  const known = [...Object.keys(runOptions), 'help', 'version'];
  return Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => unknown('option', key, key.length === 1 ? '-' : '--', known));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** A flag may be repeated; the last one counts. */
const flag = (value: unknown): boolean => [value].flat().at(-1) === true;

/** Reads a command line (without `node` and the script). Prints nothing, exits never. */
export function parseArguments(argv: readonly string[], version: string): Command {
  return argv[0] === 'run' ? parseRun(argv.slice(1), version) : parseOthers(argv, version);
}

function parseOthers(argv: readonly string[], version: string): Command {
  const { words, options, output, failure } = parseWith(argv, version, describeAll);
  if (failure === '' && output !== '') return { kind: 'print', text: output };
  const [command] = words;
  let mistake = failure;
  if (argv.includes('run')) mistake = 'the command comes first: dnspath run …';
  else if (command === undefined) mistake ||= 'a command is missing';
  else mistake ||= unknown('command', command, '', ['run']);
  return { kind: 'mistakes', mistakes: [mistake, ...unknownOptions(options)], help: 'dnspath --help' };
}

function parseRun(argv: readonly string[], version: string): Command {
  const { words, options, output, failure } = parseWith(argv, version, describeRun);
  if (failure === '' && output !== '') return { kind: 'print', text: output };
  const mistakes = [...(failure === '' ? [] : [failure]), ...unknownOptions(options)];
  if (words.length === 0) mistakes.push(needsScenario);
  for (const name of ['seed', 'out']) {
    if (options[name] === '') mistakes.push(`--${name} needs a value`);
    else if (Array.isArray(options[name])) mistakes.push(`--${name} is given more than once`);
  }
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes, help: 'dnspath run --help' };
  return {
    kind: 'run',
    scenarios: words,
    seed: text(options.seed),
    out: text(options.out),
    checkDeterminism: flag(options['check-determinism']),
    quiet: flag(options.quiet),
    json: flag(options.json),
    charts: !flag(options['no-charts']),
  };
}

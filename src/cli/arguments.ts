import yargs, { type Argv } from 'yargs';
import { nearestWord } from '../problem/suggestion.ts';
import type { Command, Given, Option } from './commands/command.ts';
import { commands } from './commands/table.ts';

/** What a command line asks for. `mistakes`: one sentence each, all at once. */
export type Request =
  | { readonly kind: 'command'; readonly command: Command; readonly given: Given }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[]; readonly help: string };

const about =
  'Simulates the path of DNS queries in a Kubernetes cluster: who resolves what,\nwhen, how long it takes, what breaks, and why.';

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

const describeAll = (parser: Argv): Argv => {
  parser.usage(`$0 COMMAND\n\n${about}`);
  for (const { name, summary, examples } of commands) {
    parser.command(name, summary);
    const [first] = examples;
    if (first !== undefined) parser.example(`$0 ${name} ${first[0]}`, first[1]);
  }
  return parser.epilogue('dnspath COMMAND --help tells all about one command.');
};

const describeOne =
  ({ name, usage, options, examples, epilogue }: Command) =>
  (parser: Argv): Argv => {
    parser.usage(`$0 ${name} ${usage}`).epilogue(epilogue);
    for (const [option, { type, describe }] of Object.entries(options)) {
      parser.option(option, { type: type === 'flag' ? 'boolean' : 'string', describe });
    }
    for (const [line, outcome] of examples) parser.example(`$0 ${name} ${line}`, outcome);
    return parser;
  };

function unknown(what: string, word: string, prefix: string, known: readonly string[]): string {
  const suggestion = nearestWord(word, known);
  return `unknown ${what} ${prefix}${word}${suggestion === undefined ? '' : `; did you mean ${prefix}${suggestion}?`}`;
}

function unknownOptions(given: Parsed['options'], options: Readonly<Record<string, Option>>): string[] {
  const known = [...Object.keys(options), 'help', 'version'];
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => unknown('option', key, key.length === 1 ? '-' : '--', known));
}

/** Options without their value, and those given more often than they may. */
function miscounted(given: Parsed['options'], options: Readonly<Record<string, Option>>): string[] {
  const mistakes: string[] = [];
  for (const [name, { type }] of Object.entries(options)) {
    if (type === 'flag') continue;
    if ([given[name]].flat().includes('')) mistakes.push(`--${name} needs a value`);
    else if (type === 'text' && Array.isArray(given[name])) mistakes.push(`--${name} is given more than once`);
  }
  return mistakes;
}

function givenBy({ words, options }: Parsed): Given {
  const all = (name: string): unknown[] => (options[name] === undefined ? [] : [options[name]].flat());
  const list = (name: string): string[] => all(name).filter((value) => typeof value === 'string');
  return {
    words,
    list,
    text: (name) => list(name)[0],
    /** A flag may be repeated; the last one counts. */
    flag: (name) => all(name).at(-1) === true,
  };
}

/** Reads a command line (without `node` and the script). Prints nothing, exits never. */
export function parseArguments(argv: readonly string[], version: string): Request {
  const command = commands.find(({ name }) => name === argv[0]);
  return command === undefined ? parseOthers(argv, version) : parseCommand(command, argv.slice(1), version);
}

function parseOthers(argv: readonly string[], version: string): Request {
  const { words, options, output, failure } = parseWith(argv, version, describeAll);
  if (failure === '' && output !== '') return { kind: 'print', text: output };
  const names = commands.map(({ name }) => name);
  const [word] = words;
  const late = argv.find((argument) => names.includes(argument));
  let mistake = failure;
  if (late !== undefined) mistake = `the command comes first: dnspath ${late} …`;
  else if (word === undefined) mistake ||= 'a command is missing';
  else mistake ||= unknown('command', word, '', names);
  const everyOption = Object.assign({}, ...commands.map((command) => command.options));
  return { kind: 'mistakes', mistakes: [mistake, ...unknownOptions(options, everyOption)], help: 'dnspath --help' };
}

function parseCommand(command: Command, argv: readonly string[], version: string): Request {
  const parsed = parseWith(argv, version, describeOne(command));
  if (parsed.failure === '' && parsed.output !== '') return { kind: 'print', text: parsed.output };
  const given = givenBy(parsed);
  const mistakes = [
    ...(parsed.failure === '' ? [] : [parsed.failure]),
    ...unknownOptions(parsed.options, command.options),
    ...command.mistakes(given),
    ...miscounted(parsed.options, command.options),
  ];
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes, help: `dnspath ${command.name} --help` };
  return { kind: 'command', command, given };
}

import { didYouMean } from '../../problem/suggestion.ts';
import type { WordReader } from '../netfilter/reader.ts';
import type { Word } from '../netfilter/words.ts';
import type { Connection } from './connection.ts';
import { type EntryOutput, entryFields, listLine, saveLine } from './entry.ts';
import { type Filter, type FilterContext, filterNames, readFilter } from './filters.ts';
import { statisticsLine } from './statistics.ts';
import type { Tracker } from './tracker.ts';

/** What a command acts on, and where what it prints goes. `stamped`: with the time before it. */
export interface ConntrackMachine {
  readonly conntrack: Tracker;
  readonly print: (line: string, stamped?: boolean) => void;
}

type Operation = 'list' | 'delete' | 'flush' | 'count' | 'stats' | 'event';

const operations: Readonly<Record<string, Operation>> = {
  '-L': 'list',
  '--dump': 'list',
  '-D': 'delete',
  '--delete': 'delete',
  '-F': 'flush',
  '--flush': 'flush',
  '-C': 'count',
  '--count': 'count',
  '-S': 'stats',
  '--stats': 'stats',
  '-E': 'event',
  '--event': 'event',
};
const tables = ['conntrack', 'expect', 'dying', 'unconfirmed'];
const outputs = ['extended', 'id', 'timestamp', 'ktimestamp', 'labels', 'save', 'xml', 'userspace'];
const masks: Readonly<Record<string, readonly string[]>> = {
  ALL: ['NEW', 'UPDATE', 'DESTROY'],
  NEW: ['NEW'],
  UPDATES: ['UPDATE'],
  DESTROY: ['DESTROY'],
};

/** Options beside filters, and the operations that take them. */
const options: Readonly<Record<string, readonly Operation[]>> = {
  '-o': ['list', 'delete', 'event'],
  '--output': ['list', 'delete', 'event'],
  '-e': ['event'],
  '--event-mask': ['event'],
  '-b': ['event'],
  '--buffer-size': ['event'],
  '-z': ['list'],
  '--zero': ['list'],
};
const filtering: readonly Operation[] = ['list', 'delete', 'event'];

interface Command {
  operation: Operation | undefined;
  readonly filters: Filter[];
  readonly output: Set<string>;
  events: readonly string[];
  /** Options that were given, for those that the operation does not take. */
  readonly given: Word[];
  /** Was there a word that is no option? It may have been meant to say what to do. */
  isGarbled: boolean;
}

const version = 'conntrack v1.4.7 (conntrack-tools): ';

/** `conntrack -L|-D|-F|-C|-S|-E [filters]`, after its first word; output as of conntrack-tools 1.4.7. */
export function parseConntrackCommand(reader: WordReader): ((machine: ConntrackMachine) => void) | undefined {
  const command: Command = {
    operation: undefined,
    filters: [],
    output: new Set(),
    events: masks.ALL ?? [],
    given: [],
    isGarbled: false,
  };
  const context: FilterContext = {};
  if (reader.peek() === undefined) {
    reader.take('what conntrack is to do');
    return undefined;
  }
  while (reader.peek() !== undefined) readWord(reader, command, context);
  const { operation } = command;
  if (operation === undefined) {
    if (!command.isGarbled)
      reader.problem(
        'missing-option',
        'conntrack is not told what to do',
        'such as `-L`, `-D`, `-F`, `-C`, `-S` or `-E`',
      );
    return undefined;
  }
  for (const word of command.given) {
    const takes = options[word.text] ?? filtering;
    if (!takes.includes(operation))
      reader.problem('unknown-option', `\`${word.text}\` does not go with this command`, 'leave it out', word);
  }
  return (machine) => execute(operation, command, machine);
}

function readWord(reader: WordReader, command: Command, context: FilterContext): void {
  const word = reader.take('an option');
  if (word === undefined) return;
  const name = word.text;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation !== undefined) {
    if (command.operation !== undefined)
      reader.problem(
        'bad-value',
        'conntrack does one thing at a time',
        'write two commands, with `;` between them',
        word,
      );
    command.operation = operation;
    if (reader.peek()?.startsWith('-') === false) readTable(reader);
    return;
  }
  if (filterNames.includes(name)) {
    command.given.push(word);
    const filter = readFilter(name, reader, context);
    if (filter !== undefined) command.filters.push(filter);
  } else if (Object.hasOwn(options, name)) {
    command.given.push(word);
    readOption(name, reader, command);
  } else {
    command.isGarbled = true;
    const known = [...Object.keys(operations), ...filterNames, ...Object.keys(options)];
    reader.problem('unknown-option', `the filter \`${name}\` is not known`, didYouMean(name, known, 'known'), word);
    if (reader.peek()?.startsWith('-') === false) reader.take('its value');
  }
}

function readTable(reader: WordReader): void {
  const table = reader.value('a table', (text) => tables.find((name) => name === text), `known: ${tables.join(', ')}`);
  if (table !== undefined && table !== 'conntrack')
    reader.problem('not-modelled', `the table \`${table}\` is not modelled`, 'leave it out: the table of all entries');
}

function readOption(name: string, reader: WordReader, command: Command): void {
  const list = (what: string, known: readonly string[]) =>
    reader.value(
      what,
      (text) => (text.split(',').every((part) => known.includes(part)) ? text.split(',') : undefined),
      `known: ${known.join(', ')}, several with commas`,
    ) ?? [];
  if (name === '-o' || name === '--output') {
    for (const one of list('an output format', outputs)) command.output.add(one);
    if (command.output.has('xml'))
      reader.problem('not-modelled', 'the output `xml` is not modelled', 'try `extended,id`');
  } else if (name === '-e' || name === '--event-mask')
    command.events = list('a kind of events', Object.keys(masks)).flatMap((mask) => masks[mask] ?? []);
  else if (name === '-b' || name === '--buffer-size') reader.take('a size');
}

function execute(operation: Operation, command: Command, { conntrack, print }: ConntrackMachine): void {
  const accepts = (connection: Connection) => command.filters.every((filter) => filter(connection));
  const output: EntryOutput = { extended: command.output.has('extended'), id: command.output.has('id') };
  const show = (found: readonly Connection[], done: string) => {
    const line = command.output.has('save') ? saveLine : listLine;
    for (const connection of found) print(line(entryFields(connection, conntrack.now), output));
    print(`${version}${found.length} flow entries have been ${done}.`);
  };
  switch (operation) {
    case 'list':
      show(conntrack.list().filter(accepts), 'shown');
      return;
    case 'delete':
      show(conntrack.delete(accepts), 'deleted');
      return;
    case 'flush':
      conntrack.delete(() => true);
      print(`${version}connection tracking table has been emptied.`);
      return;
    case 'count':
      print(`${conntrack.table.size}`);
      return;
    case 'stats':
      print(statisticsLine(conntrack.counters, conntrack.rules.statistics));
      return;
    case 'event':
      conntrack.follow((type, connection, line) => {
        if (command.events.includes(type) && accepts(connection)) print(line(output), command.output.has('timestamp'));
      });
  }
}

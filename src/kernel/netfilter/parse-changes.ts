import type { AddressFamily } from '../../network/address.ts';
import type { Position, Problems, Source } from '../../problem/problem.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import { type ParsedRule, parseRule } from './parse-rule.ts';
import { WordReader } from './reader.ts';
import type { Change, Counters, Rule, TableName } from './rule.ts';
import { splitWords, type Word } from './words.ts';

/** A change with its place, for what only shows when it is made. */
export type PlacedChange = Change & Position;

/** The changes that one COMMIT makes in one table. */
export interface TableChanges {
  readonly family: AddressFamily;
  readonly table: TableName;
  readonly changes: readonly PlacedChange[];
}

const tableNames: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** A table whose COMMIT has not come. */
interface OpenTable extends TableChanges {
  readonly changes: PlacedChange[];
}

/** What iptables-save prints, and iptables-restore takes; with `ipv6` ip6tables-save. */
export function parseIptablesSave(source: Source, problems: Problems, family: AddressFamily = 'ipv4'): TableChanges[] {
  const tables: TableChanges[] = [];
  let current: OpenTable | undefined;
  const lines = source.text.split('\n');
  for (const [index, raw] of lines.entries()) {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const line = text.trim();
    const place = { file: source.file, line: index + 1, column: 1 + text.length - text.trimStart().length };
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      if (current !== undefined) noCommit(current.table, place, problems);
      current = openTable(line.slice(1).trim(), family, place, problems);
    } else if (current === undefined) {
      const hint =
        'a table begins with a line such as `*nat` and ends with `COMMIT`: what iptables-save prints is taken';
      problems.push({ code: 'outside-table', message: 'this stands outside a table', hint, ...place });
      return tables;
    } else if (line === 'COMMIT') {
      tables.push(current);
      current = undefined;
    } else readInto(current, text, place, problems);
  }
  if (current !== undefined) noCommit(current.table, { file: source.file, line: lines.length, column: 1 }, problems);
  return tables;
}

function openTable(name: string, family: AddressFamily, place: Position, problems: Problems): OpenTable {
  const table = tableNames.find((known) => known === name);
  const message = `the table \`${name}\` is not known`;
  if (table === undefined)
    problems.push({ code: 'unknown-table', message, hint: didYouMean(name, tableNames, 'known'), ...place });
  return { family, table: table ?? 'filter', changes: [] };
}

function readInto({ family, table, changes }: OpenTable, text: string, place: Position, problems: Problems): void {
  if (!text.trimStart().startsWith(':')) {
    for (const change of parseLine(text, place, problems, table, family)) changes.push(change);
    return;
  }
  const change = parseDeclaration(text, place, problems);
  if (change !== undefined) changes.push({ ...change, ...place });
}

function noCommit(table: TableName, place: Position, problems: Problems): void {
  const message = `the table \`${table}\` has no COMMIT`;
  problems.push({
    code: 'no-commit',
    message,
    hint: 'iptables-restore changes nothing in a table without it',
    ...place,
  });
}

/** `:KUBE-SERVICES - [0:0]`. */
function parseDeclaration(text: string, place: Position, problems: Problems): Change | undefined {
  const match = /^\s*:(\S+)\s+(ACCEPT|DROP|-)(?:\s+\[(\d{1,15}):(\d{1,15})\])?\s*$/.exec(text);
  if (match === null) {
    const hint = 'such as `:KUBE-SERVICES - [0:0]` or `:INPUT ACCEPT [0:0]`';
    problems.push({ code: 'bad-chain-line', message: 'not a chain', hint, ...place });
    return undefined;
  }
  const [, chain = '', word, packets, bytes] = match;
  const policy = word === 'ACCEPT' || word === 'DROP' ? word : undefined;
  return { op: 'declare', chain, policy, ...countersOf(packets, bytes) };
}

function countersOf(packets: string | undefined, bytes: string | undefined): { counters?: Counters } {
  return packets === undefined ? {} : { counters: { packets: Number(packets), bytes: Number(bytes) } };
}

/** Rules read before, by family, table and words: kube-proxy writes the same ones again and again. */
const readBefore = new Map<string, { readonly rules: readonly Rule[]; readonly jumpAt: number }>();
const mostReadBefore = 100_000;

/** `[12:720] -A INPUT …`. */
function parseLine(
  text: string,
  place: Position,
  problems: Problems,
  table: TableName,
  family: AddressFamily,
): PlacedChange[] {
  const [, head = '', packets, bytes] = /^(\s*(?:\[(\d{1,15}):(\d{1,15})\])?\s*)/.exec(text) ?? [];
  const { counters } = countersOf(packets, bytes);
  const [, chain, rest] = /^-A ([^\s"]+) (\S.*)$/.exec(text.slice(head.length)) ?? [];
  const key = `${family} ${table} ${rest}`;
  const known = rest === undefined ? undefined : readBefore.get(key);
  if (chain !== undefined && rest !== undefined && known !== undefined) {
    const column = known.jumpAt < 0 ? place.column : text.length - rest.length + known.jumpAt;
    const at = { file: place.file, line: place.line, column };
    return known.rules.map((rule) => ({ op: 'append', chain, rule, ...(counters && { counters }), ...at }));
  }
  const words = splitWords(text.slice(head.length), { ...place, column: 1 + head.length }, 'save');
  const end = { text: '', separates: false, file: place.file, line: place.line, column: text.trimEnd().length + 1 };
  const { changes, jump } = parseChange(words, end, problems, table, family, counters);
  const rules = changes.flatMap((change) =>
    change.op === 'append' && change.counters === counters ? [change.rule] : [],
  );
  if (rest !== undefined && rules.length > 0) {
    if (readBefore.size >= mostReadBefore) readBefore.clear();
    readBefore.set(key, { rules, jumpAt: jump === undefined ? -1 : jump.column - (text.length - rest.length) });
  }
  const { column } = jump ?? place;
  return changes.map((change) => ({ ...change, file: place.file, line: place.line, column }));
}

/** `iptables [-t TABLE] [-w] -A …`, without its first word. */
export function parseIptablesCommand(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  family: AddressFamily = 'ipv4',
): TableChanges | undefined {
  let table: TableName | undefined = 'filter';
  const rest: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    if (word.text === '-t' || word.text === '--table') {
      const name = words[++i];
      table = tableNames.find((t) => t === name?.text);
      const { file, line, column } = name ?? end;
      const message = `the table \`${name?.text ?? ''}\` is not known`;
      const hint = didYouMean(name?.text ?? '', tableNames, 'known');
      if (table === undefined) problems.push({ code: 'unknown-table', message, hint, file, line, column });
    } else if (word.text === '-w' || word.text === '--wait') {
      if (/^\d+$/.test(words[i + 1]?.text ?? '')) i++;
    } else rest.push(word);
  }
  const before = problems.length;
  const { changes, jump } = parseChange(rest, end, problems, table ?? 'filter', family, undefined);
  const { file, line, column } = jump ?? rest[0] ?? end;
  if (table === undefined || problems.length > before) return undefined;
  return { family, table, changes: changes.map((change) => ({ ...change, file, line, column })) };
}

/** What a line or command asks for, and where it names the chain that a rule jumps to. */
interface Asked {
  readonly changes: readonly Change[];
  readonly jump?: Word | undefined;
}

const nothing: Asked = { changes: [] };

function parseChange(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  table: TableName,
  family: AddressFamily,
  counters: Counters | undefined,
): Asked {
  const reader = new WordReader(words, end, problems);
  const first = reader.take('what to do with the rules');
  if (first === undefined) return nothing;
  const ruleFrom = (place: number): ParsedRule | undefined =>
    parseRuleOnce(words.slice(place), end, problems, table, family);
  const one = (change: Change | undefined): Asked => (change === undefined ? nothing : { changes: [change] });
  switch (first.text) {
    case '-A':
    case '--append': {
      const chain = reader.take('a chain')?.text;
      // Lines of iptables-save are kept whole by parseLine.
      const parsed = chain === undefined ? undefined : parseRule(words.slice(2), end, problems, table, family);
      return chain === undefined ? nothing : appended(chain, parsed, counters);
    }
    case '-D':
    case '--delete':
    case '-C':
    case '--check': {
      const op = first.text === '-C' || first.text === '--check' ? 'check' : 'delete';
      if (op === 'delete' && /^\d+$/.test(words[2]?.text ?? '')) return one(parseAt(reader));
      const chain = reader.take('a chain')?.text;
      const rules = chain === undefined ? undefined : ruleFrom(2)?.rules;
      return chain === undefined ? nothing : { changes: (rules ?? []).map((rule) => ({ op, chain, rule })) };
    }
    case '-I':
    case '--insert':
    case '-R':
    case '--replace':
      return inserted(reader, first.text === '-R' || first.text === '--replace', ruleFrom, counters);
    default:
      return one(parseChainChange(reader, first));
  }
}

/** Rules of commands, which the same program gives on every node. `jumpAt`: which word the jump is; -1: none. */
const givenBefore = new Map<string, Omit<ParsedRule, 'jump'> & { readonly jumpAt: number }>();
const mostGivenBefore = 10_000;

function parseRuleOnce(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  table: TableName,
  family: AddressFamily,
): ParsedRule | undefined {
  const key = [family, table, ...words.map(({ text }) => text)].join('\0');
  const known = givenBefore.get(key);
  if (known !== undefined) return { rules: known.rules, counters: known.counters, jump: words[known.jumpAt] };
  const parsed = parseRule(words, end, problems, table, family);
  if (parsed === undefined) return undefined;
  const { rules, counters, jump } = parsed;
  if (givenBefore.size >= mostGivenBefore) givenBefore.clear();
  givenBefore.set(key, { rules, counters, jumpAt: jump === undefined ? -1 : words.indexOf(jump) });
  return parsed;
}

function appended(chain: string, parsed: ParsedRule | undefined, before: Counters | undefined): Asked {
  const counters = parsed?.counters ?? before;
  const changes = (parsed?.rules ?? []).map(
    (rule): Change => ({ op: 'append', chain, rule, ...(counters && { counters }) }),
  );
  return { changes, jump: parsed?.jump };
}

const parsePlace = (text: string): number | undefined => (/^\d{1,6}$/.test(text) ? Number(text) : undefined);

function inserted(
  reader: WordReader,
  replaces: boolean,
  ruleFrom: (place: number) => ParsedRule | undefined,
  before: Counters | undefined,
): Asked {
  const chain = reader.take('a chain')?.text;
  const numbered = replaces || parsePlace(reader.peek() ?? '') !== undefined;
  const at = numbered ? reader.value('the number of a rule', parsePlace) : 1;
  const parsed = ruleFrom(numbered ? 3 : 2);
  if (chain === undefined || at === undefined || parsed === undefined) return nothing;
  const counters = parsed.counters ?? before;
  const op = replaces ? 'replace' : 'insert';
  const changes = parsed.rules.map((rule): Change => ({ op, chain, at, rule, ...(counters && { counters }) }));
  return { changes, jump: parsed.jump };
}

function parseAt(reader: WordReader): Change | undefined {
  const chain = reader.take('a chain');
  const at = reader.value('the number of a rule', parsePlace);
  return chain && at !== undefined ? { op: 'delete-at', chain: chain.text, at } : undefined;
}

/** What is done with whole chains. */
function parseChainChange(reader: WordReader, first: Word): Change | undefined {
  const chain = (): string | undefined => reader.value('a chain', (text) => (text === '' ? undefined : text));
  const named = <Op extends 'new-chain' | 'delete-chain' | 'flush' | 'zero'>(op: Op) => {
    const name = chain();
    return name === undefined ? undefined : { op, chain: name };
  };
  const isAlone = reader.peek() === undefined;
  switch (first.text) {
    case '-N':
    case '--new-chain':
    case '--new':
      return named('new-chain');
    case '-X':
    case '--delete-chain':
      return isAlone ? { op: 'delete-empty' } : named('delete-chain');
    case '-F':
    case '--flush':
      return isAlone ? { op: 'flush-all' } : named('flush');
    case '-Z':
    case '--zero':
      return isAlone ? { op: 'zero-all' } : named('zero');
    case '-P':
    case '--policy': {
      const name = chain();
      const policy = reader.value('ACCEPT or DROP', (text) =>
        text === 'ACCEPT' || text === 'DROP' ? text : undefined,
      );
      return name === undefined || policy === undefined ? undefined : { op: 'policy', chain: name, policy };
    }
    default:
      reader.problem(
        'unknown-command',
        `\`${first.text}\` is not known here`,
        'known: -A -C -I -R -D -N -X -F -Z -P',
        first,
      );
      return undefined;
  }
}

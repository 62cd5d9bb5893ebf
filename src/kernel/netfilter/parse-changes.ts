import type { AddressFamily } from '../../network/address.ts';
import type { Position, Problems, Source } from '../../problem/problem.ts';
import { parseRule } from './parse-rule.ts';
import { WordReader } from './reader.ts';
import type { Change, Rule, TableName } from './rule.ts';
import { splitWords, type Word } from './words.ts';

/** A change with its place, for what only shows when it is made. */
export type PlacedChange = Change & Position;

/** The changes that one COMMIT makes in one table. */
export interface TableChanges {
  readonly family: AddressFamily;
  readonly table: TableName;
  readonly changes: readonly PlacedChange[];
}

const tableNames: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter'];
/** iptables knows a fifth table, which no rule about DNS uses. */
const tableHint = `known: ${tableNames.join(', ')}`;

/** What iptables-save prints, and iptables-restore takes; of IPv6, ip6tables-save. */
export function parseIptablesSave(source: Source, problems: Problems, family: AddressFamily = 'ipv4'): TableChanges[] {
  const tables: TableChanges[] = [];
  let current: { family: AddressFamily; table: TableName; changes: PlacedChange[] } | undefined;
  for (const [index, raw] of source.text.split('\n').entries()) {
    const text = raw.replace(/\r$/, '');
    const line = text.trim();
    const place = { file: source.file, line: index + 1, column: 1 };
    const problem = (code: string, message: string, hint: string) => problems.push({ code, message, hint, ...place });
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      const table = tableNames.find((name) => name === line.slice(1).trim());
      if (table === undefined) problem('unknown-table', `the table \`${line.slice(1)}\` is not known`, tableHint);
      current = { family, table: table ?? 'filter', changes: [] };
    } else if (current === undefined) {
      problem(
        'outside-table',
        'this stands outside a table',
        'a table begins with a line such as `*nat` and ends with `COMMIT`',
      );
    } else if (line === 'COMMIT') {
      tables.push(current);
      current = undefined;
    } else {
      const change = line.startsWith(':')
        ? parseDeclaration(text, place, problems)
        : parseLine(text, place, problems, family);
      if (change !== undefined) current.changes.push({ ...change, ...place });
    }
  }
  if (current !== undefined) {
    const line = source.text.split('\n').length;
    const hint = 'iptables-restore changes nothing in a table without it';
    problems.push({
      code: 'no-commit',
      message: `the table \`${current.table}\` has no COMMIT`,
      hint,
      file: source.file,
      line,
      column: 1,
    });
  }
  return tables;
}

/** `:KUBE-SERVICES - [0:0]`. */
function parseDeclaration(text: string, place: Position, problems: Problems): Change | undefined {
  const match = /^\s*:(\S+)\s+(ACCEPT|DROP|-)(?:\s+\[\d+:\d+\])?\s*$/.exec(text);
  if (match === null) {
    const hint = 'such as `:KUBE-SERVICES - [0:0]` or `:INPUT ACCEPT [0:0]`';
    problems.push({ code: 'bad-chain-line', message: 'not a chain', hint, ...place });
    return undefined;
  }
  const policy = match[2] === 'ACCEPT' || match[2] === 'DROP' ? match[2] : undefined;
  return { op: 'declare', chain: match[1] ?? '', policy };
}

/** `[12:720] -A INPUT …`. */
function parseLine(text: string, place: Position, problems: Problems, family: AddressFamily): Change | undefined {
  const counters = /^\s*\[\d+:\d+\]/.exec(text)?.[0].length ?? 0;
  const words = splitWords(text.slice(counters), { ...place, column: 1 + counters }, 'save');
  return parseChange(words, endOf(text, place), problems, family);
}

function endOf(text: string, place: Position): Word {
  return { text: '', separates: false, file: place.file, line: place.line, column: text.trimEnd().length + 1 };
}

/** `iptables [-t TABLE] [-w] -A …`, or ip6tables, without its first word. */
export function parseIptablesCommand(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  family: AddressFamily,
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
      if (table === undefined) problems.push({ code: 'unknown-table', message, hint: tableHint, file, line, column });
    } else if (word.text === '-w' || word.text === '--wait') {
      if (/^\d+$/.test(words[i + 1]?.text ?? '')) i++;
    } else rest.push(word);
  }
  const change = parseChange(rest, end, problems, family);
  const { file, line, column } = rest[0] ?? end;
  return change && table && { family, table, changes: [{ ...change, file, line, column }] };
}

function parseChange(words: readonly Word[], end: Word, problems: Problems, family: AddressFamily): Change | undefined {
  const reader = new WordReader(words, end, problems, family);
  const first = reader.take('what to do with the rules');
  if (first === undefined) return undefined;
  const taken = (count: number) => words.slice(count);
  const withRule = (op: 'append' | 'delete' | 'check'): Change | undefined => {
    const chain = reader.take('a chain');
    const rule = chain && parseRule(taken(2), end, problems, family);
    return chain && rule && { op, chain: chain.text, rule };
  };
  switch (first.text) {
    case '-A':
    case '--append':
      return withRule('append');
    case '-D':
    case '--delete':
      return /^\d+$/.test(words[2]?.text ?? '') ? parseAt(reader) : withRule('delete');
    case '-C':
    case '--check':
      return withRule('check');
    case '-I':
    case '--insert':
    case '-R':
    case '--replace':
      return parseInsert(reader, words, end, problems, first.text === '-R' || first.text === '--replace');
    case '-N':
    case '--new-chain':
      return withChain(reader, 'new-chain');
    case '-X':
    case '--delete-chain':
      return reader.peek() === undefined ? { op: 'delete-empty' } : withChain(reader, 'delete-chain');
    case '-F':
    case '--flush':
      return reader.peek() === undefined ? { op: 'flush-all' } : withChain(reader, 'flush');
    case '-P':
    case '--policy': {
      const chain = reader.take('a chain');
      const policy = reader.value('ACCEPT or DROP', (text) =>
        text === 'ACCEPT' || text === 'DROP' ? text : undefined,
      );
      return chain && policy && { op: 'policy', chain: chain.text, policy };
    }
    default:
      reader.problem(
        'unknown-command',
        `\`${first.text}\` is not known here`,
        'known: -A -C -I -R -D -N -X -F -P',
        first,
      );
      return undefined;
  }
}

function withChain(reader: WordReader, op: 'new-chain' | 'delete-chain' | 'flush'): Change | undefined {
  const chain = reader.value('a chain', (text) => (text === '' ? undefined : text));
  return chain === undefined ? undefined : { op, chain };
}

function parseAt(reader: WordReader): Change | undefined {
  const chain = reader.take('a chain');
  const at = reader.value('the number of a rule', (text) => (/^\d{1,6}$/.test(text) ? Number(text) : undefined));
  return chain && at !== undefined ? { op: 'delete-at', chain: chain.text, at } : undefined;
}

function parseInsert(
  reader: WordReader,
  words: readonly Word[],
  end: Word,
  problems: Problems,
  replace: boolean,
): Change | undefined {
  const chain = reader.take('a chain');
  const numbered = /^\d{1,6}$/.test(reader.peek() ?? '');
  const at =
    numbered || replace
      ? reader.value('the number of a rule', (t) => (/^\d{1,6}$/.test(t) ? Number(t) : undefined))
      : 1;
  const rule: Rule | undefined = parseRule(words.slice(numbered || replace ? 3 : 2), end, problems, reader.family);
  return chain && rule && at !== undefined
    ? { op: replace ? 'replace' : 'insert', chain: chain.text, at, rule }
    : undefined;
}

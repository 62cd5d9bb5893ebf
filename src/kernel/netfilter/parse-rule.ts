import { type AddressFamily, type Prefix, parsePrefix } from '../../network/address.ts';
import type { Problems } from '../../problem/problem.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import { finishMatch, type MatchDraft, type MatchModule, matchModules, matchOptions } from './parse-match.ts';
import { finishTarget, type TargetDraft, type TargetName, targetNames, targetOptions } from './parse-target.ts';
import { WordReader } from './reader.ts';
import type { Rule } from './rule.ts';
import { parseNetwork, parseProtocol } from './values.ts';
import type { Word } from './words.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface RuleDraft {
  readonly rule: Writable<Rule>;
  readonly matches: MatchDraft[];
  target: TargetDraft | undefined;
}

/** Reads the words after `-A CHAIN`. Undefined when there were problems; each unknown word is one. */
export function parseRule(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  family: AddressFamily = 'ipv4',
): Rule | undefined {
  const before = problems.length;
  const reader = new WordReader(words, end, problems, family);
  const draft: RuleDraft = { rule: { matches: [] }, matches: [], target: undefined };
  while (reader.peek() !== undefined) {
    const not = reader.peek() === '!';
    if (not) reader.take('an option');
    const word = reader.take('an option after `!`');
    if (word !== undefined) readOption(draft, reader, word, not);
  }
  const matches = draft.matches.map((match) => finishMatch(match, reader)).filter((match) => match !== undefined);
  const target = draft.target === undefined ? draft.rule.target : finishTarget(draft.target, reader);
  if (problems.length > before) return undefined;
  return { ...draft.rule, matches, ...(target && { target }) };
}

function readOption(draft: RuleDraft, reader: WordReader, word: Word, not: boolean): void {
  const general = own(generalOptions, word.text);
  if (general !== undefined) {
    general(draft, reader, not);
    return;
  }
  if (draft.target !== undefined) {
    const read = own(targetOptions[draft.target.name], word.text);
    if (read !== undefined) {
      read(draft.target, reader);
      return;
    }
  }
  const match = matchFor(draft, word);
  const read = match && own(matchOptions[match.module], word.text);
  if (match !== undefined && read !== undefined) read(match, reader, not);
  else unknownOption(draft, reader, word);
}

type General = (draft: RuleDraft, reader: WordReader, not: boolean) => void;

const source: General = (draft, reader, not) => {
  const value = readNetwork(reader);
  if (value !== undefined) draft.rule.source = { not, value };
};
const destination: General = (draft, reader, not) => {
  const value = readNetwork(reader);
  if (value !== undefined) draft.rule.destination = { not, value };
};
const input: General = (draft, reader, not) => {
  const value = reader.value('a device', (text) => text);
  if (value !== undefined) draft.rule.input = { not, value };
};
const output: General = (draft, reader, not) => {
  const value = reader.value('a device', (text) => text);
  if (value !== undefined) draft.rule.output = { not, value };
};
const protocol: General = (draft, reader, not) => {
  if (reader.peek() === 'all' || reader.peek() === '0') {
    reader.take('a protocol');
    return;
  }
  const { family } = reader;
  const hint = family === 'ipv4' ? 'udp, tcp, icmp or all' : 'udp, tcp, icmpv6 or all';
  const value = reader.value('a protocol that is modelled', (text) => parseProtocol(text, family), hint);
  if (value !== undefined) draft.rule.protocol = { not, value };
};
const counters: General = (_draft, reader) => {
  reader.take('a number of packets');
  reader.take('a number of octets');
};
const module: General = (draft, reader) => {
  const word = reader.take('the name of a match');
  if (word === undefined) return;
  const name = matchModules.find((m) => m === word.text);
  if (name === undefined) {
    reader.problem(
      'unknown-match',
      `the match \`-m ${word.text}\` is not known`,
      didYouMean(word.text, matchModules, 'known'),
      word,
    );
    skipOptions(reader);
  } else if (name !== 'udp' && name !== 'tcp') addMatch(draft, name, word);
  else if (!draft.matches.some((m) => m.module === name)) addMatch(draft, name, word);
};

function jump(goto: boolean): General {
  return (draft, reader) => {
    const word = reader.take('a target');
    if (word === undefined) return;
    const name = targetNames.find((t) => t === word.text);
    if (name !== undefined && !goto) draft.target = targetDraft(name, word);
    else draft.rule.target = { kind: goto ? 'goto' : 'jump', chain: word.text };
  };
}

const generalOptions: Readonly<Record<string, General>> = {
  '-s': source,
  '--source': source,
  '--src': source,
  '-d': destination,
  '--destination': destination,
  '--dst': destination,
  '-i': input,
  '--in-interface': input,
  '-o': output,
  '--out-interface': output,
  '-p': protocol,
  '--protocol': protocol,
  '-c': counters,
  '--set-counters': counters,
  '-m': module,
  '--match': module,
  '-j': jump(false),
  '--jump': jump(false),
  '-g': jump(true),
  '--goto': jump(true),
};

function addMatch(draft: RuleDraft, name: MatchModule, word: Word): MatchDraft {
  const match: MatchDraft = { module: name, word, options: [] };
  draft.matches.push(match);
  return match;
}

function targetDraft(name: TargetName, word: Word): TargetDraft {
  return { name, word, random: false, randomFully: false, persistent: false, notrack: false, options: [] };
}

const protocolModules = { udp: 'udp', tcp: 'tcp', icmp: 'icmp', 'ipv6-icmp': 'icmp6' } as const;

/** The loaded match that an option belongs to; the protocol's own match is loaded by its options. */
function matchFor(draft: RuleDraft, word: Word): MatchDraft | undefined {
  const loaded = draft.matches.findLast((m) => Object.hasOwn(matchOptions[m.module], word.text));
  if (loaded !== undefined) return loaded;
  const implied = draft.rule.protocol?.not === false ? protocolModules[draft.rule.protocol.value] : undefined;
  if (implied === undefined || !Object.hasOwn(matchOptions[implied], word.text)) return undefined;
  return addMatch(draft, implied, word);
}

function unknownOption(draft: RuleDraft, reader: WordReader, word: Word): void {
  const owners = matchModules.filter((m) => Object.hasOwn(matchOptions[m], word.text));
  const targets = targetNames.filter((t) => Object.hasOwn(targetOptions[t], word.text));
  const { target } = draft.rule;
  if (target !== undefined && (target.kind === 'jump' || target.kind === 'goto') && owners.length === 0) {
    const hint = `known: ${targetNames.join(', ')}, or a chain, which takes no options`;
    reader.problem(
      'unknown-target',
      `the target \`-j ${target.chain}\` is not known with \`${word.text}\``,
      hint,
      word,
    );
    skipOptions(reader);
    return;
  }
  const needs = [
    ...owners.map((m) => (m === 'udp' || m === 'tcp' ? `-p ${m}` : `-m ${m}`)),
    ...targets.map((t) => `-j ${t}`),
  ];
  const hint = needs.length === 0 ? '' : `it needs \`${needs.join('` or `')}\` before it`;
  reader.problem('unknown-option', `the option \`${word.text}\` is not known here`, hint, word);
  for (let next = reader.peek(); next !== undefined && !/^[-!]/.test(next); next = reader.peek()) reader.take('');
}

/** Passes over the options of something unknown, so that it is one mistake and not many. */
function skipOptions(reader: WordReader): void {
  for (let next = reader.peek(); next !== undefined; next = reader.peek()) {
    if (Object.hasOwn(generalOptions, next)) return;
    reader.take('an option');
  }
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function readNetwork(reader: WordReader): Prefix | undefined {
  const { family } = reader;
  const [what, other] = family === 'ipv4' ? ['IPv4', 'ip6tables'] : ['IPv6', 'iptables'];
  const isOther = parsePrefix(reader.peek() ?? '') !== undefined;
  const hint = isOther ? `rules about the other family belong to ${other}` : '';
  return reader.value(`an address or network of ${what}`, (text) => parseNetwork(text, family), hint);
}

import type { AddressFamily, Prefix } from '../../network/address.ts';
import type { Problems } from '../../problem/problem.ts';
import { didYouMean, nearestWord } from '../../problem/suggestion.ts';
import type { Place } from './matches/module.ts';
import { matchModule, matchNames } from './matches/table.ts';
import { Options } from './options.ts';
import { protocolNumber } from './protocols.ts';
import { WordReader } from './reader.ts';
import type { Counters, Match, Negatable, Rule, TableName } from './rule.ts';
import { targetModule, targetNames } from './targets.ts';
import { parseNetwork } from './values.ts';
import type { Word } from './words.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a rule's words came to. */
export interface ParsedRule {
  /** Several where `-s` or `-d` name several addresses. */
  readonly rules: readonly Rule[];
  readonly counters: Counters | undefined;
  /** Of the chain that it jumps to. */
  readonly jump: Word | undefined;
}

/** An extension whose options are being read. */
interface Extension {
  readonly name: string;
  readonly word: Word;
  readonly options: Options;
}

class RuleDraft {
  readonly rule: Writable<Rule> = { matches: [] };
  readonly matches: Extension[] = [];
  sources: Negatable<readonly Prefix[]> | undefined;
  destinations: Negatable<readonly Prefix[]> | undefined;
  target: Extension | undefined;
  jump: Word | undefined;
  counters: Counters | undefined;
  readonly reader: WordReader;
  readonly family: AddressFamily;

  constructor(reader: WordReader, family: AddressFamily) {
    this.reader = reader;
    this.family = family;
  }
}

/** Reads the words after `-A CHAIN`. Undefined when there were problems; each unknown word is one. */
export function parseRule(
  words: readonly Word[],
  end: Word,
  problems: Problems,
  table: TableName,
  family: AddressFamily,
): ParsedRule | undefined {
  const before = problems.length;
  const reader = new WordReader(words, end, problems);
  const draft = new RuleDraft(reader, family);
  while (reader.peek() !== undefined) {
    const not = reader.peek() === '!';
    if (not) reader.take('an option');
    const word = reader.take('an option after `!`');
    if (word !== undefined) readOption(draft, word, not);
  }
  const place: Place = { family, table, protocol: draft.rule.protocol };
  const matches = draft.matches.map((match) => finishMatch(match, place)).filter((match) => match !== undefined);
  const target = draft.target === undefined ? draft.rule.target : finishTarget(draft.target, place, reader);
  if (problems.length > before) return undefined;
  const rule: Rule = { ...draft.rule, matches, ...(target && { target }) };
  return { rules: forEachAddress(draft, rule), counters: draft.counters, jump: draft.jump };
}

/** iptables makes a rule for each pair of a source and a destination. */
function forEachAddress({ sources, destinations }: RuleDraft, rule: Rule): Rule[] {
  const each = (given: Negatable<readonly Prefix[]> | undefined) =>
    given === undefined ? [undefined] : given.value.map((value) => limited({ not: given.not, value }));
  return each(sources).flatMap((source) =>
    each(destinations).map((destination) => ({
      ...(source && { source }),
      ...(destination && { destination }),
      ...rule,
    })),
  );
}

/** `-s 0.0.0.0/0` says nothing. */
function limited(given: Negatable<Prefix>): Negatable<Prefix> | undefined {
  return given.value.length === 0 && !given.not ? undefined : given;
}

function finishMatch({ name, options }: Extension, place: Place): Match | undefined {
  const body = matchModule(name)?.read(options, place);
  return body && { module: name, ...body };
}

function finishTarget({ name, word, options }: Extension, place: Place, reader: WordReader): Rule['target'] {
  const module = targetModule(name);
  const tables = module?.only?.tables;
  if (tables !== undefined && !tables.includes(place.table)) {
    const hint = `it may stand in ${tables.join(', ')}`;
    reader.problem('wrong-table', `\`-j ${name}\` may not stand in the table ${place.table}`, hint, word);
    return undefined;
  }
  return module?.read(options, place);
}

function readOption(draft: RuleDraft, word: Word, not: boolean): void {
  const general = Object.hasOwn(generalOptions, word.text) ? generalOptions[word.text] : undefined;
  if (general !== undefined) {
    general(draft, not, word);
    return;
  }
  const { target } = draft;
  const owner =
    target !== undefined && hasOption(targetModule(target.name), word.text) ? target : matchFor(draft, word);
  if (owner === undefined) unknownOption(draft, word);
  else owner.options.read(word, not);
}

function hasOption(module: { readonly options: object } | undefined, name: string): boolean {
  return module !== undefined && Object.hasOwn(module.options, name);
}

type General = (draft: RuleDraft, not: boolean, word: Word) => void;

/** Of one list; each pair of a source and a destination is a rule. */
const mostAddresses = 200;

function addresses(put: (draft: RuleDraft, value: Negatable<readonly Prefix[]>) => void): General {
  return (draft, not, word) => {
    const parse = (text: string): readonly Prefix[] | undefined => {
      const parts = text.split(',');
      if (parts.length > mostAddresses) return undefined;
      const all = parts.map((one) => parseNetwork(one, draft.family));
      return all.every((one) => one !== undefined) ? all : undefined;
    };
    const example = draft.family === 'ipv4' ? '`10.0.0.0/8`' : '`fd00::/8`';
    const value = draft.reader.value('an address or network', parse, `such as ${example}; names are not looked up`);
    if (value === undefined) return;
    if (not && value.length > 1)
      draft.reader.problem('not-negatable', '`!` stands before one address alone', 'write a rule for each', word);
    else put(draft, { not, value });
  };
}
const source = addresses((draft, value) => {
  draft.sources = value;
});
const destination = addresses((draft, value) => {
  draft.destinations = value;
});

const longestDevice = 15;

function device(put: (rule: Writable<Rule>, value: Negatable<string>) => void): General {
  return (draft, not) => {
    const value = draft.reader.value(`the name of a device, at most ${longestDevice} letters`, (text) =>
      text.length > 0 && text.length <= longestDevice && !/[\s/!]/.test(text) ? text : undefined,
    );
    if (value !== undefined && (value !== '+' || not)) put(draft.rule, { not, value });
  };
}
const input = device((rule, value) => {
  rule.input = value;
});
const output = device((rule, value) => {
  rule.output = value;
});
const protocol: General = (draft, not) => {
  const value = draft.reader.value('a protocol', protocolNumber, 'such as udp, tcp, icmp, or a number up to 255');
  if (value !== undefined && value !== 0) draft.rule.protocol = { not, value };
};
const fragment: General = (draft, not) => {
  draft.rule.fragment = { not };
};
const counters: General = (draft) => {
  const [packets, bytes] = ['packets', 'octets'].map((what) =>
    draft.reader.value(`a number of ${what}`, (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)),
  );
  if (packets !== undefined && bytes !== undefined) draft.counters = { packets, bytes };
};
const match: General = (draft) => {
  const word = draft.reader.take('the name of a match');
  if (word === undefined) return;
  if (matchModule(word.text) !== undefined) {
    const isThere = (word.text === 'udp' || word.text === 'tcp') && draft.matches.some((m) => m.name === word.text);
    if (!isThere) draft.matches.push(extension(`-m ${word.text}`, word.text, word, draft.reader));
    return;
  }
  const message = `the match \`-m ${word.text}\` is not known`;
  draft.reader.problem(
    'unknown-match',
    message,
    `${didYouMean(word.text, matchNames, 'known')}; ${canBeTakenOut}`,
    word,
  );
  skipOptions(draft.reader);
};

const canBeTakenOut = 'a rule that no DNS packet meets can be taken out';

function jump(goto: boolean): General {
  return (draft, _not, word) => {
    const name = draft.reader.take('a target');
    if (name === undefined) return;
    if (draft.jump !== undefined || draft.target !== undefined)
      draft.reader.problem('repeated-option', 'the rule has a target already', 'a rule has one', word);
    else if (targetModule(name.text) !== undefined && !goto)
      draft.target = extension(`-j ${name.text}`, name.text, name, draft.reader);
    else {
      draft.rule.target = { kind: goto ? 'goto' : 'jump', chain: name.text };
      draft.jump = name;
    }
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
  '--proto': protocol,
  '-f': fragment,
  '--fragment': fragment,
  '-c': counters,
  '--set-counters': counters,
  '-m': match,
  '--match': match,
  '-j': jump(false),
  '--jump': jump(false),
  '-g': jump(true),
  '--goto': jump(true),
};

function extension(owner: string, name: string, word: Word, reader: WordReader): Extension {
  const forms = (owner.startsWith('-m') ? matchModule(name) : targetModule(name))?.options ?? {};
  return { name, word, options: new Options(owner, forms, word, reader) };
}

/** Matches that a protocol's own options load by themselves. */
const implied: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

/** The loaded match that an option belongs to; the protocol's own match is loaded by its options. */
function matchFor(draft: RuleDraft, word: Word): Extension | undefined {
  const loaded = draft.matches.findLast(({ name }) => hasOption(matchModule(name), word.text));
  if (loaded !== undefined) return loaded;
  const { protocol } = draft.rule;
  const name = protocol === undefined || protocol.not ? undefined : implied[protocol.value];
  if (name === undefined || !hasOption(matchModule(name), word.text)) return undefined;
  const match = extension(`-m ${name}`, name, word, draft.reader);
  draft.matches.push(match);
  return match;
}

function unknownOption(draft: RuleDraft, word: Word): void {
  const { reader, jump: chain } = draft;
  const owners = matchNames.filter((name) => hasOption(matchModule(name), word.text));
  const targets = targetNames.filter((name) => hasOption(targetModule(name), word.text));
  if (chain !== undefined && owners.length === 0) {
    const hint = `known: ${targetNames.join(', ')}, or a chain, which takes no options`;
    const message = `the target \`-j ${chain.text}\` is not known with \`${word.text}\``;
    reader.problem('unknown-target', message, hint, chain);
    skipOptions(reader);
    return;
  }
  const needs = [
    ...owners.map((name) => (name === 'udp' || name === 'tcp' ? `-p ${name}` : `-m ${name}`)),
    ...targets.map((name) => `-j ${name}`),
  ];
  const near = nearestWord(word.text, optionNames());
  const hint =
    needs.length > 0
      ? `it needs \`${needs.join('` or `')}\` before it`
      : near === undefined
        ? canBeTakenOut
        : `did you mean ${near}?`;
  reader.problem('unknown-option', `the option \`${word.text}\` is not known here`, hint, word);
  for (let next = reader.peek(); next !== undefined && !/^[-!]/.test(next); next = reader.peek()) reader.take('');
}

function optionNames(): string[] {
  const ofModules = [...matchNames.map(matchModule), ...targetNames.map(targetModule)];
  return [...Object.keys(generalOptions), ...ofModules.flatMap((module) => Object.keys(module?.options ?? {}))];
}

/** Passes over the options of something unknown, so that it is one mistake and not many. */
function skipOptions(reader: WordReader): void {
  for (let next = reader.peek(); next !== undefined; next = reader.peek()) {
    if (Object.hasOwn(generalOptions, next)) return;
    reader.take('an option');
  }
}

import type { RE2JS } from 're2js';
import type { Edns, Question } from '../../../dns/message.ts';
import { classNumber, rcodeOf, typeNumber } from '../../../dns/numbers.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { inRelease, since } from '../../history.ts';
import type { PluginSetup } from '../../plugin.ts';
import { compileRegexp } from '../../regexp.ts';
import { type MatchKind, matchKinds, type NameRewriter, nameMatcher, nameRewriter } from './name-match.ts';
import { ownerRule, type ResponseRule, recordRule, remapped, valueRule } from './response.ts';

/** A query as a rule sees and leaves it. */
export interface Query {
  readonly question: Question;
  readonly edns: Edns | undefined;
}

/** A rewritten query, and what its reply is to go through. */
export interface Rewritten {
  readonly query: Query;
  readonly response: readonly ResponseRule[];
}

/** One `rewrite` line; undefined: it does not match. */
export interface Rule {
  readonly stop: boolean;
  readonly apply: (query: Query) => Rewritten | undefined;
}

const checksBareMode = since('1.9.4');
const knowsAuto = since('1.8.4');
const knowsTtlRange = since('1.9.4');
const knowsCname = since('1.11.0');
const knowsRcode = since('1.11.3');
/** Names of `cname` rules get their final dot: corefile-rewrite-cname. */
const cnameAddsDot = since('1.14.5');

/** Reads one line (or block) of words: `[continue|stop] name|type|class|ttl|edns0|cname|rcode …` */
export function parseRule(setup: PluginSetup, args: readonly string[]): Rule {
  const { directive: words, release } = setup;
  const mode = args[0]?.toLowerCase();
  if (mode === undefined) throw words.plainError('no rule type specified for rewrite');
  const hasMode = mode === 'continue' || mode === 'stop';
  const [kind, ...rest] = hasMode ? args.slice(1) : args;
  if (kind === undefined) {
    if (inRelease(checksBareMode, release.name)) throw words.plainError(`${mode} rule must begin with a rule type`);
    throw words.panic('runtime error: index out of range [1] with length 1');
  }
  return { stop: mode !== 'continue', apply: parseApply(setup, kind.toLowerCase(), rest, args[0] ?? '') };
}

function parseApply(setup: PluginSetup, kind: string, args: readonly string[], first: string): Rule['apply'] {
  const { directive: words, release } = setup;
  switch (kind) {
    case 'answer':
      throw words.plainError('response rewrites must begin with a name rule');
    case 'name':
      return nameRule(setup, args);
    case 'type':
    case 'class':
      return questionRule(words, kind, args);
    case 'ttl':
      return ttlRule(setup, args);
    case 'edns0':
      return edns0Rule(setup, args);
    case 'cname':
      if (inRelease(knowsCname, release.name)) return cnameRule(setup, args);
      break;
    case 'rcode':
      if (inRelease(knowsRcode, release.name)) return rcodeRule(setup, args);
      break;
  }
  throw words.plainError(`invalid rule type ${JSON.stringify(first)}`);
}

function nameRule(setup: PluginSetup, args: readonly string[]): Rule['apply'] {
  const { directive: words, release } = setup;
  if (args.length < 2) throw words.plainError('too few arguments for a name rule');
  const [kindWord = '', from = '', to = '', ...answers] = args.length === 2 ? ['exact', ...args] : args;
  const auto = inRelease(knowsAuto, release.name);
  if (!auto && answers.length > 0 && !(kindWord === 'regex' && answers.length % 4 === 0)) {
    throw words.plainError(
      'response rewrites must consist only of a name rule with 3 arguments and an answer rule with 3 arguments',
    );
  }
  const kind = kindOf(words, kindWord, 'name');
  const rewrite = nameRewriter(kind, from, to, expressionOf(words, kind, from));
  const { remap, rules } = answerRules(words, answers);
  return ({ question, edns }) => {
    const before = question.name.toLowerCase();
    const name = rewrite(before);
    if (name === undefined) return undefined;
    const back = remapped(name, before);
    const automatic = kind === 'exact' || remap ? [ownerRule(back)] : [];
    const values = remap ? [valueRule(back)] : [];
    return { query: { question: { ...question, name }, edns }, response: [...automatic, ...values, ...rules] };
  };
}

/** `answer auto | answer name FROM TO | answer value FROM TO`, any number of them. */
function answerRules(words: Dispenser, args: readonly string[]): { remap: boolean; rules: readonly ResponseRule[] } {
  const rules: ResponseRule[] = [];
  let remap = false;
  let rest = args;
  while (rest.length > 0) {
    const [answer, field, from, to] = rest;
    if (answer?.toLowerCase() !== 'answer' || field === undefined) {
      throw words.plainError('exceeded the number of arguments for a name rule');
    }
    if (field === 'auto') {
      remap = true;
      rest = rest.slice(2);
      continue;
    }
    if ((field !== 'name' && field !== 'value') || from === undefined || to === undefined) {
      throw words.plainError(`invalid response rewrite ${rest.join(' ')}`);
    }
    const rewrite = nameRewriter('regex', from, to, expressionOf(words, 'regex', from));
    rules.push(field === 'name' ? ownerRule(rewrite) : valueRule(rewrite));
    rest = rest.slice(4);
  }
  return { remap, rules };
}

function questionRule(words: Dispenser, field: 'type' | 'class', args: readonly string[]): Rule['apply'] {
  const [from = '', to = '', more] = args.map((arg) => arg.toUpperCase());
  if (args.length !== 2 || more !== undefined) throw words.plainError(`${field} rules must have exactly two arguments`);
  const known = (word: string) => (field === 'type' ? typeNumber(word) : classNumber(word)) !== undefined;
  for (const [i, word] of [from, to].entries()) {
    if (!known(word)) throw words.plainError(`invalid ${field} ${JSON.stringify(args[i])}`);
  }
  return ({ question, edns }) => {
    if (question[field] !== from) return undefined;
    return { query: { question: { ...question, [field]: to }, edns }, response: [] };
  };
}

function ttlRule(setup: PluginSetup, args: readonly string[]): Rule['apply'] {
  const { directive: words, release } = setup;
  if (args.length < 2) throw words.plainError('too few arguments for a ttl rule');
  if (args.length > 3) throw words.plainError('too many few arguments for a ttl rule');
  const [kindWord = '', name = '', text = ''] = args.length === 2 ? ['exact', ...args] : args;
  const range = ttlRange(text, inRelease(knowsTtlRange, release.name));
  if (range === undefined) throw words.plainError(`invalid TTL '${text}' for a ttl rule`);
  const kind = kindOf(words, kindWord, 'ttl');
  const matches = nameMatcher(kind, name, expressionOf(words, kind, name));
  const clamp = recordRule((record) => ({ ...record, ttl: Math.min(range.max, Math.max(range.min, record.ttl)) }));
  return (query) => (matches(query.question.name.toLowerCase()) ? { query, response: [clamp] } : undefined);
}

/** `30`, and where ranges are known `30-300`, `30-`, `-300`. */
function ttlRange(text: string, ranges: boolean): { min: number; max: number } | undefined {
  const [, min = '', dash, max = ''] = /^(\d*)(-?)(\d*)$/.exec(text) ?? [];
  if (dash === undefined || (min === '' && max === '') || (dash === '-' && !ranges)) return undefined;
  const low = min === '' ? 0 : Number(min);
  const high = dash === '' ? low : max === '' ? 2_147_483_647 : Number(max);
  return low > high ? undefined : { min: low, max: high };
}

/** `edns0 local set|append|replace CODE DATA`: an option of a private code, with an OPT of 4096 where there is none. */
function edns0Rule(setup: PluginSetup, args: readonly string[]): Rule['apply'] {
  const { directive: words } = setup;
  const [type = '', action = '', codeWord = '', data = ''] = args;
  if (args.length < 2) throw words.plainError('too few arguments for an EDNS0 rule');
  const isPlain = type.toLowerCase() === 'local' && /^(set|append|replace)$/.test(action) && !data.startsWith('{');
  if (!isPlain) setup.notModelled(`rule edns0 ${args.join(' ')}`, words.token);
  const code = Number(codeWord);
  if (isPlain && !Number.isInteger(code))
    throw words.plainError(`strconv.ParseUint: parsing ${JSON.stringify(codeWord)}: invalid syntax`);
  const option = { code, octets: octetsOf(data) };
  return ({ question, edns = { udpSize: 4096, do: false, version: 0, options: [] } }) => {
    const has = edns.options.some((one) => one.code === code);
    const others = edns.options.filter((one) => action === 'append' || one.code !== code);
    const set = action === 'replace' ? has : action === 'set' || !has;
    return { query: { question, edns: set ? { ...edns, options: [...others, option] } : edns }, response: [] };
  };
}

function octetsOf(text: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) return new TextEncoder().encode(text);
  return Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function cnameRule({ directive: words, release }: PluginSetup, args: readonly string[]): Rule['apply'] {
  if (args.length < 2) throw words.plainError('too few arguments for a cname rule');
  const [kindWord = '', from = '', to = ''] = args.length === 2 ? ['exact', ...args] : args;
  const kind = kindOf(words, kindWord, 'cname');
  const rewrite = nameRewriter(kind, from, to, expressionOf(words, kind, from));
  const dotless = !inRelease(cnameAddsDot, release.name) && kind === 'exact' && !from.endsWith('.');
  const target: NameRewriter = (name) => (dotless ? undefined : rewrite(name.toLowerCase()));
  return (query) => ({ query, response: [{ kind: 'cname', target }] });
}

function rcodeRule({ directive: words }: PluginSetup, args: readonly string[]): Rule['apply'] {
  if (args.length < 3) throw words.plainError('too few arguments for a rcode rule');
  const [kindWord = '', name = '', fromWord = '', toWord = ''] = args.length === 3 ? ['exact', ...args] : args;
  const from = rcodeOf(fromWord.toUpperCase());
  if (from === undefined) throw words.plainError(`invalid rcode '${fromWord}'`);
  const to = rcodeOf(toWord.toUpperCase());
  if (to === undefined) throw words.plainError(`invalid rcode '${toWord}'`);
  const kind = kindOf(words, kindWord, 'rcode');
  const matches = nameMatcher(kind, name, expressionOf(words, kind, name));
  return (query) =>
    matches(query.question.name.toLowerCase()) ? { query, response: [{ kind: 'rcode', from, to }] } : undefined;
}

function kindOf(words: Dispenser, word: string, rule: string): MatchKind {
  const kind = matchKinds.find((one) => one === word.toLowerCase());
  if (kind !== undefined) return kind;
  const supported = 'supports only exact, prefix, suffix, substring, and regex name matching';
  throw words.plainError(`${rule} rule ${supported}, received: ${word}`);
}

function expressionOf(words: Dispenser, kind: MatchKind, pattern: string): RE2JS | undefined {
  if (kind !== 'regex') return undefined;
  const compiled = compileRegexp(pattern);
  if ('error' in compiled) throw words.plainError(`invalid regex matching pattern: ${pattern}`);
  return compiled.value;
}

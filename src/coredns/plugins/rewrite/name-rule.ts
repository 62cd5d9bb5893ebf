import type { RE2JS } from 're2js';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';
import { type MatchKind, matchKind, type NameRewriter, nameRewriter, normal, replaceable } from './name-match.ts';
import { ownerRule, type ResponseRule, valueRule } from './response.ts';
import type { Rule } from './rules.ts';

/** `answer` rules behind a name rule: one, several, or several and `auto`. corefile-rewrite-answer. */
const answers: History<'one' | 'several' | 'auto'> = [
  ['1.6.7', 'one'],
  ['1.8.2', 'several'],
  ['1.8.4', 'auto'],
];
/** An `exact` rule turns names in the data of records back too. */
const exactTurnsValues = since('1.8.4');

const received = 'name rule supports only exact, prefix, suffix, substring, and regex name matching, received: ';

/** `name [exact|prefix|suffix|substring|regex] FROM TO [answer …]` */
export function nameRule(setup: PluginSetup, args: readonly string[]): Rule['apply'] {
  const { directive: words, release } = setup;
  if (args.length < 2) throw words.plainError('too few arguments for a name rule');
  const [kindWord = '', from = '', to = '', ...more] = args.length === 2 ? ['exact', ...args] : args;
  const kind = kindWord.toLowerCase();
  const way = inRelease(answers, release.name);
  const said =
    more.length === 0
      ? noAnswers
      : way === 'auto'
        ? parseAnswers(setup, kind, more)
        : oldAnswers(setup, kind, from, to, more);
  const known = matchKind(kind);
  if (known === undefined) throw words.plainError(received + kind);
  const expression = expressionOf(setup, known, from, to);
  const rewrite = nameRewriter(known, expression ?? normal(from), normal(to));
  const turnsBack = turningBack(known, said.auto, normal(from), normal(to), release.name);
  return ({ question, edns }) => {
    const before = question.name.toLowerCase();
    const name = rewrite(before);
    if (name === undefined) return undefined;
    return { query: { question: { ...question, name }, edns }, response: [...turnsBack(name, before), ...said.rules] };
  };
}

/** The expression of a `regex` rule; `exact` checks its target as one. */
function expressionOf(
  { directive: words, release }: PluginSetup,
  kind: MatchKind,
  from: string,
  to: string,
): RE2JS | undefined {
  if (kind === 'regex') return replaceable(words, release, from, to);
  if (kind === 'exact') replaceable(words, release, normal(to), normal(from));
  return undefined;
}

/** The rules by which a reply gets the names that were asked. */
function turningBack(kind: MatchKind, auto: boolean, from: string, to: string, release: ReleaseName) {
  const values = inRelease(exactTurnsValues, release);
  const both = (rewrite: NameRewriter): ResponseRule[] => [ownerRule(rewrite), valueRule(rewrite, release)];
  return (name: string, before: string): readonly ResponseRule[] => {
    if (kind === 'suffix') return auto ? both(nameRewriter('suffix', to, from)) : [];
    if (kind === 'exact' && !values) return [ownerRule(remapped(name, before))];
    return auto || kind === 'exact' ? both(remapped(name, before)) : [];
  };
}

/** Turns one name back into another, and names below it. */
function remapped(from: string, to: string): NameRewriter {
  return (name) => {
    if (name === from) return to;
    return name.endsWith(`.${from}`) ? name.slice(0, name.length - from.length) + to : undefined;
  };
}

interface Answers {
  readonly auto: boolean;
  readonly rules: readonly ResponseRule[];
}

const noAnswers: Answers = { auto: false, rules: [] };

/** `answer auto | [answer] name FROM TO | [answer] value FROM TO`, any number of them (`parseAnswerRules`). */
function parseAnswers({ directive: words, release }: PluginSetup, kind: string, args: readonly string[]): Answers {
  const rules: ResponseRule[] = [];
  let auto = false;
  let names = 0;
  let at = 0;
  if (args.length < 2) throw words.plainError(`invalid arguments for ${kind} rule`);
  while (at < args.length) {
    if (at === 0 && args[at] !== 'answer') {
      throw words.plainError(`exceeded the number of arguments for a non-answer rule argument for ${kind} rule`);
    }
    if (args[at] === 'answer') at++;
    const field = args[at++];
    if (field === undefined) throw words.plainError(`type missing for answer rule for ${kind} rule`);
    if (field === 'auto') {
      auto = true;
      continue;
    }
    if (field !== 'name' && field !== 'value') {
      throw words.plainError(`invalid type ${JSON.stringify(field)} for answer rule for ${kind} rule`);
    }
    const [from, to] = args.slice(at, at + 2);
    if (from === undefined || to === undefined) {
      throw words.plainError(`${field} answer rule for ${kind} rule: 2 arguments required`);
    }
    const expression = replaceable(words, release, from, to, `${field} answer rule for ${kind} rule: `);
    const rewrite = nameRewriter('regex', expression, normal(to));
    rules.push(field === 'name' ? ownerRule(rewrite) : valueRule(rewrite, release.name));
    if (field === 'name') names++;
    at += 2;
  }
  if (auto && names > 0) {
    throw words.plainError('auto name answer rule cannot be combined with explicit name anwer rules');
  }
  return { auto, rules };
}

/** `answer name FROM TO`, behind a regex only; once or several times. */
function oldAnswers(setup: PluginSetup, kind: string, from: string, to: string, args: readonly string[]): Answers {
  const { directive: words, release } = setup;
  const several = inRelease(answers, release.name) === 'several';
  if (several ? args.length % 4 !== 0 : args.length !== 4) {
    const which = several ? 'one or more answer rules with 3 arguments each' : 'an answer rule with 3 arguments';
    throw words.plainError(`response rewrites must consist only of a name rule with 3 arguments and ${which}`);
  }
  if (kind !== 'regex') throw words.plainError('the rewrite of response is supported only for name regex rule');
  const exceeded = () => words.plainError('exceeded the number of arguments for a regex name rule');
  if (!several && args[0] !== 'answer') throw exceeded();
  expressionOf(setup, 'regex', from, to);
  const rules: ResponseRule[] = [];
  for (let at = 0; at < args.length; at += 4) {
    const [answer, field = '', pattern = '', target = ''] = args.slice(at, at + 4);
    const what = field.toLowerCase();
    if (answer !== 'answer' || !(what === 'name' || (several && what === 'value'))) throw exceeded();
    const rewrite = nameRewriter('regex', replaceable(words, release, pattern, target), normal(target));
    rules.push(what === 'name' ? ownerRule(rewrite) : valueRule(rewrite, release.name));
  }
  return { auto: false, rules };
}

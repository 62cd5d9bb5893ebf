import type { Edns, Question } from '../../../dns/message.ts';
import { classNumber } from '../../../dns/numbers.ts';
import { inRelease, since } from '../../history.ts';
import type { PluginSetup, Request } from '../../plugin.ts';
import { isType } from '../../types.ts';
import { edns0Rule } from './edns0-rule.ts';
import { nameRule } from './name-rule.ts';
import { cnameRule, rcodeRule, ttlRule } from './reply-rules.ts';
import type { ResponseRule } from './response.ts';

/** A query as a rule sees and leaves it. */
export interface Query {
  readonly question: Question;
  readonly edns: Edns | undefined;
}

/** A rewritten query, and what its reply is to go through. */
export interface Rewritten {
  readonly query: Query;
  readonly response: readonly ResponseRule[];
  /** Codes of EDNS options that the reply repeats. */
  readonly repeated?: readonly number[];
  /** The rule does not count as matching, though it has given the query an OPT. */
  readonly ignored?: boolean;
}

/** One `rewrite` line. */
export interface Rule {
  readonly stop: boolean;
  /** Undefined: it does not match. */
  readonly apply: (query: Query, way: Pick<Request, 'client' | 'local' | 'protocol'>) => Rewritten | undefined;
}

const checksBareMode = since('1.9.4');
const knowsCname = since('1.11.0');
const knowsRcode = since('1.11.3');

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
      return questionRule(setup, kind, args);
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

/** `type FROM TO`, `class FROM TO` */
function questionRule(
  { directive: words, release }: PluginSetup,
  field: 'type' | 'class',
  args: readonly string[],
): Rule['apply'] {
  const [from = '', to = ''] = args.map((arg) => arg.toUpperCase());
  if (args.length !== 2) throw words.plainError(`${field} rules must have exactly two arguments`);
  for (const word of [from, to]) {
    // `CLASS9` is no name to miekg/dns.
    const isClass = classNumber(word) !== undefined && !/^CLASS\d/.test(word);
    const known = field === 'type' ? isType(word, release.name) : isClass;
    if (!known) throw words.plainError(`invalid ${field} ${JSON.stringify(word)}`);
  }
  return ({ question, edns }) => {
    if (question[field] !== from) return undefined;
    return { query: { question: { ...question, [field]: to }, edns }, response: [] };
  };
}

import type { Rcode } from '../../../dns/message.ts';
import { rcodeNumbered, rcodeOf } from '../../../dns/numbers.ts';
import { withTtl } from '../../../dns/record.ts';
import { goUnsigned } from '../../corefile/go-values.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { PluginSetup } from '../../plugin.ts';
import { compileRegexp } from '../../regexp.ts';
import { matchedName, matchKind, type NameRewriter, nameRewriter, normal } from './name-match.ts';
import { recordRule } from './response.ts';
import type { Rule } from './rules.ts';

const knowsTtlRange = since('1.9.4');
/** Names of `exact` cname rules get their final dot: corefile-rewrite-cname. */
const cnameAddsDot = since('1.14.5');
/** Before, a bad expression of a cname rule was found when a name was compared with it: it matched nothing. */
const checksCnameExpression: History<boolean> = since('1.13.2');
const longestTtl = 2_147_483_647;
/** RCODEs that may be given by number. */
const highestRcode = 23;

/** `ttl [KIND] NAME TTL|MIN-MAX` */
export function ttlRule({ directive: words, release }: PluginSetup, args: readonly string[]): Rule['apply'] {
  if (args.length < 2) throw words.plainError(`too few (${args.length}) arguments for a ttl rule`);
  const text = args.length > 3 ? '' : (args.at(-1) ?? '');
  const range = ttlRange(text, inRelease(knowsTtlRange, release.name));
  if (range === undefined) throw words.plainError(`invalid TTL '${text}' for a ttl rule`);
  const [kindWord = '', name = ''] = args.length === 2 ? ['exact', ...args] : args;
  const matches = matchedName({ words, release }, 'ttl', kindWord, name);
  const clamp = recordRule((record) => withTtl(record, Math.min(range.max, Math.max(range.min, record.ttl))));
  return (query) => (matches(query.question.name.toLowerCase()) ? { query, response: [clamp] } : undefined);
}

/** `30`, and where ranges are known `30-300`, `30-`, `-300`. */
function ttlRange(text: string, ranges: boolean): { min: number; max: number } | undefined {
  const parts = text.split('-');
  const [first = '', second] = parts;
  if (parts.length > (ranges ? 2 : 1) || (first === '' && (second ?? '') === '')) return undefined;
  const min = first === '' ? { value: 0 } : goUnsigned(first);
  const max = second === undefined ? min : second === '' ? { value: longestTtl } : goUnsigned(second);
  if ('error' in min || 'error' in max || min.value > max.value) return undefined;
  return { min: min.value, max: max.value };
}

/** `rcode [KIND] NAME FROM TO` */
export function rcodeRule({ directive: words, release }: PluginSetup, args: readonly string[]): Rule['apply'] {
  if (args.length < 3) throw words.plainError(`too few (${args.length}) arguments for a rcode rule`);
  const [fromWord = '', toWord = ''] = args.length > 4 ? [] : args.slice(-2);
  const from = rcodeIn(fromWord);
  if (from === undefined) throw words.plainError(`invalid matching RCODE '${fromWord}' for a rcode rule`);
  const to = rcodeIn(toWord);
  if (to === undefined) throw words.plainError(`invalid replacement RCODE '${toWord}' for a rcode rule`);
  const [kindWord = '', name = ''] = args.length === 3 ? ['exact', ...args] : args;
  const matches = matchedName({ words, release }, 'rcode', kindWord, name);
  return (query) =>
    matches(query.question.name.toLowerCase()) ? { query, response: [{ kind: 'rcode', from, to }] } : undefined;
}

function rcodeIn(word: string): Rcode | undefined {
  const number = goUnsigned(word);
  return 'value' in number && number.value <= highestRcode ? rcodeNumbered(number.value) : rcodeOf(word.toUpperCase());
}

/** `cname [KIND] FROM TO` */
export function cnameRule({ directive: words, release }: PluginSetup, args: readonly string[]): Rule['apply'] {
  if (args.length !== 2 && args.length !== 3) {
    throw words.plainError(`too few (${args.length}) arguments for a cname rule`);
  }
  const [kindWord = '', ...names] = args.length === 2 ? ['exact', ...args] : args;
  const kind = matchKind(kindWord);
  if (kind === undefined) throw words.plainError(`unknown cname rewrite type: ${kindWord.toLowerCase()}`);
  const dotted = kind === 'exact' && inRelease(cnameAddsDot, release.name);
  const [from = '', to = ''] = names.map((name) => (dotted ? normal(name) : name.toLowerCase()));
  const target: NameRewriter = kind === 'regex' ? byExpression(from, to) : nameRewriter(kind, from, to);
  return (query) => ({ query, response: [{ kind: 'cname', target }] });

  function byExpression(pattern: string, replacement: string): NameRewriter {
    const compiled = compileRegexp(pattern);
    if ('value' in compiled) return nameRewriter('regex', compiled.value, replacement);
    if (inRelease(checksCnameExpression, release.name)) {
      throw words.plainError(`invalid cname rewrite regex pattern: ${compiled.error}`);
    }
    return () => undefined;
  }
}

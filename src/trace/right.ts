import { absolute, lower } from '../dns/name.ts';
import type { Explanation } from './explanation.ts';
import type { Hop } from './hop.ts';
import type { JudgedLookup } from './lookup.ts';
import { entryOf, nameOf } from './stale.ts';
import type { Truth } from './truth.ts';
import { capitalised, inSeconds, listed, withoutDot } from './words.ts';

/** Where a right answer came from. `trouble`: what went wrong before it came; `shared`: whose answer it was; `stray`: of which other name it is; all empty where there is none. */
export function whyRight(
  { trace }: JudgedLookup,
  hops: readonly Hop[],
  { trouble, shared, stray }: { readonly trouble: string; readonly shared: string; readonly stray: string },
): Explanation {
  const [hop] = hops;
  const delayed = trouble === '' ? [] : [`Before the answer came, this went wrong: ${trouble}.`];
  return {
    cause: 'answered',
    strand: hop?.trace ?? trace,
    holders: [],
    hops,
    short: hop === undefined ? 'unknown' : nameOf(hop),
    sentence: [
      ...(shared === '' ? [] : [`${capitalised(shared)}.`]),
      ...hops.map(hopSentence),
      ...delayed,
      ...(stray === '' ? [] : [stray]),
    ].join(' '),
  };
}

/** Of an answer that a wildcard gave to a name of the search list, where the name that was meant is there with other addresses; empty: it is no such answer. */
export function strayAnswer(
  { name, answeredName, addresses, start }: JudgedLookup,
  truth: Pick<Truth, 'addressesOf' | 'wildcardOf'>,
): string {
  const [meant, found] = [lower(absolute(name)), lower(absolute(answeredName))];
  if (meant === found || addresses.length === 0) return '';
  const wildcard = truth.wildcardOf(found, start);
  const own = wildcard === undefined ? [] : truth.addressesOf(meant, start);
  if (own.length === 0 || own.some((address) => addresses.includes(address))) return '';
  return `That is what the wildcard ${withoutDot(wildcard ?? '')} has for ${withoutDot(found)}, a name of the search list: ${withoutDot(meant)} itself has ${listed(own)}.`;
}

function hopSentence(hop: Hop, index: number): string {
  const who = nameOf(hop);
  if (hop.kind === 'cache') {
    const entry = entryOf(hop);
    return index === 0
      ? `${capitalised(who)} answered from its cache: ${entry}.`
      : `It had that from ${who}: ${entry}.`;
  }
  const when = inSeconds(hop.t);
  return index === 0
    ? `The answer is that of ${who} itself, at ${when}.`
    : `It had that from ${who} itself, at ${when}.`;
}

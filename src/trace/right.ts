import type { Explanation } from './explanation.ts';
import type { Hop } from './hop.ts';
import type { JudgedLookup } from './lookup.ts';
import { entryOf, nameOf } from './stale.ts';
import { capitalised, inSeconds } from './words.ts';

/** Where a right answer came from. `trouble`: what went wrong before it came; `shared`: whose answer it was; both empty where there is none. */
export function whyRight({ trace }: JudgedLookup, hops: readonly Hop[], trouble: string, shared: string): Explanation {
  const [hop] = hops;
  const delayed = trouble === '' ? [] : [`Before the answer came, this went wrong: ${trouble}.`];
  return {
    cause: 'answered',
    strand: hop?.trace ?? trace,
    holders: [],
    hops,
    short: hop === undefined ? 'unknown' : nameOf(hop),
    sentence: [...(shared === '' ? [] : [`${capitalised(shared)}.`]), ...hops.map(hopSentence), ...delayed].join(' '),
  };
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

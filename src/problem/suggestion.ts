import { distance } from 'fastest-levenshtein';

/** The known word that was probably meant; undefined when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(Math.floor(word.length / 2), Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    // Each letter more or less is a step.
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const steps = stepsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** Letters in another order are one mistake, not two. */
function stepsBetween(word: string, other: string): number {
  const steps = distance(word, other);
  const swapped = steps === 2 && sorted(word) === sorted(other);
  return swapped ? 1 : steps;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** A remedy for an unknown word: the near one, or the list of what there is. */
export function didYouMean(word: string, known: readonly string[], what: string): string {
  const near = nearestWord(word, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? `there are no ${what}` : `${what}: ${known.join(', ')}`;
}

/** A remedy for a release that is not known: those of the same series, as `1.12` is one, or the first and the last. */
export function knownReleases(release: string, known: readonly string[]): string {
  const series = /^v?(\d+\.\d+)/.exec(release)?.[1];
  const near = known.filter((name) => name === series || name.startsWith(`${series}.`));
  return near.length > 0 ? `there is ${near.join(', ')}` : `those from ${known[0]} to ${known.at(-1)} are`;
}

import { type ReleaseName, releaseNames } from './releases.ts';

/** `1.9.4 and later`, `up to 1.6.9`, `1.14.2 to 1.14.6`; gaps are told apart by commas. */
export function rangeOf(names: readonly ReleaseName[]): string {
  const runs: [first: number, last: number][] = [];
  for (const [i, name] of releaseNames.entries()) {
    if (!names.includes(name)) continue;
    const run = runs.at(-1);
    if (run?.[1] === i - 1) run[1] = i;
    else runs.push([i, i]);
  }
  const end = releaseNames.length - 1;
  return runs
    .map(([first, last]) => {
      if (first === 0 && last === end) return 'all releases';
      if (first === last) return releaseNames[first];
      if (last === end) return `${releaseNames[first]} and later`;
      return first === 0 ? `up to ${releaseNames[last]}` : `${releaseNames[first]} to ${releaseNames[last]}`;
    })
    .join(', ');
}

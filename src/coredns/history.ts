/** How one behaviour changed: from which release on which value holds, oldest first. */
export type History<T> = readonly [
  first: readonly [since: string, value: T],
  ...rest: (readonly [since: string, value: T])[],
];

const ranks = new Map<string, number>();

/** A number that grows with the release: `1.11.1` is 1011001. */
function rankOf(release: string): number {
  let rank = ranks.get(release);
  if (rank === undefined) {
    const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number);
    rank = major * 1_000_000 + minor * 1_000 + patch;
    ranks.set(release, rank);
  }
  return rank;
}

/** Negative when release `a` is older than `b`, such as `1.9.4` and `1.11.1`. */
function compareReleases(a: string, b: string): number {
  return rankOf(a) - rankOf(b);
}

/** The value that holds in `release`; the oldest known one in still older releases. */
export function inRelease<T>(history: History<T>, release: string): T {
  let value = history[0][1];
  for (const [since, then] of history) if (compareReleases(since, release) <= 0) value = then;
  return value;
}

/** A yes/no behaviour that came with a release. */
export function since(release: string): History<boolean> {
  return [
    ['0', false],
    [release, true],
  ];
}

/** A behaviour of several named facets, each with its history. */
export type Histories<T> = { readonly [K in keyof T]: History<T[K]> };

/** All facets as they are in `release`. */
export function behaviourOf<T extends object>(histories: Histories<T>, release: string): T {
  const facets = Object.entries<History<unknown>>(histories);
  // The mapped type holds key by key; fromEntries forgets the keys.
  return Object.fromEntries(facets.map(([name, history]) => [name, inRelease(history, release)])) as T;
}

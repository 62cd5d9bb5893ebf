import { didYouMean } from '../../problem/suggestion.ts';
import type { ResolverDescription } from '../../resolver/description.ts';

const kinds: readonly ResolverDescription['kind'][] = ['glibc', 'musl', 'go', 'c-ares', 'dig'];

/** `glibc 2.36` as kind and release; undefined for anything else. */
export function readResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> | undefined {
  const match = /^(\S+) (\d[\d.]*)$/.exec(text.trim());
  const kind = kinds.find((known) => known === match?.[1]);
  return kind === undefined || match?.[2] === undefined ? undefined : { kind, release: match[2] };
}

/** What to write in place of a text that is none. */
export function resolverHint(text: string): string {
  const [word = ''] = text.trim().split(' ');
  const isKnown = kinds.some((kind) => kind === word);
  return isKnown
    ? `add a release, such as ${word} ${example[word] ?? '2.36'}`
    : didYouMean(word, kinds, 'write one of these and a release');
}

const example: Readonly<Record<string, string>> = {
  glibc: '2.36',
  musl: '1.2.5',
  go: '1.22',
  'c-ares': '1.34',
  dig: '9.18',
};

/** The same for a text that was checked. */
export function parseResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> {
  const resolver = readResolver(text);
  if (resolver === undefined) throw new Error(`"${text}" was not checked`);
  return resolver;
}

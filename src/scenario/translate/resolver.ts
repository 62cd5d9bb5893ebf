import type { ResolverDescription } from '../../resolver/description.ts';

const kinds: readonly ResolverDescription['kind'][] = ['glibc', 'musl', 'go', 'c-ares'];

/** `glibc 2.36` as kind and release; undefined for anything else. */
export function readResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> | undefined {
  const match = /^(\S+) (\d[\d.]*)$/.exec(text.trim());
  const kind = kinds.find((known) => known === match?.[1]);
  return kind === undefined || match?.[2] === undefined ? undefined : { kind, release: match[2] };
}

/** The same for a text that was checked. */
export function parseResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> {
  const resolver = readResolver(text);
  if (resolver === undefined) throw new Error(`"${text}" was not checked`);
  return resolver;
}

import { bind } from './bind.ts';
import { generic } from './generic.ts';
import type { RecursorProfile, TtlBound } from './profile.ts';
import { unbound } from './unbound.ts';

/** Programs by the name that a scenario gives as `software`. */
const profiles: Readonly<Record<string, RecursorProfile>> = { unbound, bind, generic };

export const recursorSoftware: readonly string[] = Object.keys(profiles);

/** Words that a program's `options` may hold, with the kind of their values; none for a program that is not known. */
export function recursorOptions(software: string): ReadonlyMap<string, 'number' | 'boolean'> {
  const profile = profiles[software];
  const kinds = new Map<string, 'number' | 'boolean'>();
  for (const word of Object.keys(profile?.options ?? {})) kinds.set(word, 'number');
  if (profile?.prefetchOption !== undefined) kinds.set(profile.prefetchOption.word, 'boolean');
  return kinds;
}

/** A program's rules with the operator's own settings; undefined when the program is not known. */
export function recursorProfile(
  software: string,
  options: Readonly<Record<string, number | boolean>>,
): RecursorProfile | undefined {
  const profile = profiles[software];
  if (profile === undefined) return undefined;
  const bounds: Partial<Record<TtlBound, number>> = {};
  for (const [word, value] of Object.entries(options)) {
    if (typeof value === 'number') for (const bound of profile.options[word] ?? []) bounds[bound] = value;
  }
  const ahead = profile.prefetchOption;
  const prefetch =
    ahead !== undefined && options[ahead.word] === true
      ? { share: ahead.share, seconds: 0, from: 0 }
      : profile.prefetch;
  return { ...profile, ...bounds, prefetch };
}

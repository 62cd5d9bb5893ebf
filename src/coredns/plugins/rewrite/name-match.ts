import type { RE2JS } from 're2js';
import { firstMatch } from '../../regexp.ts';
import { normalName } from '../../zones.ts';

export type MatchKind = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';
export const matchKinds: readonly MatchKind[] = ['exact', 'prefix', 'suffix', 'substring', 'regex'];

/** What a name becomes; undefined: it does not match. Names in lower case with final dot. */
export type NameRewriter = (name: string) => string | undefined;

/** Replaces the part that matches; `expression` is that of `regex`, whose groups `{1}`… stand in `to`. */
export function nameRewriter(kind: MatchKind, from: string, to: string, expression: RE2JS | undefined): NameRewriter {
  const matches = nameMatcher(kind, from, expression);
  switch (kind) {
    case 'exact':
      return (name) => (matches(name) ? normalName(to) : undefined);
    case 'prefix':
      return (name) => (matches(name) ? normalName(to) + name.slice(normalName(from).length) : undefined);
    case 'suffix':
      return (name) => (matches(name) ? name.slice(0, -normalName(from).length) + normalName(to) : undefined);
    case 'substring':
      return (name) => (matches(name) ? name.replaceAll(from, to) : undefined);
    case 'regex':
      return (name) => (expression === undefined ? undefined : withGroups(expression, name, normalName(to)));
  }
}

/** Does a name match? */
export function nameMatcher(kind: MatchKind, from: string, expression: RE2JS | undefined): (name: string) => boolean {
  switch (kind) {
    case 'exact':
      return (name) => name === normalName(from);
    case 'prefix':
      return (name) => name.startsWith(normalName(from));
    case 'suffix':
      return (name) => name.endsWith(normalName(from));
    case 'substring':
      return (name) => name.includes(from);
    case 'regex':
      return (name) => expression?.matcher(name).find() === true;
  }
}

function withGroups(expression: RE2JS, name: string, to: string): string | undefined {
  const groups = firstMatch(expression, name);
  return groups?.reduce((text, group, i) => text.replaceAll(`{${i}}`, group), to);
}

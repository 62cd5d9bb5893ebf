import type { RE2JS } from 're2js';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { inRelease, since } from '../../history.ts';
import { compileRegexp, firstMatch } from '../../regexp.ts';
import type { Release } from '../../releases.ts';

export type MatchKind = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';
const matchKinds: readonly MatchKind[] = ['exact', 'prefix', 'suffix', 'substring', 'regex'];

/** What a name becomes; undefined: it does not match. */
export type NameRewriter = (name: string) => string | undefined;

/** Patterns beyond this are refused. */
const longestPattern = 10_000;
const limitsPatterns = since('1.14.0');

export function matchKind(word: string): MatchKind | undefined {
  return matchKinds.find((kind) => kind === word.toLowerCase());
}

/** Replaces the part that matches; a `regex` is an expression, whose groups `{1}`… stand in `to`. */
export function nameRewriter(kind: MatchKind, from: string | RE2JS, to: string): NameRewriter {
  if (typeof from !== 'string') return (name) => withGroups(from, name, to);
  const matches = nameMatcher(kind, from);
  switch (kind) {
    case 'exact':
    case 'regex':
      return (name) => (matches(name) ? to : undefined);
    case 'prefix':
      return (name) => (matches(name) ? to + name.slice(from.length) : undefined);
    case 'suffix':
      return (name) => (matches(name) ? name.slice(0, name.length - from.length) + to : undefined);
    case 'substring':
      return (name) => (matches(name) ? name.replaceAll(from, to) : undefined);
  }
}

/** Does a name match? */
export function nameMatcher(kind: MatchKind, from: string | RE2JS): (name: string) => boolean {
  if (typeof from !== 'string') return (name) => from.matcher(name).find();
  switch (kind) {
    case 'exact':
    case 'regex':
      return (name) => name === from;
    case 'prefix':
      return (name) => name.startsWith(from);
    case 'suffix':
      return (name) => name.endsWith(from);
    case 'substring':
      return (name) => name.includes(from);
  }
}

function withGroups(expression: RE2JS, name: string, to: string): string | undefined {
  const groups = firstMatch(expression, name);
  return groups?.reduce((text, group, i) => text.replaceAll(`{${i}}`, group), to);
}

/** The expression of a pattern that may be replaced by `to` (`isValidRegexPattern`); `context` stands before the error. */
export function replaceable(words: Dispenser, release: Release, pattern: string, to: string, context = ''): RE2JS {
  const refuse = (text: string) => words.plainError(context + text);
  if (inRelease(limitsPatterns, release.name) && pattern.length > longestPattern) {
    throw refuse(`regex pattern too long: ${pattern.length} > ${longestPattern}`);
  }
  const compiled = compileRegexp(pattern);
  if ('error' in compiled) throw refuse(`invalid regex matching pattern: ${pattern}`);
  const used = Array.from({ length: 101 }, (_, i) => to.includes(`{${i}}`)).filter(Boolean).length;
  if (used > compiled.value.groupCount()) {
    const fewer = `its corresponding matching regex pattern (${pattern})`;
    throw refuse(`the rewrite regex pattern (${to}) uses more subexpressions than ${fewer}`);
  }
  return compiled.value;
}

/** `dns.IsDomainName`. */
export function isDomainName(name: string): boolean {
  if (name === '.') return true;
  const labels = name.replace(/\.$/, '').split('.');
  return name.length <= 255 && labels.every((label) => label !== '' && label.length <= 63);
}

/** What a `ttl` or `rcode` rule's name is compared with. */
export function matchedName(
  { words, release }: { readonly words: Dispenser; readonly release: Release },
  rule: string,
  kindWord: string,
  name: string,
): (name: string) => boolean {
  const kind = matchKind(kindWord);
  if (kind === undefined) {
    throw words.plainError(`${rule} rule supports only exact, prefix, suffix, substring, and regex name matching`);
  }
  if (kind !== 'regex') return nameMatcher(kind, normal(name));
  if (inRelease(limitsPatterns, release.name) && name.length > longestPattern) {
    throw words.plainError(`regex pattern too long in a ${rule} rule: ${name.length} > ${longestPattern}`);
  }
  const compiled = compileRegexp(name);
  if ('error' in compiled) throw words.plainError(`invalid regex pattern in a ${rule} rule: ${name}`);
  return nameMatcher(kind, compiled.value);
}

/** Lower case and final dot, for whatever part of a name it is (`plugin.Name.Normalize`). */
export function normal(text: string): string {
  return (text.endsWith('.') ? text : `${text}.`).toLowerCase();
}

import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { GoValue } from './corefile/go-values.ts';

/** A Go regular expression, or the text of the error that Go's own package gives for it. */
export function compileRegexp(pattern: string): GoValue<RE2JS> {
  try {
    return { value: RE2JS.compile(pattern) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return { error: error.message };
    throw error;
  }
}

/** Groups of the first match, the whole at 0 (Go's FindStringSubmatch); undefined: no match. */
export function firstMatch(expression: RE2JS, text: string): readonly string[] | undefined {
  const matcher = expression.matcher(text);
  if (!matcher.find()) return undefined;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? '');
}

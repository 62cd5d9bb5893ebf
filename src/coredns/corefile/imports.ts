import type { Source } from '../../problem/problem.ts';
import type { Files } from '../plugin.ts';

/** What `import PATTERN` leads to. */
export type Imports =
  | { readonly kind: 'files'; readonly sources: readonly Source[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * The files that an import of a path or glob names, relative to the file that imports. `corefile` is the name of the
 * Corefile: its directory is the root of the files' names.
 */
export function findImports(pattern: string, importer: string, corefile: string, files: Files): Imports {
  const path =
    pattern.startsWith('/') || importer === corefile ? clean(pattern) : clean(`${directory(importer)}/${pattern}`);
  if (count(path, '*') > 1 || count(path, '?') > 1 || (path.includes('[') && path.includes(']'))) {
    return { kind: 'refused', message: `Glob pattern may only contain one wildcard (*), but has others: ${path}` };
  }
  const isGlob = /[*?[\]]/.test(path);
  const names = isGlob ? files.names().filter(globMatcher(path)) : files.names().filter((name) => clean(name) === path);
  if (names.length > 0) {
    const sorted = [...names].sort();
    return { kind: 'files', sources: sorted.map((name) => ({ file: name, text: files.read(name) ?? '' })) };
  }
  if (isGlob) return { kind: 'nothing' };
  if (isDirectory(files, path)) {
    return { kind: 'refused', message: `Could not import ${pattern}: is a directory` };
  }
  return { kind: 'refused', message: `File to import not found: ${pattern}` };
}

/** Is it the process's own directory, or one that has files? */
export function isDirectory(files: Files, path: string): boolean {
  if (path === '') return false;
  const inside = clean(path);
  return inside === '' || inside === '/' || files.names().some((name) => clean(name).startsWith(`${inside}/`));
}

function globMatcher(pattern: string): (name: string) => boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replace('*', '[^/]*').replace('?', '[^/]')}$`);
  return (name) => expression.test(clean(name));
}

/** `./a//b/../c` as `a/c`. */
export function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

function directory(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

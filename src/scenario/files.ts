import type { Problem } from '../problem/problem.ts';

/** Where scenarios are read from: a disk, or a map in a browser. Paths use `/`. */
export interface Files {
  /** Text of a file; undefined when there is none that can be read. */
  read(path: string): string | undefined;
  isDirectory(path: string): boolean;
  /** What a directory is called whose path ends in no name, such as `.`; absent: nothing. */
  nameOf?(directory: string): string;
}

/** A problem for what was read of a file unless it is text: a binary, or compressed. */
export function binaryProblem(file: string, text: string): Problem | undefined {
  if (!/[\0\uFFFD]/.test(text.slice(0, 4096))) return undefined;
  const hint = 'give it as plain text in UTF-8: unpacked, not a picture or a program';
  return { code: 'not-a-text', file, line: 1, column: 1, message: 'this is not a text', hint };
}

/** The part before the last `/`; `.` when there is none. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash) || '/';
}

/** A path as seen from a directory, without `./`, `//` and `x/..`. */
export function joinPath(directory: string, path: string): string {
  if (path.startsWith('/')) return path;
  const isAbsolute = directory.startsWith('/');
  const parts: string[] = [];
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '.' || part === '') continue;
    const last = parts.at(-1);
    if (part !== '..' || (last === undefined && !isAbsolute) || last === '..') parts.push(part);
    else parts.pop();
  }
  return `${isAbsolute ? '/' : ''}${parts.join('/')}` || '.';
}

/** Where scenarios are read from: a disk, or a map in a browser. Paths use `/`. */
export interface Files {
  /** Text of a file; undefined when there is none that can be read. */
  read(path: string): string | undefined;
  isDirectory(path: string): boolean;
}

/** The part before the last `/`; `.` when there is none. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash) || '/';
}

/** A path as seen from a directory, without `./` and `x/..`. */
export function joinPath(directory: string, path: string): string {
  if (path.startsWith('/')) return path;
  const parts: string[] = [];
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || '.';
}

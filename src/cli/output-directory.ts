import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Content, ReportFile } from '../report/report-file.ts';

/**
 * Files that appear in their directory whole or not at all: they are written beside it and moved when all are there.
 * What else lies in the directory stays, but for files that `isOurs` names: those of an earlier report.
 */
export class OutputDirectory {
  readonly path: string;
  readonly #parent: string;
  readonly #made: string | undefined;
  /** Where its files are until all are there. */
  readonly temporary: string;

  /** Throws Node's error when the place cannot be written to; nothing is left behind then. */
  constructor(path: string) {
    this.path = resolve(path);
    this.#parent = dirname(this.path);
    this.#made = makeDirectories(this.#parent);
    refuseUnlessDirectory(this.path);
    this.temporary = mkdtempSync(join(this.#parent, `.${basename(this.path)}-`));
  }

  /** Moves the files of these names into place. */
  publish(names: readonly string[], isOurs: (name: string) => boolean): void {
    mkdirSync(this.path, { recursive: true });
    for (const name of names) renameSync(join(this.temporary, name), join(this.path, name));
    for (const old of readdirSync(this.path)) if (isOurs(old) && !names.includes(old)) rmSync(join(this.path, old));
    rmSync(this.temporary, { recursive: true });
  }

  /** Gives up: removes what was made. */
  abandon(): void {
    rmSync(this.temporary, { recursive: true, force: true });
    if (this.#made === undefined) return;
    for (let made = this.#parent; made.startsWith(this.#made); made = dirname(made)) {
      if (readdirSync(made).length > 0) return;
      rmdirSync(made);
    }
  }
}

/** Writes files into a directory, such as the temporary one of another; returns their names. */
export function writeFiles(directory: string, files: readonly ReportFile[]): string[] {
  for (const { name, content } of files) {
    const path = join(directory, name);
    if (typeof content === 'string') writeFileSync(path, content);
    else writePieces(path, content);
  }
  return files.map(({ name }) => name);
}

function writePieces(path: string, content: Exclude<Content, string>): void {
  const file = openSync(path, 'w');
  try {
    content((octets) => writeFileSync(file, octets));
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a directory and those above it that are absent; returns the first that was. Node's own `recursive` does not end
 * where the system says of a directory that it is not there, as below /proc.
 */
export function makeDirectories(path: string): string | undefined {
  if (existsSync(path)) {
    refuseUnlessDirectory(path);
    return undefined;
  }
  const above = makeDirectories(dirname(path));
  mkdirSync(path);
  return above ?? path;
}

/** ENOTDIR when something else has the directory's name. */
function refuseUnlessDirectory(path: string): void {
  try {
    readdirSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EMSGSIZE: 'message too long',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file is in the way',
  ENOENT: 'there is no such directory',
  ENOSPC: 'the disk is full',
  EISDIR: 'a directory is in the way',
  ELOOP: 'a symbolic link leads to itself',
  ENAMETOOLONG: 'the name is too long',
};

/** Why a report could not be put into its directory. */
export function cannotWrite(directory: string, error: unknown, remedy = 'choose another place with --out'): string {
  return `dnspath: cannot write to ${directory}/: ${whyNotWritten(error)}; ${remedy}`;
}

/** What an error of Node's says to a user. */
export function whyNotWritten(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? String(error);
}

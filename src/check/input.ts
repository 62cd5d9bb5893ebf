import type { Problem, Source } from '../problem/problem.ts';
import { binaryProblem, type Files } from '../scenario/files.ts';
import { captureIn } from './captures.ts';
import { type FileKind, fileKinds, tellKind } from './kind.ts';

/** A file that was read, and what it is. */
export interface Input {
  readonly source: Source;
  readonly kind: FileKind;
}

/** Longer files are no configuration. */
const mostCharacters = 4_000_000;

/** Reads a file, or says why it cannot be checked. A directory is a scenario. */
export function readInput(path: string, files: Files, kind: FileKind | undefined): Input | Problem {
  const refuse = (code: string, message: string, hint: string): Problem => ({
    code,
    file: path,
    line: 1,
    column: 1,
    message,
    hint,
  });
  if (files.isDirectory(path)) {
    if (kind === undefined || kind === 'scenario') return { source: { file: path, text: '' }, kind: 'scenario' };
    return refuse('is-directory', 'this is a directory', 'name a file');
  }
  const text = files.read(path);
  if (text === undefined)
    return refuse('missing-file', 'there is no such file, or it cannot be read', 'name a file that you can read');
  const binary = binaryProblem(path, text);
  if (binary !== undefined) return binary;
  const captured = kind === undefined ? captureIn(text.slice(0, mostCharacters)) : undefined;
  if (captured !== undefined) return refuse('capture', captured.message, captured.hint);
  if (text.length > mostCharacters)
    return refuse('too-long', 'the file is too long to be a configuration', `at most ${mostCharacters} characters`);
  const told = kind ?? tellKind(path, text);
  if (told !== undefined) return { source: { file: path, text }, kind: told };
  const what =
    text.trim() === '' ? 'the file is empty: what it is cannot be told' : 'what kind of file this is cannot be told';
  return refuse('unknown-kind', what, `say it: --kind ${fileKinds.join(', ')}`);
}

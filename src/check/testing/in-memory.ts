import type { Files } from '../../scenario/files.ts';
import { type CheckOptions, type CheckReport, checkFiles } from '../check.ts';

/** Files by their names, as a disk for tests. */
export function inMemory(texts: Readonly<Record<string, string>>): Files {
  return {
    read: (path) => texts[path],
    isDirectory: (path) => Object.keys(texts).some((file) => file.startsWith(`${path}/`)),
  };
}

/** Checks one text under a file name; `others` are given with it. */
export function checkText(
  name: string,
  text: string,
  options: CheckOptions = {},
  others: Readonly<Record<string, string>> = {},
): CheckReport {
  return checkFiles([name, ...Object.keys(others)], inMemory({ ...others, [name]: text }), options);
}

/** Codes of what was found in that file, in its order. */
export function codesIn({ files }: CheckReport, name: string): string[] {
  return files.filter(({ file }) => file === name).flatMap(({ findings }) => findings.map(({ code }) => code));
}

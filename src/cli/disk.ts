import { readFileSync, statSync } from 'node:fs';
import type { Files } from '../index.ts';

/** The user's files. */
export const disk: Files = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  isDirectory(path) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  },
};

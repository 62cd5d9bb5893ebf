import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
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
    try {
      return statSync(path).isDirectory();
    } catch {
      return false;
    }
  },
  nameOf: (directory) => basename(resolve(directory)),
};

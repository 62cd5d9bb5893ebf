#!/usr/bin/env node
// The command is one script. V8 is handed what it compiled of it when dnspath was built; another Node than the
// builder's finds that it does not fit, and compiles again.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const filename = fileURLToPath(new URL('./dnspath.cjs', import.meta.url));

function codeCache() {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}

export const script = new Script(
  `(function (require, importPackage, moduleUrl) {${readFileSync(filename, 'utf8')}\n})`,
  {
    filename,
    cachedData: codeCache(),
  },
);
script.runInThisContext()(createRequire(import.meta.url), (name) => import(name), import.meta.url);

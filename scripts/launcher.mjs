#!/usr/bin/env node
// The command is one script. V8 is handed what it compiled of it when dnspath was built; one of another release compiles
// again, and is not asked whether this fits: that of Node 20.19 crashes over it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const filename = fileURLToPath(new URL('./dnspath.cjs', import.meta.url));
export const cacheFile = `${filename}.${process.versions.v8}.cache`;

function codeCache() {
  try {
    return readFileSync(cacheFile);
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

// Lets Node read TypeScript, for the workers of vitest: `--import` registers these hooks, which run in a thread of
// their own. Vite's way of reading modules makes each use of an import a call of a getter, a tenth of the tests' time.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from 'esbuild';

if (isMainThread) register(import.meta.url);

const commands = new URL('../../src/cli/', import.meta.url).href;
const library = new URL('./library.ts', import.meta.url).href;

/** What commands import when they are executed is the library, but a test may put another `run` in its place. */
export function resolve(specifier, context, next) {
  const isCommands = specifier === '../index.ts' && context.parentURL?.startsWith(commands);
  return next(isCommands ? library : specifier, context);
}

export async function load(url, context, next) {
  const [file] = url.split('?');
  if (!file.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(file);
  const { code } = await transform(await readFile(path, 'utf8'), {
    loader: 'ts',
    target: 'es2023',
    sourcefile: path,
    sourcemap: 'inline',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: 'module', source: code, shortCircuit: true };
}

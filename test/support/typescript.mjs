// Lets Node read TypeScript, for the workers of vitest: Vite's way of reading modules makes each use of an import a
// call of a getter, a tenth of the tests' time. From 22.18 Node reads it by itself.
import * as modules from 'node:module';
import { isMainThread } from 'node:worker_threads';

const commands = new URL('../../src/cli/', import.meta.url).href;
const library = new URL('./library.ts', import.meta.url).href;

/** What commands import when they are executed is the library, but a test may put another `run` in its place. */
export function resolve(specifier, context, next) {
  const isCommands = specifier === '../index.ts' && context.parentURL?.startsWith(commands);
  return next(isCommands ? library : specifier, context);
}

if (process.features.typescript) modules.registerHooks({ resolve });
else if (isMainThread) {
  const tsx = await import('tsx/esm/api');
  tsx.register();
  modules.register(import.meta.url);
}

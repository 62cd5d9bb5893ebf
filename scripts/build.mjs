// Builds dist/ from nothing: types by tsc, code by esbuild, bundled because one large file starts in a third of the
// time of three hundred small ones. Packages that only some commands need stay apart and are loaded when needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeClientBundle } from './client.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

await writeClientBundle();
rmSync(`${root}/dist`, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/index.ts', 'cli/main': 'src/cli/main.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['vega', 'vega-lite', 'yargs'],
  // Some of the packages inside are CommonJS and ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
});
chmodSync(`${root}/dist/cli/main.js`, 0o755);

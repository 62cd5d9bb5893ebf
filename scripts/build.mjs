// Builds dist/ from nothing: types by tsc, code by esbuild, bundled because one large file starts in a third of the
// time of three hundred small ones. The library is a module; the command is a script, whose compiled code can be kept.
// Packages that draw stay apart and are loaded when needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeClientBundle } from './client.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

await writeClientBundle();
rmSync(`${root}/dist`, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (status !== 0) process.exit(1);
const options = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['vega', 'vega-lite'],
  logLevel: 'warning',
};
await build({
  ...options,
  entryPoints: { index: 'src/index.ts' },
  format: 'esm',
  // Some of the packages inside are CommonJS and ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
  },
});
const { outputFiles } = await build({
  ...options,
  entryPoints: ['src/cli/main.ts'],
  format: 'cjs',
  write: false,
  define: { 'import.meta.url': 'moduleUrl' },
});
// A script is no module, and one whose code was kept cannot import either: its launcher hands it what it lacks.
const command = outputFiles[0].text.replaceAll('import("vega', 'importPackage("vega');
writeFileSync(`${root}/dist/cli/dnspath.cjs`, command);
copyFileSync(`${root}/scripts/launcher.mjs`, `${root}/dist/cli/main.js`);
chmodSync(`${root}/dist/cli/main.js`, 0o755);
const cache = spawnSync(process.execPath, ['scripts/code-cache.mjs'], { cwd: root, stdio: 'inherit' });
process.exitCode = cache.status ?? 1;

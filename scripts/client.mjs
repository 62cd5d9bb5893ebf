// Bundles the script and the style of report.html into src/report/html/client-bundle.ts, which is committed: so the
// tool runs from its source without a build, and a test tells when the bundle is not that of the source.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}/src/report/html/client-bundle.ts`;
const common = { absWorkingDir: root, bundle: true, minify: true, write: false, target: 'es2022', charset: 'utf8' };

/** What client-bundle.ts has to be. */
export async function clientBundle() {
  const [script, style] = await Promise.all(
    ['main.ts', 'style.css'].map(async (name) => {
      const { outputFiles } = await build({
        ...common,
        format: 'iife',
        entryPoints: [`src/report/html/client/${name}`],
      });
      return JSON.stringify(outputFiles[0].text.trim());
    }),
  );
  return `// Made by scripts/client.mjs out of client/: edit that.\nexport const clientScript = ${script};\nexport const clientStyle = ${style};\n`;
}

/** Writes it where it has changed. */
export async function writeClientBundle() {
  const text = await clientBundle();
  const before = readFileSync(target, { encoding: 'utf8', flag: 'a+' });
  if (before !== text) writeFileSync(target, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeClientBundle();

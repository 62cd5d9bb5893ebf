// npm test: every check in turn, all of them even when one fails; says at the end which failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}/node_modules/.cache/dnspath`;
const counts = `${cache}/tests.json`;

const steps = [
  ['types', 'typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the page in report.html', 'typescript/bin/tsc', '-p', 'src/report/html/client'],
  ['types of its tests in a browser', 'typescript/bin/tsc', '-p', 'test/browser'],
  ['format and lint', '@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  ['import order of the rooms', 'dependency-cruiser/bin/dependency-cruise.mjs', 'src'],
  ['dead code', 'knip/bin/knip.js'],
  ['tests', 'vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${counts}`],
];

function run([name, script, ...args]) {
  console.log(`\n--- ${name}`);
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, stdio: 'inherit' });
  return { name, ok: status === 0 };
}

mkdirSync(cache, { recursive: true });
rmSync(counts, { force: true });
const results = steps.map(run);
const failed = results.filter(({ ok }) => !ok);

console.log('');
for (const { name, ok } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
if (existsSync(counts)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(counts, 'utf8'));
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed`);
}
process.exit(failed.length === 0 ? 0 : 1);

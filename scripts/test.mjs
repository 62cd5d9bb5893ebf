// npm test: the checks all at once, so that both cores have work; each prints when it is done, and at the end what failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}/node_modules/.cache/dnspath`;
const counts = `${cache}/tests.json`;

// typescript-native is TypeScript 7, which has no API yet: dependency-cruiser reads with the 6 in typescript. In several
// threads its compiler reads some types several times, and the tests have work for all cores anyway.
const steps = [
  ['types', 'typescript-native/bin/tsc', '-p', 'tsconfig.json', '--singleThreaded'],
  ['types of the page in report.html', 'typescript-native/bin/tsc', '-p', 'src/report/html/client'],
  ['format and lint', '@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  ['import order of the rooms', 'dependency-cruiser/bin/dependency-cruise.mjs', 'src'],
  ['dead code', 'knip/bin/knip.js'],
  ['tests', 'vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${counts}`],
];

function run([name, script, ...args]) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [`node_modules/${script}`, ...args], { cwd: root });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('close', (status) => {
      console.log(`\n--- ${name}`);
      process.stdout.write(Buffer.concat(output));
      done({ name, ok: status === 0 });
    });
  });
}

mkdirSync(cache, { recursive: true });
rmSync(counts, { force: true });
const results = await Promise.all(steps.map(run));
const failed = results.filter(({ ok }) => !ok);

console.log('');
for (const { name, ok } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
if (existsSync(counts)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(counts, 'utf8'));
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed`);
}
process.exit(failed.length === 0 ? 0 : 1);

// Is the package whole? Packs it, installs the tarball in an empty directory, runs a scenario copied there,
// and compiles a program that uses the library with its types.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'dnspath-pack-'));
const scenario = 'a-record-failover';

function run(command, args, cwd = place) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function check(what, isTrue) {
  if (!isTrue) throw new Error(`the package is not whole: ${what}`);
  console.log(`ok     ${what}`);
}

try {
  run('npm', ['pack', '--pack-destination', place, '--loglevel=error'], root);
  const tarball = readdirSync(place).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(place, 'package.json'), '{ "name": "elsewhere", "private": true, "type": "module" }\n');
  run('npm', ['install', `./${tarball}`, '--no-audit', '--no-fund', '--loglevel=error']);

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  check('--version', run('npx', ['dnspath', '--version']).trim() === version);

  cpSync(join(root, 'scenarios', scenario), join(place, scenario), { recursive: true });
  const summary = JSON.parse(run('npx', ['dnspath', 'run', scenario, '--json']));
  check(`runs ${scenario}, copied to an empty directory`, summary.met === true);
  for (const name of ['timeline.csv', 'lookups.svg', 'journey.svg']) {
    const [ours, theirs] = [root, place].map((base) => readFileSync(join(base, 'reports', scenario, name), 'utf8'));
    check(`writes the ${name} of the gallery`, ours === theirs);
  }

  for (const name of ['one', 'two']) cpSync(join(place, scenario), join(place, name), { recursive: true });
  const several = run('npx', ['dnspath', 'run', 'one', 'two', '--jobs', '2', '--json', '--no-charts'])
    .trim()
    .split('\n');
  check('runs two at once', several.length === 2 && several.every((line) => JSON.parse(line).met === true));

  const program =
    "import { loadScenario, run } from 'dnspath';\nexport const names: string[] = [loadScenario.name, run.name];\n";
  writeFileSync(join(place, 'program.ts'), program);
  const options = ['--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2023'];
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'program.ts']);
  check('compiles a program that uses the library', true);
  check('runs it', run(process.execPath, ['program.js']) === '');
} finally {
  rmSync(place, { recursive: true, force: true });
}

// npm start: runs the bundled scenarios with the built command and says where the reports are.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const scenarios = readdirSync(`${root}/scenarios`, { recursive: true, encoding: 'utf8' })
  .filter((path) => existsSync(`${root}/scenarios/${path}/scenario.yaml`))
  .sort()
  .map((path) => `scenarios/${path}`);

const { status } = spawnSync(process.execPath, ['dist/cli/main.js', 'run', ...scenarios, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
console.log(
  `The reports are in reports/: a folder for each of ${scenarios.length} scenarios, with charts (*.svg) and tables.`,
);
process.exit(status ?? 70);

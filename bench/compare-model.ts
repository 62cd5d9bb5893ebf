// A comparison beside the single run: of a scenario with itself, where every step is held against its other.
import { readFileSync } from 'node:fs';
import { compare, type Files, loadScenario, run } from '../src/index.ts';

const files: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  isDirectory: (path) => path === 'scenarios/a-record-failover',
};
const scenario = loadScenario('scenarios/a-record-failover', files);

export function singleRun(): void {
  run(scenario);
}

export function comparison(): void {
  const { parting } = compare(run(scenario), run(scenario));
  if (parting !== undefined) throw new Error('a scenario is not the same as itself');
}

import type { Scenario } from '../index.ts';
import { ProblemsFound } from '../problem/problem.ts';
import { complainOf, inSum } from './complain.ts';
import { disk } from './disk.ts';
import type { Terminal } from './terminal.ts';

/** Loads all of them; where something is wrong says everything that is, and nothing is loaded. */
export async function loadOrComplain(paths: readonly string[], terminal: Terminal): Promise<Scenario[] | undefined> {
  const { loadScenario } = await import('../index.ts');
  const scenarios: Scenario[] = [];
  let count = 0;
  for (const path of paths) {
    try {
      scenarios.push(loadScenario(path, disk));
    } catch (error) {
      if (!(error instanceof ProblemsFound)) throw error;
      complainOf(error.problems, error.texts, terminal);
      count += error.problems.length;
    }
  }
  if (count === 0) return scenarios;
  terminal.complain(inSum(count, 'nothing was run, nothing was written'));
  return undefined;
}

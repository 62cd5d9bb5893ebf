import { afterAll, beforeAll } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { type FinishedRun, loadScenario, measuresDrawn, run, type Scenario } from '../../src/index.ts';
import { type Judgement, judge } from './judge.ts';
import { library } from './library.ts';

/** Runs take much memory: only so many are kept, the latest. */
const mostKept = 4;

/** Has the commands of a test file run a scenario once where they would run it several times in a row. */
export function rememberRuns(): RememberedRuns {
  const remembered = new RememberedRuns();
  const original = { ...library };
  beforeAll(() => {
    library.run = remembered.run;
    library.measuresDrawn = remembered.measures;
  });
  afterAll(() => {
    Object.assign(library, original);
  });
  return remembered;
}

/** Runs scenarios as `run` does. */
class RememberedRuns {
  /** How the bundled scenarios came out that were run as they are, by name. */
  readonly judged = new Map<string, Judgement>();
  readonly #kept = new Map<string, FinishedRun>();
  readonly #measured = new Map<string, ReturnType<typeof measuresDrawn>>();

  /** What further seeds come to is little: all of it is kept. */
  readonly measures: typeof measuresDrawn = (scenario, seed, until) => {
    const { file, definition, texts } = scenario;
    const key = JSON.stringify([file, definition, [...texts], seed, until]);
    const measures = this.#measured.get(key) ?? measuresDrawn(scenario, seed, until);
    this.#measured.set(key, measures);
    return measures;
  };

  readonly run = (scenario: Scenario, options: Parameters<typeof run>[1] = {}): FinishedRun => {
    const { seed = scenario.definition.seed, captures = [] } = options;
    const { file, definition, texts } = scenario;
    const key = JSON.stringify([file, definition, [...texts], String(seed), captures]);
    const finished = this.#kept.get(key) ?? run(scenario, options);
    this.#kept.delete(key);
    this.#kept.set(key, finished);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    const [, name] = /^scenarios\/([^/]+)\/scenario\.yaml$/.exec(file) ?? [];
    if (
      name !== undefined &&
      !this.judged.has(name) &&
      String(seed) === String(definition.seed) &&
      isUnchanged(scenario)
    )
      this.judged.set(name, judge(finished));
    return finished;
  };
}

function isUnchanged({ file, definition }: Scenario): boolean {
  return JSON.stringify(loadScenario(file, disk).definition) === JSON.stringify(definition);
}

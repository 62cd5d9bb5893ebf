import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';
import { counted, inSeconds } from '../trace/words.ts';
import { columns, type Styler, wrap } from './terminal.ts';

/** What was run: name, title, size, seed, and the incident's own clock where there is one. */
export function runHead({ scenario, analysis, world, version }: FinishedRun, style: Styler): string[] {
  const { name, definition } = scenario;
  const lookups = analysis.workloads.reduce((sum, { summary }) => sum + summary.lookups, 0);
  const facts = `${counted(lookups, 'lookup')} in ${inSeconds(analysis.until)}, seed ${world.seed}, dnspath ${version}`;
  const clock = new WallClock(definition.start);
  const zero = clock.isSet ? [style('dim', `0 s of the run is ${clock.words(0)}.`)] : [];
  return [style('bold', name), ...wrap(definition.title, columns), style('dim', facts), ...zero];
}

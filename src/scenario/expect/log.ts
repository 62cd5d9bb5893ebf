import { formatDuration } from '../duration.ts';
import type { Expectation } from '../schema/scenario.ts';
import { boundsText, type Verdict, within } from './bounds.ts';
import type { WorkloadFacts } from './facts.ts';

/** Lines of CoreDNS's logs that hold a text. */
export function log({ holds, count }: NonNullable<Expectation['log']>, facts: Pick<WorkloadFacts, 'log'>): Verdict {
  const bounds = count ?? { min: 1 };
  const found = facts.log.filter(({ line }) => line.includes(holds));
  const [first] = found;
  const where = first === undefined ? '' : `; the first at ${formatDuration(first.t)} in ${first.at}: ${first.line}`;
  return {
    expected: `${boundsText(bounds, String)} log ${bounds === 1 ? 'line' : 'lines'} with "${holds}"`,
    met: within(found.length, bounds),
    reason: `${found.length} of ${facts.log.length} lines${where}`,
  };
}

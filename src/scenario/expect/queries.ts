import type { JudgedLookup } from '../../trace/lookup.ts';
import type { Expectation } from '../schema/scenario.ts';
import { boundsText, type Verdict, within } from './bounds.ts';
import type { WorkloadFacts } from './facts.ts';
import { ofEach } from './upstream-queries.ts';

/** What the resolver sent for each lookup. */
export function queries(
  { count, denied, names, servers }: NonNullable<Expectation['queries']>,
  { lookups, namesTried }: WorkloadFacts,
): Verdict[] {
  const asked = (lookup: JudgedLookup) => namesTried(lookup).flatMap((name) => name.queries);
  const figures = [
    ['queries', 'query', count, (lookup: JudgedLookup) => asked(lookup).length],
    [
      'queries answered NXDOMAIN',
      'query answered NXDOMAIN',
      denied,
      (lookup: JudgedLookup) => asked(lookup).filter(({ reply }) => reply?.rcode === 'NXDOMAIN').length,
    ],
    ['names tried', 'name tried', names, (lookup: JudgedLookup) => namesTried(lookup).length],
  ] as const;
  const verdicts = figures.flatMap(([several, one, bounds, figure]) =>
    bounds === undefined
      ? []
      : [
          ofEach(
            `${boundsText(bounds, String)} ${bounds === 1 ? one : several} for each lookup`,
            lookups,
            (lookup) => `${figure(lookup)}`,
            (lookup) => within(figure(lookup), bounds),
          ),
        ],
  );
  if (servers === undefined) return verdicts;
  const order = (lookup: JudgedLookup) => [...new Set(asked(lookup).map(({ server }) => server))].join(', ');
  const expected = servers.join(', ');
  return [...verdicts, ofEach(`queries go to ${expected}`, lookups, order, (lookup) => order(lookup) === expected)];
}

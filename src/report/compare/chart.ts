import type { Comparison, WorkloadComparison } from '../../study/compare/compare.ts';
import { decisive } from '../../study/compare/verdict.ts';
import { decapitalised } from '../../trace/words.ts';
import type { Drawing } from '../charts/layers.ts';
import { drawLookups, type Lane } from '../charts/lookups-chart.ts';
import { changeWords, inputsInShort, verdictSentence } from './words.ts';

/** More would be too tall to be seen at a glance. */
const mostWorkloads = 5;

/** Who got what and when in both runs: a lane of A above one of B for each workload that fares otherwise. */
export function drawComparison(comparison: Comparison, labels: { readonly a: string; readonly b: string }): Drawing {
  const { a, b, workloads, until } = comparison;
  const telling = workloads.filter(({ changes }) => changes.some(({ judgement }) => judgement !== undefined));
  const shown = [...(telling.length > 0 ? telling : workloads)].sort(worstFirst).slice(0, mostWorkloads);
  const left = workloads.length - shown.length;
  return drawLookups({
    title: titleOf(comparison),
    subtitle: `A: ${labels.a} · B: ${labels.b} · seed ${a.world.seed} · dnspath ${a.version}${left > 0 ? ` · ${left} more fare alike, or are left out` : ''}`,
    until,
    lanes: shown.flatMap((workload) => [
      { ...laneOf(workload, comparison, 'a'), close: true },
      { ...laneOf(workload, comparison, 'b'), finding: findingOf(workload) },
    ]),
    events: [
      ...new Map([...a.world.events, ...b.world.events].map((event) => [`${event.at} ${event.label}`, event])).values(),
    ]
      .filter(({ at }) => at < until)
      .sort((one, other) => one.at - other.at)
      .map(({ at, label }) => ({ at, label })),
  });
}

function titleOf(comparison: Comparison): string {
  const [change, verdict] = [inputsInShort(comparison.inputs), verdictSentence(comparison).replace(/[.]$/, '')];
  return change === '' ? verdict : `${change}: ${decapitalised(verdict)}`;
}

function laneOf({ workload }: WorkloadComparison, { until, ...comparison }: Comparison, side: 'a' | 'b'): Lane {
  const own = comparison[side].analysis.workloads.find(({ summary }) => summary.workload === workload);
  const lookups = (own?.lookups ?? []).filter(({ start, end }) => start < until && end <= until);
  return { workload: `${workload} ${side.toUpperCase()}`, lookups, finding: '', findingAt: 0 };
}

const order: readonly WorkloadComparison['verdict'][] = ['worse', 'mixed', 'better', 'the same'];

function worstFirst(a: WorkloadComparison, b: WorkloadComparison): number {
  return order.indexOf(a.verdict) - order.indexOf(b.verdict);
}

function findingOf({ changes, verdict }: WorkloadComparison): string {
  const told = decisive(changes).slice(0, 3);
  return told.length === 0 ? 'the same' : `${verdict}: ${told.map(changeWords).join('; ')}`;
}

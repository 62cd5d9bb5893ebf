import type { Change, Comparison, WorkloadComparison } from '../../study/compare/compare.ts';
import type { InputDifference, LinesOf } from '../../study/compare/inputs.ts';
import type { Measure } from '../../study/compare/measures.ts';
import type { Sides } from '../../study/compare/sides.ts';
import { decisive } from '../../study/compare/verdict.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { capitalised, counted, decapitalised, inMilliseconds, inSeconds, listed } from '../../trace/words.ts';

/** What a measure is called, and how its values read. */
export const measureNames: Readonly<Record<Measure, string>> = {
  lookups: 'lookups',
  failures: 'failures',
  longestOutage: 'longest outage',
  stale: 'old answers for',
  p50: 'latency p50',
  p99: 'latency p99',
  max: 'latency max',
  waits: 'waits of 1 s or longer',
  upstreamQueries: 'upstream queries',
  corednsQueries: 'queries to CoreDNS',
  cacheHits: 'cache hits',
};

const spans: ReadonlySet<Measure> = new Set(['longestOutage', 'stale']);
const latencies: ReadonlySet<Measure> = new Set(['p50', 'p99', 'max']);

/** A value of a measure: `33.5 s`, `2 ms`, `17`. */
export function measured(measure: Measure, value: number): string {
  if (spans.has(measure)) return value === 0 ? '-' : inSeconds(value);
  return latencies.has(measure) ? inMilliseconds(value) : String(value);
}

/** The cluster in which Corefiles were run that came without one; a sentence each. */
export function surroundingsWords({ everyday, fitted }: Sides): string[] {
  if (everyday === undefined) return [];
  return [`${decapitalised(everyday.definition.title)} (dnspath init writes it).`, ...fitted];
}

/** "Better for app and batch: old answers for 7.5 s, not 33.5 s (app); 56 upstream queries, not 12." */
export function verdictSentence({ otherwise, ...comparison }: Comparison): string {
  const sentence = ownSentence(comparison);
  if (otherwise === undefined) return sentence;
  const other = ownSentence(otherwise);
  return `${sentence} With seed ${otherwise.seed}: ${decapitalised(other)}`;
}

function ownSentence({ verdict, workloads }: Pick<Comparison, 'verdict' | 'workloads'>): string {
  const { word, better, worse, mixed } = verdict;
  if (workloads.length === 0) return 'Nothing to compare: the two have no workload of one name.';
  if (word === 'the same') {
    const sums = sumWords(workloads);
    const about = workloads.some(({ changes }) => changes.length > 0) ? 'About the same' : 'The same';
    return `${about} for all${sums === '' ? '' : `; ${sums}`}.`;
  }
  const parts = [
    better.length > 0 ? `better for ${named(better, workloads)}${leading(better, workloads, 'better')}` : '',
    worse.length > 0 ? `worse for ${named(worse, workloads)}${leading(worse, workloads, 'worse')}` : '',
    mixed.length > 0 ? `better and worse for ${named(mixed, workloads)}${both(mixed, workloads)}` : '',
    sumWords(workloads),
  ].filter((part) => part !== '');
  const sentence = parts.join('; ');
  return `${capitalised(sentence)}.`;
}

function named(names: readonly string[], workloads: readonly WorkloadComparison[]): string {
  return names.length > 1 && names.length === workloads.length ? 'all' : listed(names);
}

/** The change that weighs most among those of some workloads. */
function weightiest(
  names: readonly string[],
  workloads: readonly WorkloadComparison[],
  judgement: Change['judgement'],
): { readonly change: Change; readonly workload: string } | undefined {
  const all = workloads
    .filter(({ workload }) => names.includes(workload))
    .flatMap(({ workload, changes }) => decisive(changes).map((change) => ({ change, workload })))
    .filter(({ change }) => change.judgement === judgement);
  const order = Object.keys(measureNames);
  const rank = ({ measure }: Change) => order.indexOf(measure);
  const size = ({ a, b }: Change) => Math.abs(a - b);
  return all.sort((x, y) => rank(x.change) - rank(y.change) || size(y.change) - size(x.change))[0];
}

function leading(
  names: readonly string[],
  workloads: readonly WorkloadComparison[],
  judgement: Change['judgement'],
): string {
  const found = weightiest(names, workloads, judgement);
  if (found === undefined) return '';
  return ` (${changeWords(found.change)}${names.length > 1 ? ` for ${found.workload}` : ''})`;
}

function both(names: readonly string[], workloads: readonly WorkloadComparison[]): string {
  const found = (['better', 'worse'] as const).flatMap((judgement) => weightiest(names, workloads, judgement) ?? []);
  return ` (${found.map(({ change }) => changeWords(change)).join(', but ')})`;
}

/** "old answers for 7.5 s, not 33.5 s", "no failures, not 3". */
export function changeWords({ measure, a, b }: Change): string {
  const name = measureNames[measure];
  if (spans.has(measure)) {
    const is = b === 0 ? `no ${measure === 'stale' ? 'old answers' : 'outage'}` : `${name} ${inSeconds(b)}`;
    return `${is}, not ${a === 0 ? 'none' : inSeconds(a)}`;
  }
  if (latencies.has(measure)) return `${name} ${inMilliseconds(b)}, not ${inMilliseconds(a)}`;
  return `${countWords(measure, b)}, not ${a}`;
}

const singular: Partial<Readonly<Record<Measure, string>>> = {
  failures: 'failure',
  waits: 'wait of 1 s or longer',
  upstreamQueries: 'upstream query',
  corednsQueries: 'query to CoreDNS',
};

/** `no failures`, `1 failure`, `2 failures`. */
function countWords(measure: Measure, count: number): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? (singular[measure] ?? measureNames[measure]) : measureNames[measure]}`;
}

/** How many times as many are told: whom a cache asks is half chance, what clients ask CoreDNS hardly. */
const toldRatio = { upstreamQueries: 1.5, corednsQueries: 1.3 } as const;

/** What it costs or saves upstream and at CoreDNS, where that is much and not just a few; and waits that nobody has many of, but all together. */
function sumWords(workloads: readonly WorkloadComparison[]): string {
  const sum = (side: 'a' | 'b', measure: 'upstreamQueries' | 'corednsQueries' | 'waits') =>
    workloads.reduce((total, workload) => total + workload[side][measure], 0);
  const words: string[] = [];
  for (const measure of ['upstreamQueries', 'corednsQueries'] as const) {
    const [a, b] = [sum('a', measure), sum('b', measure)];
    const [less, more] = [Math.min(a, b), Math.max(a, b)];
    if (more >= toldRatio[measure] * less && more - less >= 10) words.push(`${countWords(measure, b)}, not ${a}`);
  }
  const [waits, others] = [sum('a', 'waits'), sum('b', 'waits')];
  const isTold = workloads.some(({ changes }) =>
    changes.some(({ measure, judgement }) => measure === 'waits' && judgement !== undefined),
  );
  if (!isTold && Math.abs(waits - others) >= 3)
    words.push(`${others === 0 ? 'no' : others} waits of 1 s or longer in all, not ${waits}`);
  return words.join('; ');
}

/** "Corefile:14  cache 30", or that nothing stands there. */
export function linesWords({ file, line, lines }: LinesOf): { readonly place: string; readonly text: string } {
  const name = file.split('/').at(-1) ?? file;
  return { place: line > 0 && lines.length > 0 ? `${name}:${line}` : name, text: lines.join(' ') || 'nothing' };
}

/** "cache 5 instead of cache 30", in short, for a title; empty where nothing was changed. */
export function inputsInShort(inputs: readonly InputDifference[]): string {
  const [first] = inputs;
  if (first === undefined) return '';
  const more = inputs.length > 1 ? ` and ${counted(inputs.length - 1, 'other change')}` : '';
  if (first.kind === 'value')
    return `${first.path.split('.').at(-1)} ${first.b || 'not said'} instead of ${first.a || 'not said'}${more}`;
  const [a, b] = [linesWords(first.a).text, linesWords(first.b).text];
  return `${b} instead of ${a}${more}`;
}

/** What the caller of a lookup got: "10.0.0.1 (old), after 0.5 ms", "EAI_AGAIN after 5 s". */
export function outcomeWords({ verdict, result, addresses, start, end }: JudgedLookup): string {
  const took = `after ${inMilliseconds(end - start)}`;
  if (verdict === 'failed') return `${result} ${took}`;
  const shown = addresses.length > 3 ? `${addresses.length} addresses` : addresses.join(', ') || 'no address';
  return `${shown}${verdict === 'stale' ? ' (old)' : ''} ${took}`;
}

/** How far the verdict is to be trusted. */
export function seedsWords({ seeds, workloads, otherwise }: Comparison): string {
  const [first = '', ...others] = seeds;
  if (others.length === 0) return `As seed ${first} drew it: another --seed tells what is chance.`;
  const isChance = workloads.some(({ changes }) => changes.some((change) => change.isChance));
  const judged = `As seed ${first} drew it. Judged with seeds ${listed(seeds)}`;
  if (otherwise !== undefined) return `${judged}: it hangs on the draw; \`--seed ${otherwise.seed}\` shows that one.`;
  return isChance ? `${judged}: chance is what does not hold with all.` : `${judged}.`;
}

import type { Comparison } from '../../study/compare/compare.ts';
import { instant } from '../../trace/words.ts';
import type { Named } from '../compare/json.ts';
import { linesWords, measured, measureNames, seedsWords, verdictSentence } from '../compare/words.ts';
import type { ComparisonData } from './page-data.ts';

/** What a page shows of two runs beside what it shows of each. */
export function comparisonData(comparison: Comparison, { labels, surroundings }: Named): ComparisonData {
  const { workloads, misfits, felt } = comparison;
  const same = workloads.filter(({ changes }) => changes.length === 0).map(({ workload }) => workload);
  return {
    verdict: verdictSentence(comparison),
    names: [`A: ${labels.a}`, `B: ${labels.b}`],
    lookups: workloads.reduce((sum, { a }) => sum + a.lookups, 0),
    changed: changedInputs(comparison),
    ...partingOf(comparison),
    ...(felt !== undefined && { felt: { workload: felt.workload, start: felt.start } }),
    rows: workloads.flatMap(({ workload, changes }) =>
      changes.map(({ measure, a, b, judgement, isChance }, index) => ({
        cells: [
          index === 0 ? workload : '',
          measureNames[measure],
          measured(measure, a),
          measured(measure, b),
          judgement ?? (isChance ? 'chance' : ''),
        ],
        ...(judgement !== undefined && { tone: judgement }),
      })),
    ),
    notes: [
      ...surroundings.map((sentence, index) => (index === 0 ? `In ${sentence}` : sentence)),
      ...(same.length === workloads.length ? [] : [seedsWords(comparison)]),
      ...(same.length === 0 ? [] : [`Nothing changes for ${same.join(', ')}.`]),
      ...misfits.map(({ text }) => text),
    ],
  };
}

function changedInputs({ inputs }: Comparison): ComparisonData['changed'] {
  return inputs.map((input) => {
    if (input.kind === 'value') return { place: input.path, a: input.a || '(not said)', b: input.b || '(not said)' };
    const [a, b] = [linesWords(input.a), linesWords(input.b)];
    const place = a.place === b.place ? a.place : `${a.place} → ${b.place}`;
    return { place, a: a.text === 'nothing' ? '' : a.text, b: b.text === 'nothing' ? '(gone)' : b.text };
  });
}

function partingOf({ parting }: Comparison): Pick<ComparisonData, 'parted'> {
  if (parting === undefined) return {};
  const { t, lookup } = parting;
  const on = lookup === undefined ? '' : `, on the way of ${lookup.workload}'s lookup at ${instant(lookup.start)}`;
  const words = (own: typeof parting.a) => own?.words ?? 'nothing of that kind';
  return { parted: { at: t, where: `They part at ${instant(t)}${on}.`, a: words(parting.a), b: words(parting.b) } };
}

import type { Judgement, Weight } from './measures.ts';

/** How B does beside A, and for which workloads. */
export interface Verdict {
  readonly word: 'better' | 'worse' | 'the same' | 'mixed';
  readonly better: readonly string[];
  readonly worse: readonly string[];
  /** Better in one thing and worse in another. */
  readonly mixed: readonly string[];
}

interface Candidate {
  readonly workload: string;
  readonly changes: readonly Judged[];
}

interface Judged {
  readonly judgement: Judgement;
  readonly weight: Weight;
}

export function verdictOf(workloads: readonly Candidate[]): Verdict {
  const named = (better: boolean, worse: boolean) =>
    workloads
      .filter(({ changes }) => has(changes, 'better') === better && has(changes, 'worse') === worse)
      .map(({ workload }) => workload);
  const [better, worse, mixed] = [named(true, false), named(false, true), named(true, true)];
  return { word: wordFor(better.length > 0, worse.length > 0, mixed.length > 0), better, worse, mixed };
}

/** The changes that decide: the heavy ones, and the light ones where there are none. */
export function decisive<C extends Judged>(changes: readonly C[]): readonly C[] {
  const judged = changes.filter(({ judgement }) => judgement !== undefined);
  const heavy = judged.filter(({ weight }) => weight === 'heavy');
  return heavy.length > 0 ? heavy : judged;
}

function has(changes: Candidate['changes'], wanted: Judgement): boolean {
  return decisive(changes).some(({ judgement }) => judgement === wanted);
}

function wordFor(better: boolean, worse: boolean, mixed: boolean): Verdict['word'] {
  if (mixed || (better && worse)) return 'mixed';
  if (better) return 'better';
  return worse ? 'worse' : 'the same';
}

import type { Judgement } from './measures.ts';

/** How B does beside A, and for which workloads. */
export interface Verdict {
  readonly word: 'better' | 'worse' | 'the same' | 'mixed';
  readonly better: readonly string[];
  readonly worse: readonly string[];
  /** Better in one thing and worse in another. */
  readonly mixed: readonly string[];
}

interface Judged {
  readonly workload: string;
  readonly changes: readonly { readonly judgement: Judgement }[];
}

export function verdictOf(workloads: readonly Judged[]): Verdict {
  const named = (better: boolean, worse: boolean) =>
    workloads
      .filter(({ changes }) => has(changes, 'better') === better && has(changes, 'worse') === worse)
      .map(({ workload }) => workload);
  const [better, worse, mixed] = [named(true, false), named(false, true), named(true, true)];
  return { word: wordFor(better.length > 0, worse.length > 0, mixed.length > 0), better, worse, mixed };
}

function has(changes: Judged['changes'], wanted: Judgement): boolean {
  return changes.some(({ judgement }) => judgement === wanted);
}

function wordFor(better: boolean, worse: boolean, mixed: boolean): Verdict['word'] {
  if (mixed || (better && worse)) return 'mixed';
  if (better) return 'better';
  return worse ? 'worse' : 'the same';
}

import type { FinishedRun } from '../../study/run.ts';
import type { Account, AccountStep, Evidence } from '../../trace/account/account.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { inSeconds } from '../../trace/words.ts';
import type { EvidenceData, StepData, StoryData } from './page-data.ts';
import type { Texts } from './texts.ts';

/** A lookup that may be told. */
export interface Candidate {
  readonly workload: number;
  /** Among those of its workload by start, as the page counts. */
  readonly index: number;
  /** As `timeline.csv` counts. */
  readonly number: number;
  readonly lookup: JudgedLookup;
  /** Lookups of one kind went the same way to the same verdict; those of one likeness got the same, about as fast, too. */
  readonly kind: string;
  readonly likeness: string;
}

/** Characters that all stories together may take, and how many there may be: where each is of its own likeness, and else. */
const room = 450_000;
const mostStories = 100;
const enough = 40;
/** Longer ones lose their middle. */
const mostSteps = 90;

/** What became of the lookups that tell most, as many as there is room for: `telling` before all others. */
export function storiesOf(
  run: FinishedRun,
  candidates: readonly Candidate[],
  telling: Candidate | undefined,
  texts: Texts,
): StoryData[] {
  const stories: StoryData[] = [];
  let taken = 0;
  const { leading, others } = mostTelling(candidates);
  const first = new Set([...(telling === undefined ? [] : [telling]), ...leading]);
  const most = Math.min(mostStories, Math.max(enough, first.size));
  for (const candidate of new Set([...first, ...others])) {
    const before = texts.size;
    const story = storyOf(run.analysis.account(candidate.lookup), candidate, texts);
    stories.push(story);
    taken += JSON.stringify(story.steps).length + texts.size - before;
    if (taken > room || stories.length === most) break;
  }
  return stories.sort((a, b) => a.workload - b.workload || a.lookup - b.lookup);
}

const ranks: Readonly<Record<JudgedLookup['verdict'], number>> = { failed: 0, stale: 1, right: 2 };

/**
 * `leading`: the slowest of each workload; the first of each kind and likeness, the worst first; the last of each.
 * `others`: some of all, spread out, and what else went wrong. Of the rest one is shown that went the same way.
 */
function mostTelling(candidates: readonly Candidate[]): {
  leading: readonly Candidate[];
  others: readonly Candidate[];
} {
  const worstFirst = [...candidates].sort((a, b) => ranks[a.lookup.verdict] - ranks[b.lookup.verdict]);
  const slowest = new Map<number, Candidate>();
  const kinds = new Map<string, Candidate>();
  const first = new Map<string, Candidate>();
  const last = new Map<string, Candidate>();
  for (const candidate of worstFirst) {
    const { kind, likeness, workload, lookup } = candidate;
    if (!kinds.has(kind)) kinds.set(kind, candidate);
    if (!first.has(likeness)) first.set(likeness, candidate);
    last.set(likeness, candidate);
    const known = slowest.get(workload)?.lookup;
    if (known === undefined || lookup.end - lookup.start > known.end - known.start) slowest.set(workload, candidate);
  }
  const spread = [64, 8].flatMap((step) => worstFirst.filter((_, index) => index % step === 0));
  const wrong = worstFirst.filter(({ lookup }) => lookup.verdict !== 'right');
  const leading = [...slowest, ...kinds, ...first, ...last].map(([, candidate]) => candidate);
  return { leading, others: [...spread, ...wrong] };
}

function storyOf(
  { outcome, conclusion, steps }: Account,
  { workload, index, lookup }: Candidate,
  texts: Texts,
): StoryData {
  const left = steps.length - mostSteps;
  const half = mostSteps / 2;
  const shown = left <= 1 ? steps : [...steps.slice(0, half), ...steps.slice(half + left)];
  const told = shown.map((step) => stepOf(step, lookup, texts));
  return {
    workload,
    lookup: index,
    outcome: texts.number(outcome),
    conclusion: texts.number(conclusion),
    ...(left > 1 && { leftOut: { after: half, count: left } }),
    steps: told,
  };
}

function stepOf(step: AccountStep, { start }: JudgedLookup, texts: Texts): StepData {
  const { t, seq, at, layer, depth, earlier, aside, tone, text, evidence } = step;
  return {
    t: t - start,
    s: seq,
    at: texts.number(at),
    text: texts.number(text),
    layer,
    ...(depth > 0 && { depth }),
    ...(earlier && { earlier: 1 }),
    ...(aside && { aside: 1 }),
    ...(tone !== 'plain' && { tone }),
    ...(evidence.length > 0 && { evidence: evidence.map((one) => evidenceOf(one, texts)) }),
  };
}

function evidenceOf(evidence: Evidence, texts: Texts): EvidenceData {
  switch (evidence.kind) {
    case 'packet':
      return ['packet', texts.number(evidence.line)];
    case 'rule':
      if (evidence.line.startsWith('rule ')) return ['rule', texts.number(evidence.line)];
      return ['rule', texts.number(evidence.table === '' ? evidence.line : `*${evidence.table}\n${evidence.line}`)];
    case 'conntrack':
    case 'ipvs':
      return [evidence.kind, texts.number(`${evidence.line}\n${inSeconds(evidence.age)} old`)];
    case 'cache-entry': {
      const { age, remaining, setting, clamp } = evidence;
      const set = clamp === setting || setting === '' ? clamp : `${clamp}: ${setting}`;
      const left = remaining >= 0 ? `${inSeconds(remaining)} left` : `run out ${inSeconds(-remaining)} ago`;
      return ['cache-entry', texts.number(`${inSeconds(age)} old, ${left}; ${set}`)];
    }
    case 'line':
      return ['line', texts.number(evidence.text), evidence.line, texts.number(evidence.file)];
  }
}

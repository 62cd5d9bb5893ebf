import { absolute, lower, sameName } from '../../dns/name.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Explanation } from '../explanation.ts';
import type { JudgedLookup } from '../lookup.ts';
import { recordsBelow } from '../records.ts';
import { inMilliseconds, instant, listed } from '../words.ts';
import type { Account, AccountStep } from './account.ts';
import { clientSteps } from './client-steps.ts';
import { corednsSteps } from './coredns-steps.ts';
import { earlierSteps } from './earlier.ts';
import { kernelSteps } from './kernel-steps.ts';
import { endSteps } from './packet-ends.ts';
import { type Draft, type Question, type Scene, type Strands, strandsOf } from './scene.ts';
import { serverSteps } from './server-steps.ts';
import { stormsOf } from './storms.ts';

/** Tells a lookup step by step, with what had filled the caches that answered it. */
export function accountOf(lookup: JudgedLookup, why: Explanation, scene: Scene): Account {
  const all = [...recordsBelow(scene.store, lookup.trace)].filter(({ row }) => row.t <= lookup.end);
  const strands = strandsOf(all);
  const storms = stormsOf(all, scene);
  const records = all.filter(({ row }) => !storms.counted.has(row.seq) && !isBelow(row.trace, storms.hidden, scene));
  const drafts = [
    ...records.flatMap((record) => [
      ...clientSteps(record, lookup, strands, scene),
      ...corednsSteps(record, strands, scene),
      ...serverSteps(record, scene),
      ...endSteps(record, scene),
    ]),
    ...kernelSteps(records, strands, scene),
    ...storms.steps,
  ];
  const asked = settledBy(lookup, why, strands, scene);
  const steps = drafts.map((draft): AccountStep => {
    const { aside, depth } = placeOf(draft, strands, asked, scene);
    return { ...draft, depth, aside, earlier: false };
  });
  return {
    lookup,
    cause: why.cause,
    outcome: outcomeOf(lookup),
    steps: [...earlierSteps(records, lookup.trace, scene), ...steps].sort((a, b) => a.t - b.t || a.seq - b.seq),
    conclusion: why.sentence,
  };
}

function isBelow(trace: TraceId, hidden: ReadonlySet<TraceId>, { store }: Scene): boolean {
  if (hidden.size === 0) return false;
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) if (hidden.has(strand)) return true;
  return false;
}

/** The question whose answer, or failure, is the lookup's outcome. */
function settledBy(lookup: JudgedLookup, why: Explanation, strands: Strands, scene: Scene): Question | undefined {
  if (lookup.verdict !== 'failed') {
    const type = why.hops.find((hop) => hop.type !== '')?.type ?? '';
    return { name: absolute(lower(lookup.answeredName)), type };
  }
  for (let strand = why.strand; strand > 0; strand = scene.store.parentOf(strand)) {
    const question = strands.questions.get(strand);
    if (question !== undefined) return question;
  }
  return undefined;
}

function placeOf({ trace }: Draft, { questions, packets }: Strands, asked: Question | undefined, { store }: Scene) {
  let depth = 0;
  let aside = false;
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) {
    if (strand !== trace && packets.has(strand)) depth++;
    const question = questions.get(strand);
    if (question !== undefined && asked !== undefined && !isSame(question, asked)) aside = true;
  }
  return { depth, aside };
}

function isSame(question: Question, asked: Question): boolean {
  return sameName(question.name, asked.name) && (asked.type === '' || question.type === asked.type);
}

function outcomeOf(lookup: JudgedLookup): string {
  const when = `${lookup.name} at ${instant(lookup.start)}`;
  const after = `after ${inMilliseconds(lookup.end - lookup.start)}`;
  if (lookup.verdict === 'failed') return `${when}: failed with ${lookup.result} ${after}`;
  const got = `${when}: got ${listed(lookup.addresses)} ${after}`;
  return lookup.verdict === 'stale' ? `${got}, not served any more since ${instant(lookup.staleSince ?? 0)}` : got;
}

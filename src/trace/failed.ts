import type { TraceId } from '../engine/recorder.ts';
import { type Evidence, saysNothingThere } from './evidence.ts';
import type { Explanation } from './explanation.ts';
import type { JudgedLookup } from './lookup.ts';
import { capitalised, inSeconds } from './words.ts';

/** What is known of the strands: their depth below the lookup, and what went wrong on those below another lookup. */
export interface Strands {
  readonly depth: (trace: TraceId) => number;
  readonly evidence: (trace: TraceId) => readonly Evidence[];
}

const weights: readonly Evidence['weight'][] = ['wait', 'answer', 'error', 'end'];

/** Why a lookup failed: the deepest thing that went wrong on its strands, and what those above made of it. */
export function whyFailed(lookup: JudgedLookup, strands: Strands): Explanation {
  const relevant = relevantEvidence(lookup, strands.evidence(lookup.trace));
  const [root, ...rest] = [...relevant].sort(
    (a, b) => byWeight(a, b) || strands.depth(b.header.trace) - strands.depth(a.header.trace),
  );
  const start = `It failed with ${lookup.result} after ${inSeconds(lookup.end - lookup.start)}`;
  if (root === undefined) {
    const sentence = `${start}; nothing is recorded of a query for it.`;
    return { cause: 'no-query', holders: [], hops: [], short: lookup.result, sentence };
  }
  const filled = root.filledBy === 0 ? undefined : cachedFailure(strands.evidence(root.filledBy), strands);
  const others = [...new Set(rest.filter(({ weight }) => weight !== root.weight).map(({ text }) => text))].slice(0, 2);
  const sentences = [
    `${start}: ${root.text}.`,
    ...(filled === undefined ? [] : [`That had been kept because ${filled.text}.`]),
    ...others.map((text) => `${capitalised(text)}.`),
  ];
  return { cause: root.cause, holders: [], hops: [], short: root.text, sentence: sentences.join(' ') };
}

/** Where the last name tried did not exist, what happened to others is beside the point, and the other way round. */
function relevantEvidence(lookup: JudgedLookup, all: readonly Evidence[]): readonly Evidence[] {
  const inTime = all.filter(({ header }) => header.t <= lookup.end);
  const hard = inTime.filter((evidence) => !saysNothingThere(evidence));
  const nothingThere = inTime.filter(saysNothingThere);
  const last = inTime.at(-1);
  if (last !== undefined && saysNothingThere(last)) return nothingThere;
  return hard.length > 0 ? hard : nothingThere;
}

function byWeight(a: Evidence, b: Evidence): number {
  return weights.indexOf(b.weight) - weights.indexOf(a.weight);
}

function cachedFailure(all: readonly Evidence[], strands: Strands): Evidence | undefined {
  const [root] = [...all].sort(
    (a, b) => byWeight(a, b) || strands.depth(b.header.trace) - strands.depth(a.header.trace),
  );
  return root;
}

import type { Micros } from '../../engine/time.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';

/** A part of a lane: what share of its lookups had which outcome. */
export interface Stretch {
  readonly from: Micros;
  readonly to: Micros;
  readonly lookups: number;
  readonly shares: readonly { readonly outcome: Outcome; readonly lookups: number }[];
}

/** What a lookup brought: addresses in order, or none with the error. */
export interface Outcome {
  readonly verdict: JudgedLookup['verdict'];
  /** Addresses joined by commas, or the error. */
  readonly text: string;
}

/** More parts than this in a lane would be narrower than the eye tells apart, and make the picture large. */
const mostStretches = 160;

export function outcomeOf(lookup: JudgedLookup): Outcome {
  const { verdict, addresses, result } = lookup;
  return { verdict, text: verdict === 'failed' ? result : [...addresses].sort().join(', ') || 'no address' };
}

/** Consecutive lookups of one outcome as one stretch; where that makes too many, equal slices of time with shares. */
export function stretches(lookups: readonly JudgedLookup[], until: Micros): Stretch[] {
  const ends = lookups.map((_, index) => lookups[index + 1]?.start ?? lastEnd(lookups, until));
  const runs = group(lookups, ends, (lookup) => keyOf(outcomeOf(lookup)));
  if (runs.length <= mostStretches) return runs;
  const slice = until / mostStretches;
  return group(lookups, ends, (lookup) => Math.floor(lookup.start / slice));
}

/** The last answer is shown for as long as the one before it was. */
function lastEnd(lookups: readonly JudgedLookup[], until: Micros): Micros {
  const [last, previous] = [lookups.at(-1), lookups.at(-2)];
  if (last === undefined) return until;
  const gap = previous === undefined ? 0 : last.start - previous.start;
  return Math.min(until, Math.max(last.end, last.start + gap));
}

function group(lookups: readonly JudgedLookup[], ends: readonly Micros[], keyOf: (l: JudgedLookup) => string | number) {
  const groups: { key: string | number; members: JudgedLookup[]; to: Micros }[] = [];
  lookups.forEach((lookup, index) => {
    const key = keyOf(lookup);
    const to = ends[index] ?? lookup.end;
    const open = groups.at(-1);
    if (open !== undefined && open.key === key) {
      open.members.push(lookup);
      open.to = to;
    } else groups.push({ key, members: [lookup], to });
  });
  return groups.map(({ members, to }): Stretch => {
    return { from: members[0]?.start ?? to, to, lookups: members.length, shares: sharesOf(members) };
  });
}

function sharesOf(lookups: readonly JudgedLookup[]): Stretch['shares'] {
  const shares = new Map<string, { outcome: Outcome; lookups: number }>();
  for (const lookup of lookups) {
    const outcome = outcomeOf(lookup);
    const share = shares.get(keyOf(outcome)) ?? { outcome, lookups: 0 };
    shares.set(keyOf(outcome), { ...share, lookups: share.lookups + 1 });
  }
  const order = ['right', 'stale', 'failed'];
  return [...shares.values()].sort((a, b) => order.indexOf(a.outcome.verdict) - order.indexOf(b.outcome.verdict));
}

function keyOf({ verdict, text }: Outcome): string {
  return `${verdict} ${text}`;
}

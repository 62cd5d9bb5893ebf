import type { WorldEvent } from '../../cluster/world.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { feltBy } from '../event-matters.ts';
import type { Explanation } from '../explanation.ts';
import type { JudgedLookup } from '../lookup.ts';
import { asideFrom, settledBy } from '../questions.ts';
import { recordsBelow, type TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { onlyShows } from '../told-events.ts';
import { inMilliseconds, instant, listed, listedInShort, withoutDot } from '../words.ts';
import type { Account, AccountStep, Layer } from './account.ts';
import { applicationSteps } from './application-steps.ts';
import { askStep, begunAt, corednsSteps } from './coredns-steps.ts';
import { type Draft, placed, type Strands, strandsOf } from './draft.ts';
import { earlierSteps } from './earlier.ts';
import { kernelSteps } from './kernel-steps.ts';
import { endSteps } from './packet-ends.ts';
import { resolverSteps } from './resolver-steps.ts';
import { serverSteps } from './server-steps.ts';
import { stormsOf } from './storms.ts';

/** Tells a lookup step by step, with what had filled the caches that answered it. */
export function accountOf(lookup: JudgedLookup, why: Explanation, scene: Scene): Account {
  const all = [...recordsBelow(scene.store, lookup.trace)];
  const strands = strandsOf(all);
  const inTime = all.filter(({ row }) => row.t <= lookup.end);
  const storms = stormsOf(inTime, strands, scene);
  const records = inTime.filter(({ row }) => !storms.counted.has(row.seq) && !isBelow(row.trace, storms.hidden, scene));
  const drafts = [
    ...records.flatMap((record) => [
      ...applicationSteps(record, lookup, strands, scene),
      ...resolverSteps(record, lookup, strands, scene),
      ...corednsSteps(record, strands, scene),
      ...serverSteps(record, strands, scene),
      ...endSteps(record, strands, scene),
    ]),
    ...kernelSteps(records, strands, scene),
    ...storms.steps,
    ...all.flatMap((record) => unendedAttempts(record, lookup, strands, scene)),
  ];
  const asked = settledBy(lookup, why, strands.questions, scene.store);
  const onAside = asideFrom(asked, strands.questions, scene.store);
  const earlier = earlierSteps(
    records.filter(({ row }) => !onAside(row.trace)),
    lookup.trace,
    asked,
    scene,
  );
  // What goes on elsewhere at the very instant of the result is no part of the way to it.
  const ended =
    all.find(({ kind }) => kind === 'workload.lookup' || kind === 'workload.reply')?.row.seq ??
    Number.POSITIVE_INFINITY;
  const inOrder = drafts.filter(({ seq }) => seq <= ended);
  const steps = inOrder.map((draft) => {
    const { trace } = draft;
    return placed(draft, { depth: depthOf(trace, strands, scene), aside: onAside(trace), earlier: false });
  });
  return {
    lookup,
    cause: why.cause,
    outcome: outcomeOf(lookup),
    steps: withVerdict(
      [...earlier, ...steps].sort((a, b) => a.t - b.t || a.seq - b.seq),
      lookup,
      why,
    ),
    conclusion: conclusionOf(lookup, why, records, scene),
  };
}

/** Attempts of CoreDNS that were under way when the lookup ended. */
function unendedAttempts({ kind, row }: TraceRecord, { end }: JudgedLookup, strands: Strands, scene: Scene): Draft[] {
  if (kind !== 'coredns.forward' || row.t <= end || begunAt(row, strands).t > end) return [];
  return [askStep(row, strands, scene)];
}

function isBelow(trace: TraceId, hidden: ReadonlySet<TraceId>, { store }: Scene): boolean {
  if (hidden.size === 0) return false;
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) if (hidden.has(strand)) return true;
  return false;
}

/** Where nothing went wrong and a lookup failed all the same, a server's denial is what was bad about it. */
function withVerdict(steps: AccountStep[], { verdict }: JudgedLookup, { strand }: Explanation): AccountStep[] {
  const isKnown = steps.some(({ tone, layer }) => tone === 'bad' && layer !== 'application');
  if (verdict !== 'failed' || isKnown) return steps;
  const denial = steps.findLastIndex(({ trace, layer }) => trace === strand && denying.includes(layer));
  return steps.map((step, index) => (index === denial ? { ...step, tone: 'bad' } : step));
}

const denying: readonly Layer[] = ['node-cache', 'coredns', 'recursor', 'authority'];

function depthOf(trace: TraceId, { packets }: Strands, { store }: Scene): number {
  let depth = 0;
  for (let strand = store.parentOf(trace); strand > 0; strand = store.parentOf(strand))
    if (packets.has(strand)) depth++;
  return depth;
}

/** What the explanation says, what else was tried, and what had happened in the cluster before. */
function conclusionOf(
  { verdict, end, staleSince, trace }: JudgedLookup,
  { sentence }: Explanation,
  records: readonly TraceRecord[],
  scene: Scene,
): string {
  // What happens to several processes at once is one event to whoever made it happen.
  const told = (events: readonly WorldEvent[], most = events.length) =>
    listed([...new Set(events.map(({ at, label }) => `${label} (${instant(at)})`))].slice(-most));
  if (verdict === 'right') return sentence;
  const { world } = scene;
  if (verdict === 'stale') {
    const changes = world.events.filter(({ at }) => at === staleSince);
    return changes.length === 0 ? sentence : `${sentence} The answer became an old one with this: ${told(changes)}.`;
  }
  const acted = world.events.filter((event) => event.at <= end && !onlyShows(event));
  const before = feltBy([trace], acted, scene);
  return [sentence, denied(records), before.length === 0 ? '' : `Before that: ${told(before, mostEvents)}.`]
    .filter((part) => part !== '')
    .join(' ');
}

/** Names of a search list that were all denied. */
function denied(records: readonly TraceRecord[]): string {
  const ended = records.flatMap(({ kind, row }) => (kind === 'resolver.candidate-ended' ? [row] : []));
  const isDenied = ended.every(({ cause }) => cause === 'HOST_NOT_FOUND' || cause === 'NO_DATA');
  if (ended.length < 2 || !isDenied) return '';
  return `None of the ${ended.length} names tried was found: ${listed(ended.map(({ candidate }) => withoutDot(candidate)))}.`;
}

/** So many are told of what had happened before a failure. */
const mostEvents = 4;

function outcomeOf(lookup: JudgedLookup): string {
  const when = `${withoutDot(lookup.name)} at ${instant(lookup.start)}`;
  const after = `after ${inMilliseconds(lookup.end - lookup.start)}`;
  if (lookup.verdict === 'failed') return `${when}: failed with ${lookup.result} ${after}`;
  const got = `${when}: got ${listedInShort(lookup.addresses)} ${after}`;
  return lookup.verdict === 'stale' ? `${got}, not served any more since ${instant(lookup.staleSince ?? 0)}` : got;
}

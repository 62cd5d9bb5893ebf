import { coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { counted, processTitle, withoutDot } from './words.ts';

type Request = Row<typeof coreDnsRequest.columns>;

/** Questions that came back to the process that had passed them on, told once for each query of a client. */
export function* loopEvidence(store: ColumnStore): Generator<Evidence> {
  const asked = new Map<TraceId, Request>();
  const rounds = new Map<TraceId, { readonly back: Request; count: number }>();
  /** The first question of the same to the same process. */
  const firstOf = new Map<TraceId, TraceId>();
  for (const row of store.rows(coreDnsRequest)) {
    asked.set(row.trace, row);
    const before = askedBefore(row, asked, firstOf, store);
    if (before === undefined) continue;
    const first = firstOf.get(before) ?? before;
    firstOf.set(row.trace, first);
    const round = rounds.get(first);
    if (round === undefined) rounds.set(first, { back: row, count: 1 });
    else round.count++;
  }
  for (const { back, count } of rounds.values()) {
    const title = processTitle(back.at);
    const text = `${title} was asked by itself for ${withoutDot(back.name)} ${back.type}: its \`forward\` leads back to it, and the question went round ${counted(count, 'time')}`;
    yield evidenceOf(back, 'way', 'forwarding-loop', text, 0, `${title} forwards to itself`);
  }
}

/** The strand above on which the same server block was asked the same: a process may pass a question on to another of its own. */
function askedBefore(
  { at, name, type, trace, place }: Request,
  asked: ReadonlyMap<TraceId, Request>,
  firstOf: ReadonlyMap<TraceId, TraceId>,
  store: ColumnStore,
): TraceId | undefined {
  let strand = store.parentOf(trace);
  for (let steps = 0; strand > 0 && steps < longestWay; steps++, strand = store.parentOf(strand)) {
    const before = asked.get(strand);
    if (before?.at !== at || before.name !== name || before.type !== type) continue;
    if (before.place === place) return strand;
    // The round is counted where it began, not at each block that it passes.
    if (firstOf.has(strand)) return undefined;
  }
  return undefined;
}

/** More servers than these do not stand in a row. */
const longestWay = 8;

import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { lookupShared } from '../resolver/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { JudgedLookup } from './lookup.ts';
import { inSeconds } from './words.ts';

/** The lookup that a call waited for and whose result it has, where that was another one. */
export type SharedWith = (lookup: TraceId) => TraceId | undefined;

export function sharedLookups(store: ColumnStore): SharedWith {
  const shared = new Map<TraceId, TraceId>();
  for (const row of store.rows(lookupShared)) shared.set(row.trace, row.with);
  return (lookup) => shared.get(lookup);
}

/** Whoever waits for the lookup of another call suffers what that suffers. `found`: all evidence, by lookup. */
export function addSharedEvidence(
  store: ColumnStore,
  lookups: ReadonlyMap<TraceId, Pick<JudgedLookup, 'start'>>,
  found: Map<TraceId, Evidence[]>,
): void {
  for (const row of store.rows(lookupShared)) {
    const start = lookups.get(row.with)?.start;
    const since = start === undefined ? '' : ` that had begun at ${inSeconds(start)}`;
    const own = evidenceOf(row, 'turn', sharing, `it shared the lookup${since}`, 0, '');
    found.set(row.trace, [own, ...(found.get(row.with) ?? [])]);
  }
}

/** The cause of evidence that says nothing but that. */
export const sharing = 'shared-lookup';

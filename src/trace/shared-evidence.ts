import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { recursorCache, recursorTry } from '../servers/records.ts';
import type { Evidence } from './evidence-of.ts';

/** A query that waits at a recursor for the answer to somebody else's question suffers what that suffers. */
export function* sharedEvidence(store: ColumnStore, all: readonly Evidence[]): Generator<Evidence> {
  const joined = [...store.rows(recursorCache)].filter(({ outcome }) => outcome === 'joined');
  if (joined.length === 0) return;
  const tries = new Map<string, { readonly t: number; readonly trace: TraceId }[]>();
  for (const { at, name, type, t, trace } of store.rows(recursorTry)) {
    const key = `${at} ${name} ${type}`;
    const known = tries.get(key);
    if (known === undefined) tries.set(key, [{ t, trace }]);
    else known.push({ t, trace });
  }
  const byStrand = new Map<TraceId, Evidence[]>();
  for (const one of all) {
    const known = byStrand.get(one.header.trace);
    if (known === undefined) byStrand.set(one.header.trace, [one]);
    else known.push(one);
  }
  for (const { at, name, type, t, seq, trace } of joined) {
    const next = tries.get(`${at} ${name} ${type}`)?.find((one) => one.t >= t);
    for (const one of next === undefined ? [] : (byStrand.get(next.trace) ?? [])) {
      // What befell that question before this one came counts from when it came.
      const { t: begun, seq: number, at: place, cause } = one.header;
      const header = { t: Math.max(begun, t), seq: Math.max(number, seq), at: place, trace, cause };
      yield { ...one, header };
    }
  }
}

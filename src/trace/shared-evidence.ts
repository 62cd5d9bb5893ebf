import type { ColumnStore, Row } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { TraceId } from '../engine/recorder.ts';
import { queryMade } from '../resolver/records.ts';
import { recursorCache, recursorTry } from '../servers/records.ts';
import type { Evidence } from './evidence-of.ts';

/** A query that waits at a recursor for the answer to somebody else's question suffers what that suffers, and so does one too many. */
export function* sharedEvidence(store: ColumnStore, all: readonly Evidence[]): Generator<Evidence> {
  const joined = [...store.rows(recursorCache)].filter(({ outcome }) => outcome === 'joined' || outcome === 'dropped');
  if (joined.length === 0) return;
  const tries = grouped(store.rows(recursorTry), ({ at, name, type }) => `${at} ${name} ${type}`);
  const byStrand = strandsOf(all);
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

/** What is lost of one query's segments on a TCP connection keeps the later ones from passing. */
export function* sharedConnectionEvidence(store: ColumnStore, all: readonly Evidence[]): Generator<Evidence> {
  const shared = connectionsOf(store).filter((queries) => queries.length > 1);
  if (shared.length === 0) return;
  const byStrand = strandsOf(all);
  for (const queries of shared) {
    for (const [i, { trace, t }] of queries.entries()) {
      const earlier = queries.slice(0, i).flatMap((query) => byStrand.get(query.trace) ?? []);
      for (const one of earlier.filter(
        ({ weight, header }) => weight === 'end' && header.t >= t && header.trace !== trace,
      )) {
        const { t: at, seq, at: place, cause } = one.header;
        const text = `on the TCP connection that it shared with an earlier query ${one.text}`;
        yield { ...one, header: { t: at, seq, at: place, trace, cause }, text };
      }
    }
  }
}

/** The queries of each TCP connection of a resolver, in order. */
function connectionsOf(store: ColumnStore): Row<typeof queryMade.columns>[][] {
  const overTcp = [...store.rows(queryMade)].filter(({ protocol }) => protocol === 'tcp');
  return [...grouped(overTcp, ({ resolver, socket }) => `${resolver} ${socket}`).values()];
}

function strandsOf(all: readonly Evidence[]): ReadonlyMap<TraceId, readonly Evidence[]> {
  return grouped(all, ({ header }) => header.trace);
}

import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { recursorCache, serverQuery } from '../servers/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';

/** Queries that a recursor turned or sent away: more than it allows, or more than it has room for. */
export function* limitEvidence(store: ColumnStore): Generator<Evidence> {
  const turnedAway = [...store.rows(recursorCache)].filter(
    ({ outcome }) => outcome === 'limited' || outcome in crowded,
  );
  if (turnedAway.length === 0) return;
  const did = new Map<TraceId, string>([...store.rows(serverQuery)].map((row) => [row.trace, row.did]));
  for (const row of turnedAway) {
    const { at, outcome, clamp } = row;
    const reply = did.get(row.trace);
    if (outcome === 'limited' && reply === 'tc') {
      yield evidenceOf(
        row,
        'turn',
        'rate-limit',
        `${at} allows ${clamp}, and answered with TC alone`,
        0,
        'a rate limit',
      );
    } else if (outcome === 'limited') {
      const made = reply === 'drop' ? 'did not answer this one' : 'asked nobody';
      yield evidenceOf(row, 'end', 'rate-limit', `${at} allows ${clamp}, and ${made}`, 0, `a rate limit of ${at}`);
    } else {
      const text = `${at} had as many clients or questions waiting as it has room for, and ${crowded[outcome]}`;
      // What they wait for is told of them.
      yield evidenceOf(row, 'error', 'recursor-crowded', text, 0, `too many waited at ${at}`);
    }
  }
}

/** What a recursor makes of a query too many. */
const crowded: Readonly<Record<string, string>> = {
  dropped: 'did not answer this one',
  refused: 'answered SERVFAIL at once',
  jostled: 'gave this one up for another',
  'sent-away': 'answered SERVFAIL to this one, which had waited longest',
};

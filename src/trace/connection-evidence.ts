import type { ColumnStore } from '../engine/columns.ts';
import { connectionWaits } from '../transport/records.ts';
import type { Evidence } from './evidence-of.ts';
import { counted } from './words.ts';

/** Queries over TCP connections that a server had accepted and could not serve yet. */
export function* connectionEvidence(store: ColumnStore): Generator<Evidence> {
  for (const row of store.rows(connectionWaits)) {
    const text = `${row.at} serves ${counted(row.places, 'TCP connection')} at once; it had accepted this one, and let it wait`;
    const cause = 'tcp-connections-busy';
    yield { header: row, weight: 'end', cause, text, short: text, filledBy: 0, isVerdict: false };
  }
}

import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { queryMade, replyCame } from '../resolver/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';

/** Answers that a resolver passed over, as they came from an address that it had not asked: its socket takes them from anybody. */
export function* untranslatedAnswers(store: ColumnStore, nameOf: (address: string) => string): Generator<Evidence> {
  let askedOn: ReadonlyMap<TraceId, string> | undefined;
  for (const row of store.rows(replyCame)) {
    if (row.cause !== 'not-ours') continue;
    askedOn ??= new Map([...store.rows(queryMade)].map(({ trace, server }) => [trace, server]));
    const asked = askedOn.get(row.trace);
    if (asked === undefined || asked === row.server) continue;
    const text = `an answer came to ${row.at} from ${nameOf(row.server)}'s own address, which it had not asked: the conntrack entry that would have translated it was gone`;
    yield evidenceOf(row, 'end', 'answer-untranslated', text);
  }
}

import type { ColumnStore } from '../engine/columns.ts';
import { toSeconds } from '../engine/time.ts';

/** `events.jsonl`: every record of the run, one a line, in the order written. Fields that do not apply are left out. */
export function* eventLines(store: ColumnStore): Generator<string> {
  for (const { kind, row } of store.all()) {
    const { t, seq, at, trace, cause, ...fields } = row;
    const said = Object.entries(fields).filter(([, value]) => !Number.isNaN(value));
    yield `${JSON.stringify({ t: toSeconds(Number(t)), seq, at, kind, cause, trace, ...Object.fromEntries(said) })}\n`;
  }
}

import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { authorityAnswer, serverQuery } from '../servers/records.ts';
import type { SourceHop } from './hop.ts';

/** Answers by servers that have the records themselves. */
export function* sourceAnswers(store: ColumnStore, world: World): Generator<SourceHop> {
  for (const row of store.rows(authorityAnswer)) {
    const { t, seq, trace, at, type, serial } = row;
    if (row.answers > 0) yield { kind: 'source', t, seq, trace, at, type, serial };
  }
  const scripted = new Set(world.servers.filter(({ role }) => role === 'scripted').map(({ name }) => name));
  for (const row of store.rows(serverQuery)) {
    const { t, seq, trace, server, type } = row;
    if (row.did === 'answer' && scripted.has(server)) {
      yield { kind: 'source', t, seq, trace, at: server, type, serial: Number.NaN };
    }
  }
}

import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { serverQuery } from '../servers/records.ts';
import type { SourceHop } from './hop.ts';

/** Answers by servers that have the records themselves. */
export function* sourceAnswers(store: ColumnStore, world: World): Generator<SourceHop> {
  const recursors = new Set(world.servers.filter((server) => server.role === 'recursor').map((server) => server.name));
  for (const row of store.rows(serverQuery)) {
    if (row.did !== 'answer' || recursors.has(row.server)) continue;
    yield { kind: 'source', t: row.t, seq: row.seq, trace: row.trace, at: row.server, type: row.type };
  }
}

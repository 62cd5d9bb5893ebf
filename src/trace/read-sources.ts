import type { World } from '../cluster/world.ts';
import { coreDnsPlugin } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { authorityAnswer, serverQuery } from '../servers/records.ts';
import type { SourceHop } from './hop.ts';

/** Answers by those who have the records themselves: servers, and plugins of CoreDNS. */
export function* sourceAnswers(store: ColumnStore, world: World): Generator<SourceHop> {
  for (const row of store.rows(authorityAnswer)) {
    const { t, seq, trace, at, type, serial } = row;
    if (row.answers > 0) yield { kind: 'source', t, seq, trace, at, type, serial };
  }
  for (const { cause, result, t, seq, trace, at, type } of store.rows(coreDnsPlugin)) {
    if (cause === 'answered' && result === 'NOERROR') {
      yield { kind: 'source', t, seq, trace, at, type, serial: Number.NaN };
    }
  }
  const scripted = new Set(world.servers.filter(({ role }) => role === 'scripted').map(({ name }) => name));
  if (scripted.size === 0) return;
  for (const row of store.rows(serverQuery)) {
    const { t, seq, trace, server, type } = row;
    if (row.did === 'answer' && scripted.has(server)) {
      yield { kind: 'source', t, seq, trace, at: server, type, serial: Number.NaN };
    }
  }
}

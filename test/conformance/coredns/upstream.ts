import type { ColumnStore } from '../../../src/engine/columns.ts';
import { type Micros, toSeconds } from '../../../src/engine/time.ts';
import { serverQuery } from '../../../src/servers/records.ts';

type Entry = Record<string, unknown>;

/** What servers were asked; of very much only the first and the last, and the count. */
export interface Seen extends Entry {
  readonly upstream: readonly Entry[];
}

/** What the scripted servers were asked in a span of time, as the recorder keeps it; `start`: the recording's zero. */
export function upstreamSeen(
  store: ColumnStore,
  recording: {
    readonly id?: string;
    readonly health_log?: boolean | undefined;
    readonly max_upstream?: number | undefined;
  },
  { from, until, start }: { readonly from: Micros; readonly until: Micros; readonly start: Micros },
): Seen {
  const seen: Entry[] = [];
  // Of the recorders only that of forward tells a reply with another id from an answer.
  const tellsWrongIds = recording.id?.startsWith('forward') === true;
  for (const row of store.rows(serverQuery)) {
    if (row.t < from || row.t > until) continue;
    if (!recording.health_log && row.name === '.' && row.type === 'NS') continue;
    seen.push({
      t: toSeconds(row.t - start),
      server: row.server,
      proto: row.protocol,
      name: row.name,
      type: row.type,
      edns: Number.isNaN(row.edns) ? null : row.edns,
      do: row.do,
      rd: row.rd,
      did: row.did === 'wrongid' && !tellsWrongIds ? 'answer' : row.did,
    });
  }
  const most = recording.max_upstream;
  if (most === undefined || seen.length <= most) return { upstream: seen };
  const half = Math.floor(most / 2);
  return { upstream: [...seen.slice(0, half), ...seen.slice(-half)], upstream_count: seen.length };
}

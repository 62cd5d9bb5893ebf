import { coreDnsExit, coreDnsLife, coreDnsLog } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { RecordHeader } from '../engine/recorder.ts';

/** An end of a CoreDNS process. */
export interface End {
  readonly at: string;
  readonly t: number;
  readonly cause: string;
  /** When the process started again. */
  readonly until: number;
  /** Its last words. */
  readonly line: string;
}

/** Every end of a CoreDNS process, in order. */
export function endsOf(store: ColumnStore): End[] {
  const starts = [...store.rows(coreDnsLife)].filter(({ cause }) => cause === 'started');
  return [...store.rows(coreDnsExit)].map(({ at, t, seq, cause }) => {
    const start = starts.find((row) => row.at === at && row.seq > seq);
    const words = [...store.rows(coreDnsLog)].findLast((row) => row.at === at && row.seq < seq);
    return { at, t, cause, until: start?.t ?? Number.POSITIVE_INFINITY, line: words?.line ?? cause };
  });
}

/** The end that a CoreDNS process made of itself, if it has not started since. */
export function crashBefore({ at, t }: RecordHeader, ends: readonly End[]): End | undefined {
  const last = ends.findLast((end) => end.at === at && end.t <= t);
  return last === undefined || last.cause.startsWith('sig') || t >= last.until ? undefined : last;
}

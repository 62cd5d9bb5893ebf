import { coreDnsExit, coreDnsLife, coreDnsLog } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { inSeconds } from './words.ts';

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

/** The last end of one of these processes, if that has not started since. */
export function endBefore(t: number, processes: readonly string[], ends: readonly End[]): End | undefined {
  const last = ends.findLast((end) => processes.includes(end.at) && end.t <= t);
  return last === undefined || t >= last.until ? undefined : last;
}

/** What a process that has ended did to those who asked it: `coredns-crashed`, `coredns-killed` or `coredns-stopped`. */
export function causeOf({ cause }: End): string {
  if (!cause.startsWith('sig')) return 'coredns-crashed';
  return cause === 'sigkill' ? 'coredns-killed' : 'coredns-stopped';
}

/** `had ended at 5 s ("its last words")`, `was killed at 60 s (SIGKILL)`, `had ended at 17 s (SIGTERM)`. */
export function endText(end: End): string {
  const when = inSeconds(end.t);
  if (end.cause === 'sigkill') return `was killed at ${when} (SIGKILL)`;
  return `had ended at ${when} (${end.cause.startsWith('sig') ? end.cause.toUpperCase() : `"${end.line}"`})`;
}

/** The same without last words. */
export function endInShort(end: End): string {
  return end.cause.startsWith('sig') ? endText(end) : `had crashed at ${inSeconds(end.t)}`;
}

import type { World } from '../cluster/world.ts';
import { coreDnsLife } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';

/** The line at a place such as `Corefile:4` of the Corefile that a process had read by an instant; empty: not known. */
export type Quote = (process: string, place: string, at: Micros) => string;

/** Quotes Corefiles as they were read: an edited file counts from the process's next start or reload. */
export function quoteFrom(world: World, store: ColumnStore): Quote {
  const reads = [...store.rows(coreDnsLife)].filter(({ cause }) => cause === 'started' || cause === 'reloaded');
  const textAt = (process: string, at: Micros): string | undefined => {
    const read = reads.findLast((row) => row.at === process && row.t <= at)?.t ?? 0;
    const edit = world.events.findLast(
      (event) => event.kind === 'write-corefile' && event.process === process && event.at <= read,
    );
    if (edit?.kind === 'write-corefile') return edit.text;
    return world.coredns.find(({ name }) => name === process)?.corefile.text;
  };
  return (process, place, at) => {
    const file = world.coredns.find(({ name }) => name === process)?.corefile.file ?? '';
    const [, named = '', line] = /^(.*):(\d+)$/.exec(place) ?? [];
    if (named !== file && !file.endsWith(`/${named}`)) return '';
    const lines = textAt(process, at)?.split(/\r?\n/) ?? [];
    return (lines[Number(line) - 1] ?? '').replace(/#.*|\{\s*$/g, '').trim();
  };
}

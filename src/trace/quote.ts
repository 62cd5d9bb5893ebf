import type { World } from '../cluster/world.ts';
import type { CoreDnsDescription } from '../coredns/description.ts';
import { coreDnsLife } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';

/** The line at a place such as `Corefile:4` of the Corefile that a process had read by an instant; empty: not known. */
export type Quote = (process: string, place: string, at: Micros) => string;

/** A Corefile as a process had read it from an instant on. */
export interface ReadCorefile {
  readonly process: string;
  readonly from: Micros;
  readonly text: string;
}

/** Every reading of a Corefile, in order for each process: an edited file counts from the next start or reload. */
export function corefilesRead(world: World, store: ColumnStore): ReadCorefile[] {
  const reads = [...store.rows(coreDnsLife)].filter(({ cause }) => cause === 'started' || cause === 'reloaded');
  return corefilesOf(world).flatMap(({ name, corefile }) => {
    const edits = world.events.filter((event) => event.kind === 'write-corefile' && event.process === name);
    const own = reads.filter(({ at }) => at === name).map(({ t }) => t);
    return [0, ...own].map((from) => {
      const edit = edits.findLast(({ at }) => at <= from);
      const text = (edit?.kind === 'write-corefile' ? edit.text : corefile.text) ?? '';
      return { process: name, from, text };
    });
  });
}

/** Quotes Corefiles as they were read. */
export function quoteFrom(world: World, store: ColumnStore): Quote {
  const readings = new Map<string, Reading[]>();
  const processes = corefilesOf(world);
  for (const { process, from, text } of corefilesRead(world, store)) {
    const own = readings.get(process) ?? [];
    readings.set(process, own);
    own.push({ from, lines: text.split(/\r?\n/) });
  }
  return (process, place, at) => {
    const colon = place.lastIndexOf(':');
    const named = place.slice(0, Math.max(0, colon));
    const file = processes.find(({ name }) => name === process)?.corefile.file ?? '';
    if (named !== file && !file.endsWith(`/${named}`)) return '';
    const lines = readings.get(process)?.findLast(({ from }) => from <= at)?.lines ?? [];
    return (lines[Number(place.slice(colon + 1)) - 1] ?? '').replace(/#.*|\{\s*$/g, '').trim();
  };
}

interface Reading {
  readonly from: Micros;
  readonly lines: readonly string[];
}

/** The processes with a Corefile: CoreDNS's and those of NodeLocal DNSCache. */
export function corefilesOf({
  coredns,
  nodeCaches = [],
}: World): readonly Pick<CoreDnsDescription, 'name' | 'corefile' | 'files' | 'environment'>[] {
  return [...coredns, ...nodeCaches];
}

import type { RunningWorld } from '../../../src/cluster/build.ts';
import type { ColumnStore } from '../../../src/engine/columns.ts';
import { type EntryFields, entryFields, entryFlags } from '../../../src/kernel/conntrack/entry.ts';
import { conntrackEvent } from '../../../src/kernel/records.ts';
import { onClock } from './observe.ts';
import type { PathRecording } from './recording.ts';
import { recordingStart } from './world.ts';

interface Entry {
  readonly proto: string;
  readonly timeout?: number;
  readonly original: string;
  readonly reply: string;
  readonly flags?: readonly string[];
  readonly state?: string;
}

/** `conntrack -E` on the node, as far as the recording looks at it. */
export function conntrackEvents(
  recording: PathRecording,
  store: ColumnStore,
): (Entry & { t: number; event: string })[] {
  const events: (Entry & { t: number; event: string })[] = [];
  for (const row of store.rows(conntrackEvent)) {
    if (row.t < recordingStart || row.at !== 'node' || !isKept(recording, row.originalDestination)) continue;
    const extra = row.type === 'DESTROY' && row.cause === 'deleted' ? ['USERSPACE'] : [];
    events.push({ t: onClock(row.t), event: row.type, ...entry(row, extra) });
  }
  return events;
}

/** `conntrack -L` on the node, now. */
export function conntrackTable(recording: PathRecording, running: RunningWorld, now: number): Entry[] {
  const node = running.hosts.get('node');
  const entries = node?.conntrack.list().map((connection) => entryFields(connection, now)) ?? [];
  return entries.filter((fields) => isKept(recording, fields.originalDestination)).map((fields) => entry(fields, []));
}

function isKept({ conntrack, world }: PathRecording, destination: string): boolean {
  return conntrack === 'all' || Object.values(world.services).some(({ address }) => address === destination);
}

type Row = Omit<EntryFields, 'protocol' | 'state'> & { readonly protocol: string; readonly state: string };

function entry(row: Row, extra: readonly string[]): Entry {
  const flags = [...entryFlags(row), ...extra];
  return {
    proto: row.protocol,
    ...(Number.isNaN(row.timeout) ? {} : { timeout: row.timeout }),
    original: `${row.originalSource}:${row.originalSourcePort}>${row.originalDestination}:${row.originalDestinationPort}`,
    reply: `${row.replySource}:${row.replySourcePort}>${row.replyDestination}:${row.replyDestinationPort}`,
    ...(flags.length === 0 ? {} : { flags }),
    ...(row.state === '' ? {} : { state: row.state }),
  };
}

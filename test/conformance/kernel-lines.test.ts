import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EntryFields, eventLine, listLine } from '../../src/kernel/conntrack/entry.ts';
import { recordings } from './find.ts';
import { isObject } from './kernel/recording.ts';

const known = ['udp', 'tcp', 'icmp', 'icmpv6'];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What a recorded entry says, as records of a run would hold it. */
function fieldsOf(row: Readonly<Record<string, unknown>>): EntryFields | undefined {
  const { orig, reply, flags } = row;
  if (!isObject(orig) || !isObject(reply) || !known.includes(text(row.proto))) return undefined;
  const ports = (tuple: Readonly<Record<string, unknown>>): [number, number] =>
    tuple.sport === undefined
      ? [Number(tuple.id), 256 * Number(tuple.type) + Number(tuple.code)]
      : [Number(tuple.sport), Number(tuple.dport)];
  const [[originalSourcePort, originalDestinationPort], [replySourcePort, replyDestinationPort]] = [
    ports(orig),
    ports(reply),
  ];
  const has = (flag: string) => Array.isArray(flags) && flags.includes(flag);
  return {
    protocol: text(row.proto),
    state: text(row.state),
    timeout: typeof row.timeout === 'number' ? row.timeout : Number.NaN,
    originalSource: text(orig.src),
    originalSourcePort,
    originalDestination: text(orig.dst),
    originalDestinationPort,
    replySource: text(reply.src),
    replySourcePort,
    replyDestination: text(reply.dst),
    replyDestinationPort,
    seenReply: !has('UNREPLIED'),
    assured: has('ASSURED'),
    id: Number(row.id),
  };
}

const folders = readdirSync(recordings).filter((name) => name.startsWith('kernel'));
const files = folders.flatMap((folder) =>
  readdirSync(join(recordings, folder))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name)),
);

describe('lines that the real conntrack printed: ours have the same columns and spacing', () => {
  it.each(files)('%s', (file) => {
    const lines = readFileSync(join(recordings, file), 'utf8').split('\n');
    for (const line of lines) {
      const row: unknown = line === '' ? undefined : JSON.parse(line);
      if (!isObject(row)) continue;
      const fields = row.ev === 'ct-event' ? fieldsOf(row) : undefined;
      if (fields !== undefined) {
        const userspace = text(row.raw).includes('[USERSPACE]');
        const ours = eventLine(text(row.type), fields, { id: true, userspace });
        // Recorders took the padding off, and which socket deletes is not modelled.
        const anyPort = (raw: string) => raw.replace(/portid=\d+( progname=\S+)?/, 'portid=N').trim();
        expect(anyPort(ours)).toBe(anyPort(text(row.raw)));
        expect(ours.indexOf(']')).toBe(8);
      }
      const entries: readonly unknown[] = row.ev === 'ct-list' && Array.isArray(row.entries) ? row.entries : [];
      for (const entry of entries.filter(isObject)) {
        const listed = fieldsOf(entry);
        if (listed !== undefined) expect(listLine(listed, { id: true })).toBe(entry.raw);
      }
    }
  });
});

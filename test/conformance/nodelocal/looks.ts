import type { RunningWorld } from '../../../src/cluster/build.ts';
import { type EntryFields, entryFields } from '../../../src/kernel/conntrack/entry.ts';
import { formatAddress } from '../../../src/network/address.ts';
import type { NodeLocalStep } from './recording.ts';
import { nodeCacheName } from './world.ts';

const link = 'nodelocaldns';

/** What a step that only looks sees, in the recorder's words; undefined for steps that act. */
export function look(step: NodeLocalStep, world: RunningWorld, now: number): Record<string, unknown> | undefined {
  const node = world.hosts.get('node');
  const process = world.nodeCaches.get(nodeCacheName);
  if (node === undefined || process === undefined) throw new Error('a world without its node');
  if ('rules' in step) {
    const rules = (table: 'raw' | 'filter') =>
      node.netfilter.print(table).filter((line) => line.startsWith('-A') && !line.includes('KUBE'));
    const [raw, filter] = [rules('raw'), rules('filter')];
    const held = node.stack.devices.get(link)?.addresses ?? [];
    const addresses = held.map(({ address, length }) => `${formatAddress(address)}/${length}`).sort();
    return step.rules === 'full' ? { raw, filter, addresses } : { raw: raw.length, filter: filter.length, addresses };
  }
  if ('corefile' in step) return { corefile: process.readFile('Corefile')?.replace(/\n$/, '').split('\n') ?? null };
  if ('state' in step) return { running: process.running };
  if ('conntrack' in step) {
    const pattern = typeof step.conntrack === 'string' ? new RegExp(step.conntrack) : /^/;
    const entries = node.conntrack.list().map((connection) => entry(entryFields(connection, now)));
    const kept = entries.filter((text) => text !== '' && pattern.test(text)).sort();
    return { conntrack: Object.fromEntries(kept.map((text) => [text, kept.filter((other) => other === text).length])) };
  }
  if (!('http' in step)) return undefined;
  const { path, port, grep } = step.http;
  const page = process.http(path, port);
  if (page === undefined) return { http: 'ConnectionRefusedError' };
  if (grep === undefined) return { http: page.status, body: page.body };
  const lines = page.body.split('\n').filter((line) => new RegExp(grep).test(line) && !line.startsWith('#'));
  return { http: page.status, body: lines };
}

/** As the recorder prints an entry about DNS; empty for any other. */
function entry(fields: EntryFields): string {
  if (fields.originalDestinationPort !== 53) return '';
  const { protocol, originalSource, originalDestination, replySource, state } = fields;
  const flag = !fields.seenReply ? ' [UNREPLIED]' : fields.assured ? ' [ASSURED]' : '';
  const flow = `${originalSource}->${originalDestination}:53 reply-from ${replySource}:${fields.replySourcePort}`;
  return `${protocol} ${flow}${state ? ` ${state}` : ''}${flag}`;
}

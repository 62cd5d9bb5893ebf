import type { Connection } from '../../../src/kernel/conntrack/connection.ts';
import { formatAddress } from '../../../src/network/address.ts';
import { isObject, type Row, text } from './recording.ts';

/** How near a command the entries go that it deletes, in seconds. */
const near = 0.3;

/** MTUs of pods' links as errors tell them: who sent the packet that was too large stands in front of it. */
export function linkMtus(rows: readonly Row[]): ReadonlyMap<string, number> {
  const mtus = new Map<string, number>();
  const last = new Map<string, string>();
  for (const row of rows) {
    if (row.ev !== 'pcap') continue;
    const device = text(row, 'dev');
    const packet = text(row, 'pkt');
    const mtu = /(?:need to frag \(mtu |packet too big, mtu )(\d+)/.exec(packet);
    const destination = /^IP6? \S+ > (\S+?)(?:\.\d+)?: /.exec(packet)?.[1];
    if (mtu === null) {
      if (text(row, 'dir') === 'In' && destination !== undefined) last.set(device, destination);
      continue;
    }
    const pod = rows.find((one) => text(one, 'op') === 'pod-add' && text(one, 'ip') === last.get(device));
    if (pod !== undefined) mtus.set(text(pod, 'pod'), Number(mtu[1]));
  }
  return mtus;
}

interface Deletion {
  readonly t: number;
  readonly which: (connection: Connection) => boolean;
}

/** Entries that a command deleted which left no record of its own: conntrack says who ended them. */
export function deletions(rows: readonly Row[]): Deletion[] {
  const commands = rows.filter((row) => row.ev === 'cmd' && text(row, 'cmd').includes('conntrack'));
  return rows.flatMap((row): Deletion[] => {
    const { orig, type, raw } = row.fields;
    if (row.ev !== 'ct-event' || type !== 'DESTROY' || !`${raw}`.includes('USERSPACE') || !isObject(orig)) return [];
    if (commands.some(({ t }) => Math.abs(t - row.t) < near)) return [];
    const wanted = `${orig.src} ${orig.sport} ${orig.dst} ${orig.dport}`;
    const which = ({ original: o }: Connection) =>
      `${formatAddress(o.source)} ${o.sourcePort} ${formatAddress(o.destination)} ${o.destinationPort}` === wanted;
    return [{ t: row.t, which }];
  });
}

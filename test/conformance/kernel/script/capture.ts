import type { ColumnStore } from '../../../../src/engine/columns.ts';
import { packetDelivered } from '../../../../src/kernel/records.ts';
import type { PacketRow } from '../observed.ts';
import { NotUnderstood } from '../python/values.ts';

const kinds: Readonly<Record<string, RegExp>> = {
  udp: /: UDP, |: ip-proto-17$/,
  tcp: /: tcp |: ip-proto-6$/,
  icmp: /: ICMP /,
  ip: /^IP /,
  arp: /^ARP/,
  ip6: /^IP6 /,
  icmp6: /: ICMP6/,
};

/** What a filter such as `udp or icmp` lets through. */
export function packetFilter(filter: string): (row: PacketRow) => boolean {
  const tests = filter.split(' or ').map((term) => {
    const words = term.replace(/[()]/g, '').trim();
    const port = /^(?:(udp|tcp) )?port (\d+)$/.exec(words);
    const host = /^host ([\d.]+)$/.exec(words);
    const kind = kinds[port?.[1] ?? words];
    if (port === null && host === null && kind === undefined) throw new NotUnderstood(`the capture filter ${filter}`);
    return ({ pkt }: PacketRow) => {
      if (port !== null) return (kind?.test(pkt) ?? true) && new RegExp(`\\.${port[2]}( >|:)`).test(pkt);
      if (host !== null) return new RegExp(`\\b${host[1]?.replaceAll('.', '\\.')}\\b`).test(pkt);
      return kind?.test(pkt) === true;
    };
  });
  return (row) => tests.some((test) => test(row));
}

/**
 * tcpdump in immediate mode on `any` has a ring of 2 MiB in frames of 256 KiB: of what the kernel does in one go, without
 * a process running in between, it holds so many packets and loses the rest. Recording l; with `-B 32768` nothing is lost.
 */
const frames = 8;
/** Packets that are further apart, in seconds, do not come in one go. */
const pause = 0.0001;

/** What the ring held. The simulator shows no ARP: the first packet between two hosts of a link costs a question and its answer. */
export function kept(rows: readonly PacketRow[], store: ColumnStore, time: (t: number) => number): PacketRow[] {
  const wakes = [...store.rows(packetDelivered)].filter(({ owner }) => owner !== 'kernel').map(({ t }) => time(t));
  const met = new Set<string>();
  const found: PacketRow[] = [];
  let held = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of [...rows].sort((a, b) => a.t - b.t)) {
    if (row.t - last > pause || wakes.some((t) => t >= last && t < row.t)) held = 0;
    last = row.t;
    if (!met.has(row.dev)) {
      met.add(row.dev);
      held += 2;
    }
    if (++held <= frames) found.push(row);
  }
  return found;
}

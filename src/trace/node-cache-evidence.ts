import { nodeOfCache } from '../cluster/node-local-dns/name.ts';
import { nodeCacheNetwork } from '../cluster/node-local-dns/records.ts';
import { coreDnsExit, coreDnsLife } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { RecordHeader } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { packetDropped, packetSent } from '../kernel/records.ts';
import type { Evidence } from './evidence-of.ts';
import { instant, processTitle } from './words.ts';

/** A time during which NodeLocal DNSCache was not there for its node. */
interface Absence {
  readonly process: string;
  readonly node: string;
  readonly addresses: readonly string[];
  readonly from: Micros;
  readonly until: Micros;
}

const forever = Number.POSITIVE_INFINITY;

/** What NodeLocal DNSCache brought about by its end: its addresses taken away, or nobody behind them. */
export function* nodeCacheEvidence(store: ColumnStore): Generator<Evidence> {
  const held = new Map<string, readonly string[]>();
  for (const { at, cause, text } of store.rows(nodeCacheNetwork)) {
    if (cause === 'link-added') held.set(at, text.split(' '));
  }
  if (held.size === 0) return;
  yield* teardownEvidence(store, held);
  yield* downEvidence(store, held);
}

function way(header: RecordHeader, cause: string, text: string, short: string): Evidence {
  return { header, weight: 'way', cause, text, short, filledBy: 0, isVerdict: false };
}

/** Packets to an address that was taken away: they leave their node, and nobody else has it. */
function* teardownEvidence(store: ColumnStore, held: ReadonlyMap<string, readonly string[]>): Generator<Evidence> {
  const network = [...store.rows(nodeCacheNetwork)];
  const gaps = absences(network, 'link-removed', network, 'link-added', held);
  if (gaps.length === 0) return;
  const rules = absences(network, 'link-removed', network, 'rules-gone', held);
  for (const row of store.rows(packetSent)) {
    const gap = covering(gaps, row.at, row.t, row.destination);
    if (gap === undefined) continue;
    const ruled = covering(rules, row.at, row.t, row.destination) !== undefined;
    const title = processTitle(gap.process);
    const rule = ruled ? ', and its NOTRACK rule kept the packet from being translated' : '';
    const text = `${title} had taken ${row.destination} away at ${instant(gap.from)}${rule}: it left ${gap.node} by the default route`;
    yield way(row, 'node-cache-teardown', text, `an address that ${title} had taken away`);
  }
}

/** Packets to an address that was left, with nobody listening. */
function* downEvidence(store: ColumnStore, held: ReadonlyMap<string, readonly string[]>): Generator<Evidence> {
  const life = [...store.rows(coreDnsLife)];
  const dead = absences([...store.rows(coreDnsExit)], undefined, life, 'started', held);
  if (dead.length === 0) return;
  for (const row of store.rows(packetDropped)) {
    if (row.cause !== 'port-closed') continue;
    const absence = covering(dead, row.at, row.t, row.destination);
    if (absence === undefined) continue;
    const title = processTitle(absence.process);
    const text = `${title} had ended at ${instant(absence.from)} and left its address ${row.destination} and its rules on the node, where nobody listened any more`;
    yield way(row, 'node-cache-down', text, `${title}, which had ended`);
  }
}

/** From each record of one cause to the next record of another of the same process. */
function absences(
  begins: readonly RecordHeader[],
  beginning: string | undefined,
  ends: readonly RecordHeader[],
  ending: string,
  held: ReadonlyMap<string, readonly string[]>,
): Absence[] {
  return begins.flatMap(({ t, seq, at, cause }) => {
    const addresses = held.get(at);
    if (addresses === undefined || (beginning !== undefined && cause !== beginning)) return [];
    const end = ends.find((row) => row.at === at && row.cause === ending && row.seq > seq);
    return [{ process: at, node: nodeOfCache(at) ?? at, addresses, from: t, until: end?.t ?? forever }];
  });
}

function covering(all: readonly Absence[], node: string, t: Micros, address: string): Absence | undefined {
  return all.find((one) => one.node === node && one.from <= t && t < one.until && one.addresses.includes(address));
}

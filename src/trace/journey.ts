import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { packetDelivered, packetDropped, packetSent } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { rootOf } from './evidence.ts';
import type { Hop } from './hop.ts';
import { type Lane, lanesOf } from './hosts.ts';
import { type Note, toldBelow } from './journey-notes.ts';
import { journeySteps } from './journey-steps.ts';
import type { JudgedLookup } from './lookup.ts';
import { type PacketRow, packetSteps } from './packet-path.ts';
import { inSeconds } from './words.ts';

/** What happened on the way of one lookup, for a picture: lanes from the client to the authority. */
export interface Journey {
  readonly lanes: readonly string[];
  readonly sections: readonly Section[];
}

/** One strand: the lookup itself, or an earlier one that filled a cache on its way. */
export interface Section {
  readonly heading: string;
  readonly start: Micros;
  readonly steps: readonly Step[];
}

export type Step =
  /** A message from lane to lane. `lost`: it never arrived. */
  | {
      readonly kind: 'message';
      readonly t: Micros;
      readonly from: number;
      readonly to: number;
      readonly label: string;
      readonly tone: 'query' | 'reply' | 'lost';
    }
  /** Something that happened in one lane. */
  | {
      readonly kind: 'note';
      readonly t: Micros;
      readonly lane: number;
      readonly label: string;
      readonly tone: Note['tone'];
    };

export interface JourneySource {
  readonly store: ColumnStore;
  readonly world: World;
  readonly lookups: ReadonlyMap<TraceId, JudgedLookup>;
}

/** A strand's steps by the names of hosts; lanes are numbered when all strands are known. */
export interface HostStep {
  readonly t: Micros;
  readonly from: string;
  /** The same as `from`: something that happened there. */
  readonly to: string;
  readonly label: string;
  readonly tone: 'query' | 'reply' | 'lost' | Note['tone'];
}

/** The journey of a lookup, after those of the lookups that had filled the caches on its way. */
export function journeyOf(lookup: JudgedLookup, hops: readonly Hop[], source: JourneySource): Journey {
  const type = lookup.verdict === 'failed' ? '' : (hops.find((hop) => hop.type !== '')?.type ?? '');
  const strands = [
    ...fillers(lookup, hops, source),
    { start: lookup.start, root: lookup.trace, heading: headingOf(lookup) },
  ];
  const read = strands.map((strand) => ({ ...strand, steps: readStrand(strand.root, type, source) }));
  const used = new Set(read.flatMap(({ steps }) => steps.flatMap(({ from, to }) => [from, to])));
  const lanes = lanesOf(source.world).filter((lane) => used.has(lane.host));
  const sections = read.map(({ heading, start, steps }) => ({
    heading,
    start,
    steps: steps.map((step) => inLanes(step, lanes)),
  }));
  const changes = source.world.events
    .filter(({ at }) => at === lookup.staleSince)
    .map(({ at, label }) => ({ heading: `${inSeconds(at)}: ${label}`, start: at, steps: [] }));
  return {
    lanes: lanes.map((lane) => lane.name),
    sections: [...sections, ...changes].sort((a, b) => a.start - b.start),
  };
}

function headingOf(lookup: JudgedLookup): string {
  const got = lookup.result === 'OK' ? lookup.addresses.join(', ') : `no answer (${lookup.result})`;
  const judged = lookup.verdict === 'stale' ? ', no longer served' : '';
  return `${inSeconds(lookup.start)}: ${lookup.workload} looks up ${lookup.name} and gets ${got}${judged}`;
}

/** The lookups that filled the caches on an answer's way, each once. */
function fillers(lookup: JudgedLookup, hops: readonly Hop[], { store, lookups }: JourneySource) {
  const filled = new Map<TraceId, string[]>();
  for (const hop of hops) {
    if (hop.kind !== 'cache' || hop.filledBy === 0) continue;
    const root = rootOf(store, hop.filledBy);
    const cache = hop.layer === 'jvm' ? `the JVM of ${hop.at}` : hop.at;
    if (root !== lookup.trace) filled.set(root, [...(filled.get(root) ?? []), cache]);
  }
  return [...filled].flatMap(([root, caches]) => {
    const by = lookups.get(root);
    if (by === undefined) return [];
    return [
      {
        root,
        start: by.start,
        heading: `${inSeconds(by.start)}: a lookup by ${by.workload} fills the cache of ${caches.join(' and of ')}`,
      },
    ];
  });
}

/** What happened on the strands below a root that have to do with questions of one type (empty: of any). */
function readStrand(root: TraceId, type: string, { store, world }: JourneySource): HostStep[] {
  const told = toldBelow(store, root);
  const matters = ({ trace }: { readonly trace: TraceId }): boolean => {
    if (!store.descends(trace, root)) return false;
    for (let strand = trace; strand > 0; strand = store.parentOf(strand)) {
      const asked = told.questions.get(strand);
      if (type !== '' && asked !== undefined && asked.type !== type) return false;
    }
    return true;
  };
  const rows: PacketRow[] = [];
  for (const row of store.rows(packetSent)) if (matters(row)) rows.push({ what: 'sent', row });
  for (const row of store.rows(packetDelivered)) if (matters(row)) rows.push({ what: 'delivered', row });
  for (const row of store.rows(packetDropped)) if (matters(row)) rows.push({ what: 'dropped', row });
  for (const row of store.rows(packetLost)) if (matters(row)) rows.push({ what: 'lost', row });
  rows.sort((a, b) => a.row.seq - b.row.seq);
  return journeySteps(packetSteps(rows), { ...told, notes: told.notes.filter(matters) }, world);
}

function inLanes({ t, from, to, label, tone }: HostStep, lanes: readonly Lane[]): Step {
  const index = (host: string): number => lanes.findIndex((lane) => lane.host === host);
  return tone === 'query' || tone === 'reply' || tone === 'lost'
    ? { kind: 'message', t, from: index(from), to: index(to), label, tone }
    : { kind: 'note', t, lane: index(from), label, tone };
}

import type { World } from '../cluster/world.ts';
import { absolute, lower, sameName } from '../dns/name.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { packetDelivered, packetDropped, packetSent } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { rootOf } from './evidence.ts';
import type { Explanation } from './explanation.ts';
import type { Flow } from './flows.ts';
import type { Hop } from './hop.ts';
import { type Lane, lanesOf, shortName } from './hosts.ts';
import { flowNotes, type Note, toldBelow } from './journey-notes.ts';
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
  readonly flows: readonly Flow[];
}

interface Question {
  readonly name: string;
  readonly type: string;
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
export function journeyOf(lookup: JudgedLookup, { hops, strand }: Explanation, source: JourneySource): Journey {
  const asked = lookup.verdict === 'failed' ? questionOn(strand, source.store) : questionOf(lookup, hops);
  const strands = [
    ...fillers(lookup, hops, source),
    { start: lookup.start, root: lookup.trace, heading: headingOf(lookup) },
  ];
  const read = strands.map((strand) => ({ ...strand, steps: readStrand(strand.root, asked, source) }));
  const lanes = lanesOf(
    source.world,
    new Set(read.flatMap(({ steps }) => steps.flatMap(({ from, to }) => [from, to]))),
  );
  const sections = read.map(({ heading, start, steps }) => {
    return { heading, start, steps: withoutMiddle(steps.flatMap((step) => inLanes(step, lanes, source.world))) };
  });
  const changes = source.world.events
    .filter(({ at }) => at === lookup.staleSince)
    .map(({ at, label }) => ({ heading: `${inSeconds(at)}: ${label}`, start: at, steps: [] }));
  return {
    lanes: lanes.map((lane) => lane.name),
    sections: [...sections, ...changes].sort((a, b) => a.start - b.start),
  };
}

/** What a lookup's answer answered; queries for other names of the search list, or for other types, are beside the point. */
function questionOf({ answeredName }: JudgedLookup, hops: readonly Hop[]): Question {
  return { name: absolute(lower(answeredName)), type: hops.find((hop) => hop.type !== '')?.type ?? '' };
}

/** What the query asked for on whose way a lookup failed. */
function questionOn(strand: TraceId, store: ColumnStore): Question | undefined {
  const { questions } = toldBelow(store, rootOf(store, strand), '');
  for (let trace = strand; trace > 0; trace = store.parentOf(trace)) {
    const question = questions.get(trace);
    if (question !== undefined) return question;
  }
  return undefined;
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

/** What happened on the strands below a root that have to do with one question, or with any. */
function readStrand(
  root: TraceId,
  asked: Question | undefined,
  { store, world, lookups, flows }: JourneySource,
): HostStep[] {
  const told = toldBelow(store, root, lookups.get(root)?.addresses.join(', ') ?? '');
  const matters = ({ trace }: { readonly trace: TraceId }): boolean => {
    if (!store.descends(trace, root)) return false;
    for (let strand = trace; asked !== undefined && strand > 0; strand = store.parentOf(strand)) {
      const question = told.questions.get(strand);
      if (question !== undefined && !isSame(question, asked)) return false;
    }
    return true;
  };
  const rows: PacketRow[] = [];
  for (const row of store.rows(packetSent)) if (matters(row)) rows.push({ what: 'sent', row });
  for (const row of store.rows(packetDelivered)) if (matters(row)) rows.push({ what: 'delivered', row });
  for (const row of store.rows(packetDropped)) if (matters(row)) rows.push({ what: 'dropped', row });
  for (const row of store.rows(packetLost)) if (matters(row)) rows.push({ what: 'lost', row });
  rows.sort((a, b) => a.row.seq - b.row.seq);
  return journeySteps(
    packetSteps(rows),
    { ...told, notes: [...told.notes, ...flowNotes(flows)].filter(matters) },
    world,
  );
}

function isSame(question: Question, asked: Question): boolean {
  return sameName(question.name, asked.name) && (asked.type === '' || question.type === asked.type);
}

/** A step by the numbers of lanes; nothing for a message between two hosts of one lane. */
function inLanes({ t, from, to, label, tone }: HostStep, lanes: readonly Lane[], world: World): Step[] {
  const index = (host: string): number => lanes.findIndex((lane) => lane.hosts.includes(host));
  if (tone === 'query' || tone === 'reply' || tone === 'lost') {
    return index(from) === index(to) ? [] : [{ kind: 'message', t, from: index(from), to: index(to), label, tone }];
  }
  const alone = (lanes[index(from)]?.hosts.length ?? 1) === 1;
  return [{ kind: 'note', t, lane: index(from), label: alone ? label : `${shortName(world, from)}: ${label}`, tone }];
}

/** More steps than this are no picture any more: those in the middle are only counted. */
const mostSteps = 40;

function withoutMiddle(steps: readonly Step[]): Step[] {
  const left = steps.length - mostSteps;
  const [first] = steps;
  if (left <= 1 || first === undefined) return [...steps];
  const middle = Math.ceil(mostSteps / 2);
  const lane = first.kind === 'note' ? first.lane : first.from;
  const gap: Step = {
    kind: 'note',
    t: steps[middle]?.t ?? first.t,
    lane,
    label: `${left} steps are left out`,
    tone: 'miss',
  };
  return [...steps.slice(0, middle), gap, ...steps.slice(middle + left)];
}

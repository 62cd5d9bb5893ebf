import { nodeOfCache } from '../cluster/node-local-dns/name.ts';
import type { World } from '../cluster/world.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { rootOf } from './evidence.ts';
import type { Explanation } from './explanation.ts';
import type { Hop } from './hop.ts';
import { type Lane, lanesOf, shortName } from './hosts.ts';
import { type Note, toldIn } from './journey-notes.ts';
import { journeySteps } from './journey-steps.ts';
import type { JudgedLookup } from './lookup.ts';
import { packetRow, packetSteps } from './packet-path.ts';
import { asideFrom, type Question, questionsIn, settledBy } from './questions.ts';
import { recordsBelow, type TraceRecord } from './records.ts';
import type { Scene } from './scene.ts';
import { nameOf } from './stale.ts';
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
export function journeyOf(lookup: JudgedLookup, why: Explanation, scene: Scene): Journey {
  const records = [...recordsBelow(scene.store, lookup.trace)];
  const asked = settledBy(lookup, why, questionsIn(records), scene.store);
  const filled = fillers(lookup, why.hops, scene).map((strand) => {
    return { ...strand, steps: readStrand([...recordsBelow(scene.store, strand.root)], strand.root, asked, scene) };
  });
  const steps = readStrand(records, lookup.trace, asked, scene);
  // What goes on behind the lookup's back is told where there is room: its end matters more.
  const told = steps.length > mostSteps ? steps.filter(({ t }) => t <= lookup.end) : steps;
  const own = { start: lookup.start, heading: headingOf(lookup), steps: told };
  const read = [...filled, own];
  const lanes = lanesOf(scene.world, new Set(read.flatMap(({ steps }) => steps.flatMap(({ from, to }) => [from, to]))));
  const sections = read.map(({ heading, start, steps }) => {
    return { heading, start, steps: withoutMiddle(steps.flatMap((step) => inLanes(step, lanes, scene.world))) };
  });
  const changes = scene.world.events
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
function fillers(lookup: JudgedLookup, hops: readonly Hop[], { store, lookups }: Scene) {
  const filled = new Map<TraceId, string[]>();
  for (const hop of hops) {
    if (hop.kind !== 'cache' || hop.filledBy === 0) continue;
    const root = rootOf(store, hop.filledBy);
    const cache = hop.layer === 'jvm' || nodeOfCache(hop.at) !== undefined ? nameOf(hop) : hop.at;
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
  records: readonly TraceRecord[],
  root: TraceId,
  asked: Question | undefined,
  scene: Scene,
): HostStep[] {
  const isAside = asideFrom(asked, questionsIn(records), scene.store);
  const own = records.filter(({ row }) => !isAside(row.trace));
  const addresses = scene.lookups.get(root)?.addresses.join(', ') ?? '';
  return journeySteps(packetSteps(own.flatMap(packetRow)), toldIn(own, addresses, scene), scene.world);
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

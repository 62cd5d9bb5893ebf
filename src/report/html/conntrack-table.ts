import type { FinishedRun } from '../../study/run.ts';
import { rootOf } from '../../trace/evidence.ts';
import type { Flow } from '../../trace/flows.ts';
import { pack, packSteps } from './packing.ts';
import type { ConntrackTable, StoryData } from './page-data.ts';
import type { Candidate } from './stories.ts';
import type { Texts } from './texts.ts';

const mostFlows = 2500;
/** Of one lookup, before those of others have had their turn. */
const mostOfOne = 60;
/** Instants at which all entries alive are counted. */
const instants = 400;

/** What the nodes' connection tracking held, from when to when. Where there is no room for all, entries of lookups with a story come first. */
export function conntrackTable(
  run: FinishedRun,
  lookups: readonly Candidate[],
  stories: readonly StoryData[],
  texts: Texts,
): ConntrackTable {
  const { flows } = run.analysis;
  const makers = makersOf(run, lookups);
  const all = flows.map((flow) => ({ flow, maker: makers(flow) }));
  const kept = all.length <= mostFlows ? all : chosen(all, numbersOf(stories, lookups));
  const nodes = [...new Set(kept.map(({ flow }) => flow.host))];
  const steps = kept.flatMap(({ flow }) => flow.steps);
  const column = (value: (flow: Flow) => number): string => pack(kept.map(({ flow }) => value(flow)));
  return {
    left: all.length - kept.length,
    nodes,
    node: column(({ host }) => nodes.indexOf(host)),
    protocol: column(({ protocol }) => texts.number(protocol)),
    source: column(({ source }) => texts.number(source)),
    destination: column(({ destination }) => texts.number(destination)),
    replySource: column(({ replySource }) => texts.number(replySource)),
    replyDestination: column(({ replyDestination }) => texts.number(replyDestination)),
    lookup: pack(kept.map(({ maker }) => maker)),
    born: packSteps(kept.map(({ flow }) => flow.born)),
    lasts: column(({ born, ended }) => (ended === undefined ? -1 : ended - born)),
    astray: column(({ astray }) => Number(astray)),
    steps: column((flow) => flow.steps.length),
    stepTimes: packSteps(steps.map(({ t }) => t)),
    stepSeqs: packSteps(steps.map(({ seq }) => seq)),
    stepLeft: pack(steps.map(({ t, expires }) => expires - t)),
    stepFlags: pack(steps.map(({ seenReply, assured }) => Number(seenReply) + 2 * Number(assured))),
    every: run.analysis.until / instants,
    alive: packSteps(aliveAt(flows, run.analysis.until)),
  };
}

const ofPort = -2;
const ofNobody = -1;

interface Made {
  readonly flow: Flow;
  readonly maker: number;
}

/** Lookups with a story, by their numbers among all. */
function numbersOf(stories: readonly StoryData[], lookups: readonly Candidate[]): ReadonlySet<number> {
  const told = new Set(stories.map(({ workload, lookup }) => `${workload} ${lookup}`));
  return new Set(lookups.flatMap(({ workload, index }, number) => (told.has(`${workload} ${index}`) ? [number] : [])));
}

/** Which lookup made an entry, as the page counts them. */
function makersOf({ store, analysis }: FinishedRun, lookups: readonly Candidate[]): (flow: Flow) => number {
  const fixed = new Set(analysis.workloads.flatMap(({ flows }) => flows.map(({ born, trace }) => `${born} ${trace}`)));
  const numbers = new Map(lookups.map(({ lookup }, number) => [lookup.trace, number]));
  return (flow) => {
    if (flow.astray || fixed.has(`${flow.born} ${flow.trace}`)) return ofPort;
    return numbers.get(rootOf(store, flow.trace)) ?? ofNobody;
  };
}

/** Those of a workload's fixed port, then those of lookups that are told, then the rest, in order. */
function chosen(all: readonly Made[], told: ReadonlySet<number>): Made[] {
  const counts = new Map<number, number>();
  const rank = (maker: number): number => {
    if (maker === ofPort) return 0;
    const count = (counts.get(maker) ?? 0) + 1;
    counts.set(maker, count);
    return told.has(maker) && count <= mostOfOne ? 1 : 2;
  };
  const ranked = all.map((made, index) => ({ made, index, rank: rank(made.maker) }));
  ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
  const kept = ranked.slice(0, mostFlows).sort((a, b) => a.index - b.index);
  return kept.map(({ made }) => made);
}

/** How many entries there were at each of the instants. */
function aliveAt(flows: readonly Flow[], until: number): number[] {
  const changes = Array.from({ length: instants + 2 }, () => 0);
  const place = (t: number): number => Math.min(instants + 1, Math.ceil((t / until) * instants));
  const add = (index: number, by: number): void => {
    changes[index] = (changes[index] ?? 0) + by;
  };
  for (const { born, ended } of flows) {
    add(place(born), 1);
    if (ended !== undefined) add(place(ended), -1);
  }
  let sum = 0;
  return changes.slice(0, instants + 1).map((change) => {
    sum += change;
    return sum;
  });
}

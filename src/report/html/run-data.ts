import { second } from '../../engine/time.ts';
import type { ScenarioFile } from '../../scenario/schema/scenario.ts';
import { WallClock } from '../../scenario/wall-clock.ts';
import type { FinishedRun } from '../../study/run.ts';
import type { WorkloadAnalysis } from '../../trace/analysis.ts';
import type { Explanation } from '../../trace/explanation.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { nameOf } from '../../trace/stale.ts';
import { toldEvents } from '../../trace/told-events.ts';
import { inMilliseconds, inSeconds } from '../../trace/words.ts';
import { adviceOn } from '../advice.ts';
import { magnitudeOf } from '../alike.ts';
import { mostTelling, titleOf } from '../charts/findings.ts';
import { outcomeOf } from '../charts/stretches.ts';
import { findingsOf, waitingFinding } from '../finding.ts';
import { howLong, outcomeInAll } from '../outcome.ts';
import { cacheTable } from './cache-table.ts';
import { conntrackTable } from './conntrack-table.ts';
import { markedCorefiles } from './corefile-marks.ts';
import { pack, packSteps } from './packing.ts';
import type { OutcomeData, RunData, StoryData, WorkloadData } from './page-data.ts';
import { type Candidate, storiesOf } from './stories.ts';
import { Texts } from './texts.ts';

/** All that a page shows of one of two runs that are compared. `first`: the lookup that is opened, if not the one that tells most. */
export function comparedData(run: FinishedRun, first: JudgedLookup | undefined): RunData {
  return dataOf(run, first ?? mostTelling(run.analysis));
}

/** All that a page shows of a run. */
export function runData(run: FinishedRun): RunData {
  const { scenario, world, analysis } = run;
  const seed = world.seed === String(scenario.definition.seed) ? '' : ` --seed ${world.seed}`;
  return { ...dataOf(run, mostTelling(analysis)), explain: `dnspath explain ${scenario.file}${seed}` };
}

function dataOf(run: FinishedRun, lookup: JudgedLookup | undefined): RunData {
  const { scenario, world, analysis } = run;
  const { definition } = scenario;
  const texts = new Texts();
  const outcomes = new Outcomes();
  const read = analysis.workloads.map((workload, index) => readLookups(workload, index, run, outcomes));
  const candidates = read.flatMap((lookups) => lookups.candidates);
  const telling = candidates.find((candidate) => candidate.lookup === lookup);
  const stories = storiesOf(run, candidates, telling, texts);
  return {
    name: scenario.name,
    title: definition.title,
    version: run.version,
    seed: world.seed,
    until: analysis.until,
    finding: titleOf(analysis),
    ...(telling !== undefined && { telling: [telling.workload, telling.index] as const }),
    outcome: outcomeInAll(run.analysis),
    ...clockOf(run),
    events: toldEvents(world.events).map(({ at, label }) => ({ at, text: label })),
    lessons: definition.lesson,
    remedies: definition.remedy,
    advice: adviceOn(read.flatMap((lookups) => lookups.wrong)),
    expectations: run.expectations.map(({ workload, expected, met, reason, knownLimit }) => {
      const limit = met || knownLimit === undefined ? '' : ` Known limit: ${knownLimit}.`;
      const state = met ? 'met' : knownLimit === undefined ? 'NOT MET' : 'known limit';
      return { state, text: `${workload}: ${expected}: ${reason.replace(/\.$/, '')}.${limit}` };
    }),
    restsOn: run.assumptions,
    notModelled: run.notModelled,
    outcomes: outcomes.all,
    workloads: analysis.workloads.map((workload, index) => {
      const lookups = read[index];
      const own = stories.flatMap((story, number) => (story.workload === index ? [{ story, number }] : []));
      return workloadOf(workload, run, lookups?.candidates ?? [], lookups?.columns ?? noColumns, own, texts);
    }),
    stories,
    corefiles: markedCorefiles(run),
    caches: cacheTable(run, texts),
    conntrack: conntrackTable(run, candidates, stories, texts),
    // Last: all others have put their texts into it.
    texts: texts.all,
  };
}

function clockOf({ scenario }: FinishedRun): Pick<RunData, 'clock'> {
  const clock = new WallClock(scenario.definition.start);
  if (!clock.isSet) return {};
  const [hours = 0, minutes = 0, seconds = 0] = clock.timeOfDay(0).split(':').map(Number);
  return { clock: { start: clock.stamp(0), ofDay: Math.round((hours * 3600 + minutes * 60 + seconds) * second) } };
}

/** Each outcome once, in the order in which they came. */
class Outcomes {
  readonly #numbers = new Map<string, number>();
  readonly all: OutcomeData[] = [];

  number(outcome: OutcomeData): number {
    const key = `${outcome.verdict} ${outcome.text}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.all.length);
    return this.all.push(outcome) - 1;
  }
}

interface Columns {
  readonly outcome: readonly number[];
  readonly cause: readonly string[];
}

const noColumns: Columns = { outcome: [], cause: [] };

function readLookups({ lookups }: WorkloadAnalysis, workload: number, run: FinishedRun, outcomes: Outcomes) {
  const candidates: Candidate[] = [];
  const outcome: number[] = [];
  const cause: string[] = [];
  const wrong: Explanation[] = [];
  // The page looks lookups up by their start; the analysis has them in the order of their return.
  const inOrder = lookups.map((lookup, number) => ({ lookup, number }));
  inOrder.sort((a, b) => a.lookup.start - b.lookup.start);
  for (const [index, { lookup, number }] of inOrder.entries()) {
    const explanation = run.analysis.why(lookup);
    const came = outcomes.number(outcomeOf(lookup));
    const because = lookup.verdict === 'right' ? whoAnswered(explanation) : explanation.cause;
    if (lookup.verdict !== 'right') wrong.push(explanation);
    outcome.push(came);
    cause.push(because);
    const way = explanation.hops.map(({ kind, at }) => `${kind} ${at}`).join(',');
    const kind = `${workload} ${lookup.verdict} ${because} ${way}`;
    candidates.push({ workload, index, number, lookup, kind, likeness: `${kind} ${came} ${magnitudeOf(lookup)}` });
  }
  return { candidates, columns: { outcome, cause }, wrong };
}

/** `cache of CoreDNS coredns-1`, `corp-dns itself`. */
function whoAnswered({ hops }: Explanation): string {
  const [hop] = hops;
  if (hop === undefined) return 'answered';
  return hop.kind === 'cache' ? `cache of ${nameOf(hop)}` : `${nameOf(hop)} itself`;
}

function workloadOf(
  workload: WorkloadAnalysis,
  run: FinishedRun,
  candidates: readonly Candidate[],
  { outcome, cause }: Columns,
  stories: readonly { readonly story: StoryData; readonly number: number }[],
  texts: Texts,
): WorkloadData {
  const { summary, lookups, healed } = workload;
  const { failures, stale, latency } = summary;
  // One lookup alone says nothing about what came after it.
  const ended = (lookups.length > 1 ? healed : []).map((text) => ({ lead: 'ended', text }));
  return {
    name: summary.workload,
    who: whoIs(summary.workload, run),
    figures: {
      lookups: summary.lookups,
      failed: failures.count,
      stale: stale.count,
      ...latency,
    },
    howLong: howLong(workload),
    findings: [
      ...findingsOf(workload, run),
      ...(ended.length === 0 ? [] : [{ text: '', because: ended }]),
      ...waitingFinding(workload),
    ],
    lookups: {
      number: packSteps(candidates.map(({ number }) => number)),
      start: packSteps(candidates.map(({ lookup }) => lookup.start)),
      latency: pack(candidates.map(({ lookup }) => lookup.end - lookup.start)),
      outcome: pack(outcome),
      cause: pack(cause.map((text) => texts.number(text))),
      name: pack(candidates.map(({ lookup }) => texts.number(lookup.name))),
      story: pack(likeWhich(candidates, stories)),
    },
  };
}

/** For each lookup the number of its story, or of one near it that is like it, or at least of its kind; -1: none is told. */
function likeWhich(
  candidates: readonly Candidate[],
  stories: readonly { readonly story: StoryData; readonly number: number }[],
): number[] {
  const own = new Map(stories.map(({ story, number }) => [story.lookup, number]));
  const first = new Map<string, number>();
  for (const { story, number } of stories) {
    const { kind = '', likeness = '' } = candidates[story.lookup] ?? {};
    for (const group of [kind, likeness]) if (!first.has(group)) first.set(group, number);
  }
  const last = new Map<string, number>();
  return candidates.map(({ index, kind, likeness }) => {
    const told = own.get(index);
    if (told !== undefined) for (const group of [kind, likeness]) last.set(group, told);
    return last.get(likeness) ?? first.get(likeness) ?? last.get(kind) ?? first.get(kind) ?? -1;
  });
}

/** `pod orders on node-2, glibc 2.36 behind a JVM 17, asks for redis.example.com every 1 s`. */
function whoIs(name: string, { scenario, world }: FinishedRun): string {
  const workload = scenario.definition.workloads[name];
  if (workload === undefined) return world.workloads.find((one) => one.name === name)?.host ?? '';
  const pod = scenario.definition.pods[workload.pod];
  const replicas = pod?.deployment?.replicas;
  const place = replicas === undefined ? ` on ${pod?.node ?? ''}` : '';
  const software = pod === undefined ? '' : `${place}, ${pod.resolver}`;
  const jvm = pod?.jvm === undefined ? '' : ` behind a JVM ${pod.jvm.release}`;
  const port = workload.port === undefined ? '' : `, always from port ${workload.port}`;
  const who =
    replicas === undefined ? `pod ${workload.pod}` : `Deployment ${workload.pod} of ${replicas} pods at first`;
  return `${who}${software}${jvm}${port}; asks for ${whatAndWhen(workload)}`;
}

function whatAndWhen(workload: ScenarioFile['workloads'][string]): string {
  const { lookup = '', count, every, replay, rate, onStart } = workload;
  if (onStart === true) return `${lookup} as it starts`;
  if (rate !== undefined) return `${lookup} at a rate that changes`;
  if (replay !== undefined) return replay.csv === undefined ? 'what a query log holds' : 'what a CSV file lists';
  if (count === 1) return `${lookup} once`;
  return every === undefined
    ? `${lookup} again and again, with pauses to think`
    : `${lookup} every ${every < second ? inMilliseconds(every) : inSeconds(every)}`;
}

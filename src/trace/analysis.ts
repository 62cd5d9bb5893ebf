import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { joinEndpoint } from '../network/address.ts';
import { queryMade } from '../resolver/records.ts';
import type { Account } from './account/account.ts';
import { accountOf } from './account/accounts.ts';
import { AskedBy, withAsker } from './asked-by.ts';
import { namesTried, type TriedName } from './conversation.ts';
import type { Strands } from './deciding.ts';
import { delaysIn } from './delays.ts';
import { feltBy } from './event-matters.ts';
import { evidenceByRoot, rootOf } from './evidence.ts';
import type { Explanation } from './explanation.ts';
import { keptFailure, sharedBy, troubleOf, whyFailed } from './failed.ts';
import { type Flow, readFlows } from './flows.ts';
import { type ActingEvent, answeredAgain, healedBy, type Matters, takenUp } from './healed.ts';
import { type Hop, Hops } from './hop.ts';
import { type Journey, journeyOf } from './journey.ts';
import { judgedLookups } from './judged-lookups.ts';
import type { JudgedLookup } from './lookup.ts';
import { madeGoodAt } from './made-good.ts';
import type { Period } from './periods.ts';
import { clientHits, corednsHits, recursorHits } from './read-hops.ts';
import { sourceAnswers } from './read-sources.ts';
import { strayAnswer, whyRight } from './right.ts';
import { Scene } from './scene.ts';
import { whyStale } from './stale.ts';
import { summarise, type WorkloadSummary } from './summary.ts';
import { type Truth, truthOf } from './truth.ts';
import { type Probe, readUpstreamQueries, type UpstreamQuery } from './upstream-queries.ts';
import { waitingLookups } from './waiting.ts';

/** What a run means: every lookup judged, and why it came out so. */
export interface Analysis {
  readonly until: Micros;
  /** In the order in which the world names the workloads. */
  readonly workloads: readonly WorkloadAnalysis[];
  /** Every tracked flow on the nodes, in order of birth. */
  readonly flows: readonly Flow[];
  /** Why a lookup was stale or failed, or where its right answer came from. */
  readonly why: (lookup: JudgedLookup) => Explanation;
  /** The line of a Corefile for which a server was asked on a strand; empty: there is none. */
  readonly askedBecauseOf: (strand: TraceId) => string;
  /** What CoreDNS asked its upstreams for a lookup, in order, also after its end. */
  readonly upstreamQueries: (lookup: JudgedLookup) => readonly UpstreamQuery[];
  /** The probes of upstreams that failures of those began, in order. */
  readonly probes: (lookup: JudgedLookup) => readonly Probe[];
  /** The names that its resolver tried, with the queries for each. */
  readonly namesTried: (lookup: JudgedLookup) => readonly TriedName[];
  readonly journey: (lookup: JudgedLookup) => Journey;
  /** The lookup told step by step. */
  readonly account: (lookup: JudgedLookup) => Account;
}

export interface WorkloadAnalysis {
  readonly summary: WorkloadSummary;
  /** In order of time. */
  readonly lookups: readonly JudgedLookup[];
  /** A sentence each on the end of the last stale period and of the last outage. */
  readonly healed: readonly string[];
  /** Lookups that had not returned when the run ended: since when, and what has happened to the first until then. */
  readonly waiting: { readonly since: readonly Micros[]; readonly trouble: string };
  /** Conntrack entries of its fixed port, in order of birth; none without such a port. */
  readonly flows: readonly Flow[];
}

/** Reads the records of a finished run of a world. */
export function analyse(store: ColumnStore, world: World): Analysis {
  const truth = truthOf(world);
  const lookups = judgedLookups(store, world, truth);
  const byTrace = new Map([...lookups.values()].flat().map((lookup) => [lookup.trace, lookup]));
  const scene = new Scene(world, store, readFlows(store, world), byTrace);
  const upstream = readUpstreamQueries(store);
  const asked = byRoot(upstream.queries, store);
  const probed = byRoot(upstream.probes, store);
  const hopsOf = hopsIn(scene);
  const strands = strandsOf(store, evidenceByRoot(scene, upstream, truth));
  const askedBy = new AskedBy(store, scene.quote);
  const delay = delaysIn(store, strands, scene.shared, (trace) => asked.get(trace) ?? []);
  const why = explainer(strands, hopsOf, askedBy, delay, truth);
  const events = takenUp(world.events, store);
  const waiting = waitingLookups(store, world.until);
  return {
    until: world.until,
    workloads: [...lookups].map(([workload, own]) => {
      const unreturned = waiting.filter((lookup) => lookup.workload === workload);
      const [first] = unreturned;
      const trouble = first === undefined ? '' : troubleOf({ ...first, end: world.until }, strands);
      const left = { since: unreturned.map(({ start }) => start), trouble };
      return analyseWorkload(workload, own, left, scene, { hopsOf, strands, events });
    }),
    flows: scene.flows,
    why,
    askedBecauseOf: (strand) => askedBy.line(strand),
    upstreamQueries: ({ trace }) => asked.get(trace) ?? [],
    probes: ({ trace }) => probed.get(trace) ?? [],
    namesTried: ({ trace, end }) => namesTried(store, world, trace, end),
    account: (lookup) => accountOf(lookup, why(lookup), scene),
    journey: (lookup) => journeyOf(lookup, why(lookup), scene),
  };
}

type HopsOf = (lookup: JudgedLookup) => Hop[];

/** How the answer to a lookup came, hop by hop. */
function hopsIn({ store, world, quote, shared }: Scene): HopsOf {
  const hops = new Hops(
    [...clientHits(store), ...corednsHits(store, quote), ...recursorHits(store), ...sourceAnswers(store, world)],
    (trace) => store.parentOf(trace),
  );
  return (lookup) => {
    const { trace, end } = lookup;
    const own = hops.chain(trace, end, typeOf(lookup));
    return own.length > 0 ? own : hops.chain(shared(trace) ?? trace, end, typeOf(lookup));
  };
}

function strandsOf(store: ColumnStore, evidence: ReturnType<typeof evidenceByRoot>): Strands {
  // Read when the first failure asks for it.
  let madeGood: ReturnType<typeof madeGoodAt> | undefined;
  let servers: ReadonlyMap<TraceId, string> | undefined;
  return {
    depth: (trace) => depthOf(trace, store),
    descends: (trace, root) => store.descends(trace, root),
    queryOf: (trace) => queryAbove(trace, store),
    serverOf: (trace) => {
      servers ??= new Map([...store.rows(queryMade)].map((row) => [row.trace, row.server]));
      return servers.get(queryAbove(trace, store) ?? trace);
    },
    evidence: (trace) => evidence.get(rootOf(store, trace)) ?? [],
    madeGoodAt: (one) => {
      madeGood ??= madeGoodAt(store);
      return madeGood(one);
    },
  };
}

/** Explains lookups, each once: every writer of a report asks for all of them. */
function explainer(
  strands: Strands,
  hopsOf: HopsOf,
  askedBy: AskedBy,
  delayOf: ReturnType<typeof delaysIn>,
  truth: Truth,
): (lookup: JudgedLookup) => Explanation {
  const explain = (lookup: JudgedLookup): Explanation => {
    if (lookup.verdict === 'failed') return withAsker(whyFailed(lookup, strands), askedBy);
    const hops = hopsOf(lookup);
    return lookup.verdict === 'stale'
      ? whyStale(lookup, hops, askedBy)
      : whyRight(lookup, hops, {
          trouble: delayOf(lookup),
          shared: sharedBy(lookup, strands),
          stray: strayAnswer(lookup, truth),
        });
  };
  const known = new Map<TraceId, Explanation>();
  return (lookup) => {
    const explanation = known.get(lookup.trace) ?? explain(lookup);
    known.set(lookup.trace, explanation);
    return explanation;
  };
}

/** What is known of all lookups, and of what happened. */
interface Known {
  readonly hopsOf: HopsOf;
  readonly strands: Strands;
  readonly events: readonly ActingEvent[];
}

function analyseWorkload(
  workload: string,
  own: readonly JudgedLookup[],
  waiting: WorkloadAnalysis['waiting'],
  scene: Scene,
  { hopsOf, strands, events }: Known,
): WorkloadAnalysis {
  const { world, flows } = scene;
  const summary = summarise(workload, own, world.until, waiting.since);
  const [stale, outage] = [summary.stale.periods.at(-1), summary.failures.outages.at(-1)];
  const healed = [
    ...(stale === undefined
      ? []
      : [healedBy(stale, hopsOf, events, mattersTo(stale, scene), failsBetween(stale, own))]),
    // "Its only lookup failed" says it all.
    ...(outage === undefined || own.length === 1
      ? []
      : [answeredAgain(outage, keptFailure(outage.last, strands), events, mattersTo(outage, scene))]),
  ];
  return { summary, lookups: own, healed, waiting, flows: flowsFrom(workload, flows, world) };
}

/** Of events, those that the last lookup of a period or the one that ended it can have felt. */
function mattersTo({ last, healed }: Period, scene: Scene): Matters {
  const lookups = [last.trace, ...(healed === undefined ? [] : [healed.trace])];
  return (events) => feltBy(lookups, events, scene);
}

/** Did lookups fail after the last of a period, and before the one that ended it? */
function failsBetween({ last, healed }: Period, own: readonly JudgedLookup[]): boolean {
  return own.some(({ verdict, start }) => verdict === 'failed' && start > last.start && start < (healed?.start ?? 0));
}

/** How many strands a strand descends from, itself among them; in a forwarding loop that is thousands. */
function depthOf(trace: TraceId, store: ColumnStore): number {
  let depth = 0;
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) depth++;
  return depth;
}

/** The strand right below the root on the way to it. */
function queryAbove(trace: TraceId, store: ColumnStore): TraceId | undefined {
  let [query, above] = [trace, store.parentOf(trace)];
  if (above <= 0) return undefined;
  for (let next = store.parentOf(above); next > 0; next = store.parentOf(next)) [query, above] = [above, next];
  return query;
}

function byRoot<T extends { readonly header: RecordHeader }>(all: readonly T[], store: ColumnStore) {
  return grouped(all, ({ header }) => rootOf(store, header.trace));
}

/** Entries whose first packet came from the port that a workload always uses. */
function flowsFrom(name: string, flows: readonly Flow[], world: World): Flow[] {
  const workload = world.workloads.find((one) => one.name === name);
  if (workload?.kind !== 'fixed-port') return [];
  const interfaces = world.hosts.find(({ name }) => name === workload.host)?.interfaces ?? [];
  const own = interfaces.flatMap(({ addresses }) => addresses.map((address) => address.replace(/\/.*/, '')));
  const sources = own.map((address) => joinEndpoint(address, workload.sourcePort));
  return flows.filter(({ source }) => sources.includes(source));
}

/** How many lookups failed for which cause, the most frequent first. */
export function causesOf(lookups: readonly JudgedLookup[], { why }: Pick<Analysis, 'why'>) {
  const counts = new Map<string, number>();
  for (const lookup of lookups) {
    if (lookup.verdict !== 'failed') continue;
    const { cause } = why(lookup);
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return [...counts].map(([cause, count]) => ({ cause, count })).sort((a, b) => b.count - a.count);
}

/** The type of record that the addresses of a lookup came in. */
function typeOf({ addresses }: JudgedLookup): string {
  return addresses.some((address) => !address.includes(':')) ? 'A' : 'AAAA';
}

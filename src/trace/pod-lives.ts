import { coreDnsDeployment } from '../cluster/pods/description.ts';
import { apiTurn, controlPlaneTurn, endpointsChanged, nodeLife, podLife, podProbe } from '../cluster/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';
import { inSeconds, instant, listed } from './words.ts';

type Step = Row<typeof podLife.columns>;
type Probe = Row<typeof podProbe.columns>;

/** What became of pods and nodes, as far as it explains what became of packets. */
export interface PodLives {
  /** Why nobody has an address any more: `coredns-1 was deleted at 60 s, its network taken away at 66.1 s`. */
  readonly goneFrom: (address: string, at: Micros) => string | undefined;
  /** Since when a node has had no power. */
  readonly lostSince: (node: string, at: Micros) => Micros | undefined;
  /** Since when a Service has had a ready end point; undefined: it has none. */
  readonly readySince: (service: string, at: Micros) => Micros | undefined;
  /** Why none of CoreDNS's pods is ready: `coredns-1 is not ready since 17.4 s (its container has ended)`. */
  readonly whyNoneReady: (at: Micros) => NoneReady;
  /** Was a pod ready for its Service at some time between two instants? */
  readonly wasReady: (pod: string, from: Micros, to: Micros) => boolean;
  /** When its kubelet started a pod's container after an instant, if it did. */
  readonly startedAgain: (pod: string, after: Micros) => { readonly t: Micros; readonly text: string } | undefined;
  /** Pods that have had an address until then. */
  readonly podsWith: (address: string, at: Micros) => readonly string[];
}

interface NoneReady {
  readonly text: string;
  readonly pods: readonly string[];
}

/** Reads what became of pods and nodes out of the records of a run. */
export function podLivesOf(store: ColumnStore): PodLives {
  const steps = [...store.rows(podLife)];
  const nodes = [...store.rows(nodeLife)].filter(({ cause }) => cause === 'lost' || cause === 'returned');
  const endpoints = [...store.rows(endpointsChanged)];
  const dnsSteps = steps.filter(({ deployment }) => deployment === coreDnsDeployment);
  const probes = [...store.rows(podProbe)];
  const absences = [...store.rows(apiTurn)];
  const managers = [...store.rows(controlPlaneTurn)].filter((row) => row.at === 'kube-controller-manager');
  return {
    goneFrom: (address, at) => {
      const gone = goneFrom(steps, address, at);
      return gone && `${gone}${whyNobodyKnows(absences, managers, at)}`;
    },
    lostSince: (node, at) => {
      const last = nodes.findLast((row) => row.at === node && row.t <= at);
      return last?.cause === 'lost' ? last.t : undefined;
    },
    readySince: (service, at) => readySince(endpoints, service, at),
    whyNoneReady: (at) => whyNoneReady(dnsSteps, probes, at),
    wasReady: (pod, from, to) =>
      steps.some((row) => row.at === pod && row.cause === 'ready' && row.t >= from && row.t <= to),
    startedAgain: (pod, after) => steps.find((row) => row.at === pod && row.cause === 'started' && row.t > after),
    podsWith: (address, at) => steps.filter((row) => row.address === address && row.t <= at).map((row) => row.at),
  };
}

function readySince(endpoints: readonly Row<typeof endpointsChanged.columns>[], service: string, at: Micros) {
  const own = endpoints.filter((row) => row.at === service && row.t <= at);
  if (own.at(-1)?.addresses === '') return undefined;
  return own[own.findLastIndex(({ addresses }) => addresses === '') + 1]?.t;
}

function goneFrom(steps: readonly Step[], address: string, at: Micros): string | undefined {
  const last = steps.findLast((row) => row.address === address && row.t <= at && isAboutNetwork(row));
  if (last?.cause !== 'network-removed') return undefined;
  const deleted = steps.findLast((row) => row.at === last.at && row.cause === 'deleted' && row.t <= last.t);
  const why = deleted === undefined ? '' : `was deleted at ${inSeconds(deleted.t)}, `;
  return `${last.at} ${why}its network taken away at ${inSeconds(last.t)}`;
}

/** Why what is gone may still be an end point, where the API server has to do with that. */
function whyNobodyKnows(
  absences: readonly Row<typeof apiTurn.columns>[],
  managers: readonly Row<typeof controlPlaneTurn.columns>[],
  at: Micros,
): string {
  const last = absences.findLast(({ t }) => t <= at);
  if (last?.cause === 'down')
    return `; the API server is away since ${instant(last.t)}: nobody can take it out of the end points`;
  if (last?.cause === 'cut-off-nodes') return `; no node can reach the API server since ${instant(last.t)}`;
  const isVacant = managers.findLast(({ t }) => t <= at)?.cause === 'ended';
  return last === undefined || !isVacant
    ? ''
    : `; the API server is back since ${instant(last.t)}, but its controllers do not lead again yet`;
}

function isAboutNetwork({ cause }: Step): boolean {
  return cause === 'network-removed' || cause === 'started';
}

function whyNoneReady(steps: readonly Step[], probes: readonly Probe[], at: Micros): NoneReady {
  const lives = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.t > at) break;
    if (step.cause === 'removed') lives.delete(step.at);
    else lives.set(step.at, [...(lives.get(step.at) ?? []), step]);
  }
  const words = [...lives].map(([pod, life]) => `${pod} ${stateOf(life, failedProbe(probes, pod, at))}`);
  return { text: words.length === 0 && steps.length > 0 ? 'there is no pod' : listed(words), pods: [...lives.keys()] };
}

function failedProbe(probes: readonly Probe[], pod: string, at: Micros): Probe | undefined {
  return probes.findLast((row) => row.at === pod && row.cause === 'readiness' && row.t <= at);
}

/** Why a pod is no end point. */
function stateOf(life: readonly Step[], probe: Probe | undefined): string {
  const deleted = life.findLast(({ cause }) => cause === 'deleted');
  if (deleted !== undefined) return `was deleted at ${instant(deleted.t)}`;
  const last = life.at(-1);
  if (last?.cause === 'ready') return `is ready since ${instant(last.t)} (the end points do not say so yet)`;
  if (last?.cause === 'pending') return `is on no node (${last.text})`;
  const since = life.slice(life.findLastIndex(({ cause }) => cause === 'ready') + 1);
  const end = since.findLast(({ cause }) => cause.startsWith('container-'));
  const start = since.findLast(({ cause }) => cause === 'started');
  if (end !== undefined && start !== undefined && start.seq > end.seq) return runsAgain(since, start, probe);
  const down = since.find(({ cause }) => cause === 'not-ready') ?? end;
  return down === undefined ? 'is not ready yet' : `is not ready since ${instant(down.t)} (${down.text})`;
}

/** A container that has ended runs again, though its pod has not been found ready since: what is true now comes before what was. */
function runsAgain(since: readonly Step[], start: Step, probe: Probe | undefined): string {
  const fails = probe !== undefined && probe.t >= start.t;
  const why = fails ? `its readiness probe has failed since (${probe.outcome})` : 'has not been found ready since';
  const late = since.find(({ cause, seq }) => cause === 'not-ready' && seq > start.seq);
  const told = late === undefined ? '' : `; the API server was told of its end at ${instant(late.t)} only`;
  return `was ${start.text} at ${instant(start.t)}, and ${why}${told}`;
}

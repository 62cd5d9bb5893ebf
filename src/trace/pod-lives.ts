import { coreDnsDeployment } from '../cluster/pods/description.ts';
import { apiTurn, controlPlaneTurn, endpointsChanged, nodeLife, podLife } from '../cluster/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';
import { inSeconds, instant, listed } from './words.ts';

type Step = Row<typeof podLife.columns>;

/** What became of pods and nodes, as far as it explains what became of packets. */
export interface PodLives {
  /** Why nobody has an address any more: `coredns-1 was deleted at 60 s, its network taken away at 66.1 s`. */
  readonly goneFrom: (address: string, at: Micros) => string | undefined;
  /** Since when a node has had no power. */
  readonly lostSince: (node: string, at: Micros) => Micros | undefined;
  /** Since when a Service has had a ready end point; undefined: it has none. */
  readonly readySince: (service: string, at: Micros) => Micros | undefined;
  /** Why none of its pods is ready: `coredns-1 is not ready since 17.4 s (its container has ended)`; `again`: which of them run. */
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
  readonly again: string;
  readonly pods: readonly string[];
}

export function podLivesOf(store: ColumnStore): PodLives {
  const steps = [...store.rows(podLife)];
  const nodes = [...store.rows(nodeLife)].filter(({ cause }) => cause === 'lost' || cause === 'returned');
  const endpoints = [...store.rows(endpointsChanged)];
  const dnsSteps = steps.filter(({ deployment }) => deployment === coreDnsDeployment);
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
    whyNoneReady: (at) => whyNoneReady(dnsSteps, at),
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

function whyNoneReady(steps: readonly Step[], at: Micros): NoneReady {
  const latest = new Map<string, Step>();
  for (const step of steps) {
    if (step.t > at) break;
    if (step.cause === 'removed') latest.delete(step.at);
    else if (step.cause === 'deleted' || latest.get(step.at)?.cause !== 'deleted')
      latest.set(step.at, worseOf(latest.get(step.at), step));
  }
  const words = [...latest.values()].map((step) => `${step.at} ${stateOf(step)}`);
  const pods = [...latest.keys()];
  return {
    text: words.length === 0 && steps.length > 0 ? 'there is no pod' : listed(words),
    again: pods.map((pod) => startedSince(steps, pod, at)).join(''),
    pods,
  };
}

/** What says most about a pod that is not ready: why it ceased to be, rather than that it was started again. */
function worseOf(before: Step | undefined, step: Step): Step {
  return before?.cause === 'not-ready' && (step.cause === 'started' || step.cause === 'container-ended')
    ? before
    : step;
}

/** That a container which has ended runs again, though its pod has not been found ready since. */
function startedSince(steps: readonly Step[], pod: string, at: Micros): string {
  const turns: readonly string[] = ['container-ended', 'container-killed', 'started', 'ready', 'deleted'];
  const own = steps.filter((row) => row.at === pod && row.t <= at && turns.includes(row.cause));
  const [before, last] = own.slice(-2);
  if (last?.cause !== 'started' || before?.cause.startsWith('container-') !== true) return '';
  return `; ${pod} was ${last.text} at ${instant(last.t)}, and has not been found ready since`;
}

function stateOf({ cause, t, text }: Step): string {
  switch (cause) {
    case 'deleted':
      return `was deleted at ${instant(t)}`;
    case 'not-ready':
    case 'container-ended':
    case 'container-killed':
      return `is not ready since ${instant(t)} (${text})`;
    case 'pending':
      return `is on no node (${text})`;
    default:
      return 'is not ready yet';
  }
}

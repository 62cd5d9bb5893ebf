import type { CoreDnsDescription } from '../../coredns/description.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { LinkQuality } from '../../network/description.ts';
import type { WorkloadDescription } from '../../workload/description.ts';

/** `httpGet` of a container's probe; one success is enough. */
export interface ProbeDescription {
  readonly path: string;
  readonly port: number;
  readonly initialDelay: Micros;
  readonly period: Micros;
  readonly timeout: Micros;
  readonly failureThreshold: number;
}

/** A container of CoreDNS. */
export interface CoreDnsTemplate {
  readonly kind: 'coredns';
  readonly process: Omit<CoreDnsDescription, 'name' | 'host' | 'startAt'>;
  /** Files that are the node's, by node: its resolv.conf. */
  readonly nodeFiles: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A container with a program that looks names up. */
export interface ClientTemplate {
  readonly kind: 'client';
  /** What the times of its workloads count from: its start, or that of the run, so that those that have passed when it starts are left out. */
  readonly clock: 'program' | 'run';
  /** By node, as each pod has the resolv.conf that its node gives it. `onStart`: only where it starts in the run. */
  readonly workloads: Readonly<
    Record<string, readonly { readonly workload: WorkloadDescription; readonly onStart: boolean }[]>
  >;
}

/** What each pod of a Deployment is made of. */
export interface PodTemplate {
  readonly runs: CoreDnsTemplate | ClientTemplate;
  readonly hostNetwork: boolean;
  /** Absent: ready when `readyAfter` has passed. */
  readonly readinessProbe?: ProbeDescription;
  /** From the start of the container until a pod without such a probe is ready. */
  readonly readyAfter: Micros;
  /** Absent: never restarted for not answering. */
  readonly livenessProbe?: ProbeDescription;
  /** A preStop hook that sleeps. */
  readonly preStop: Micros;
  /** terminationGracePeriodSeconds, counted from the deletion. */
  readonly gracePeriod: Micros;
}

/** A number of pods, or a share of the replicas such as `25%`. */
export type PodCount = number | `${number}%`;

/** A pod that is there when the run begins. */
export interface PlacedPodDescription {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly otherAddress?: string;
}

/** A pod that nobody makes anew when it is gone. */
export interface BarePodDescription extends PlacedPodDescription {
  readonly namespace: string;
  readonly template: PodTemplate;
}

/** A Deployment, whose pods are made, ended and replaced at run time. */
export interface DeploymentDescription {
  /** Its pods are called `NAME-1`, `NAME-2`, … */
  readonly name: string;
  readonly namespace: string;
  /** Services whose end points its pods are, as `namespace/name`. */
  readonly services: readonly string[];
  readonly template: PodTemplate;
  /** They run and are ready when the run begins. */
  readonly pods: readonly PlacedPodDescription[];
  /** Never two on a node: a required anti-affinity, or ports of the node. */
  readonly oneNodeEach: boolean;
  /** Rather not two on a node, one that is being deleted included: a preferred anti-affinity. */
  readonly keepsApart: boolean;
  /** The nodes that take its pods; absent: all. */
  readonly nodes?: readonly string[];
  readonly maxSurge: PodCount;
  readonly maxUnavailable: PodCount;
  /** maxUnavailable of its PodDisruptionBudget; absent: it has none. */
  readonly disruptionBudget?: PodCount;
}

/** terminationGracePeriodSeconds of a pod that does not say. */
export const usualGracePeriod = 30 * second;

/** The Deployment of CoreDNS. */
export const coreDnsDeployment = 'coredns';

/** Front part of the names of the streams that a controller draws from for a Deployment. */
export function drawsFor(controller: string, deployment: string): string {
  return deployment === coreDnsDeployment ? controller : `${controller}/${deployment}`;
}

/** What makes a cluster live: nodes with kubelets, the controllers, and what they look after. */
export interface LifeDescription {
  /** Of Kubernetes, such as `1.29`. */
  readonly kubernetes: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly kernel: string;
    readonly otherAddress?: string;
    /** Addresses of its pods. */
    readonly podCidr: string;
    readonly otherPodCidr?: string;
  }[];
  /** Addresses that pods of the world have from outside their nodes' ranges, or that nobody else may get. */
  readonly takenAddresses: readonly string[];
  /** Between a pod that is made in the run and its node. */
  readonly podLink: LinkQuality;
  /** CoreDNS's own first. */
  readonly deployments: readonly DeploymentDescription[];
  /** Their programs run when the run begins. */
  readonly barePods: readonly BarePodDescription[];
  /** What kube-proxy makes of its Services without end points. */
  readonly whenEmpty: 'reject' | 'nothing';
}

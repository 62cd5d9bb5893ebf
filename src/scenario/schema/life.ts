import * as z from 'zod';
import { duration, label } from './values.ts';

/** A number of pods, or a share of the replicas. */
export const podCount = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,3}%$/)
    .transform((text): `${number}%` => `${Number(text.slice(0, -1))}%`),
]);

const probe = z.union([
  z.literal('none'),
  z.strictObject({
    path: z.string().startsWith('/').optional(),
    port: z.int().min(1).max(65535).optional(),
    initialDelay: duration.optional(),
    period: duration.optional(),
    timeout: duration.optional(),
    failureThreshold: z.int().min(1).optional(),
  }),
]);

/** What a Deployment says about its pods' lives; keys of `coredns`. */
export const deploymentKeys = {
  maxSurge: podCount.default('25%').describe('Pods beyond its replicas while it is rolled out, or a share of them.'),
  maxUnavailable: podCount
    .default(1)
    .describe('Replicas that may be missing while it is rolled out, or a share of them; 1 in kubeadm.'),
  antiAffinity: z
    .enum(['preferred', 'required'])
    .default('preferred')
    .describe(
      'required: never two on a node, as in coredns/deployment and RKE2; a pod that finds no node of its own waits. preferred: kubeadm, EKS.',
    ),
  podDisruptionBudget: podCount
    .optional()
    .describe(
      'maxUnavailable of a PodDisruptionBudget: how many may be missing when a node is drained; none unless said.',
    ),
  readinessProbe: probe
    .optional()
    .describe(
      "Unless said, kubeadm's (/ready on 8181, period 10s, timeout 1s, failureThreshold 3) where the Corefile has `ready`; none: ready as soon as it runs.",
    ),
  livenessProbe: probe
    .optional()
    .describe(
      "Unless said, kubeadm's (/health on 8080, initialDelay 60s, period 10s, timeout 5s, failureThreshold 5) where the Corefile has `health`.",
    ),
  preStop: duration.optional().describe('A preStop hook that sleeps so long before SIGTERM; none unless said.'),
  terminationGracePeriod: duration
    .optional()
    .describe('From the deletion of a pod to SIGKILL, preStop and lameduck included; 30s unless said.'),
};

/** A pod by its name, of CoreDNS or of a Deployment of `pods`. */
const ofPod = {
  coredns: label.optional().describe('A pod of CoreDNS.'),
  pod: label.optional().describe('A pod of a Deployment.'),
};

/** What can happen to pods and nodes. */
export const lifeEventKinds = {
  restart: z
    .strictObject(ofPod)
    .describe("Restarts a container (SIGTERM): its pod's address stays, what it held in memory is lost."),
  crash: z
    .strictObject({
      ...ofPod,
      startsAgainAfter: duration
        .optional()
        .describe(
          'Until the kubelet has started the container again; unless said within 2 s the first time, then after 10 s, 20 s, … (CrashLoopBackOff).',
        ),
    })
    .describe(
      "Kills a container (SIGKILL, as out of memory at its limit): queries in flight get no answer, its pod's address stays, its cache is lost.",
    ),
  deletePod: z
    .strictObject({
      ...ofPod,
      leavesAfter: duration
        .optional()
        .describe(
          'Until its end point is known to be terminating; drawn unless said. Said, the container gets SIGTERM at once.',
        ),
      replacedAfter: z
        .union([z.literal('never'), duration])
        .optional()
        .describe(
          'Until a pod on the same node is ready in its place and an end point; never: none comes. Unless said the Deployment makes one at once, which is ready when it is.',
        ),
    })
    .describe(
      'Deletes a pod of CoreDNS or of a Deployment: SIGTERM, SIGKILL when its grace period is over; its network vanishes, and with it its address. The Deployment makes another.',
    ),
  rolloutRestart: label.describe(
    'coredns, node-local-dns, or a Deployment of `pods`. kubectl rollout restart: each pod of the Deployment is replaced, as maxSurge and maxUnavailable allow; of the DaemonSet node by node, one pod ends before the next starts.',
  ),
  scale: z
    .record(label, z.int().min(0).max(1000))
    .describe(
      'kubectl scale: coredns, or a Deployment of `pods`, and its replicas from now on: it makes pods, or deletes some.',
    ),
  drain: z
    .strictObject({ node: label })
    .describe('kubectl drain: the node is cordoned, and its pods are evicted as their disruption budget allows.'),
  uncordon: z.strictObject({ node: label }).describe('The node takes pods again.'),
  loseNode: z
    .strictObject({
      node: label,
      sinceHeartbeat: duration
        .optional()
        .describe("Since its kubelet last renewed the node's lease, 10s at most; drawn unless said."),
    })
    .describe(
      'The node loses its power: all that ran there is gone in silence, its workloads with it. It is NotReady when its lease was not renewed for 40 s (50 s from 1.32); 305 s later its pods are evicted, those of no Deployment too, unless most nodes are NotReady.',
    ),
  nodeReturns: z
    .strictObject({ node: label })
    .describe(
      'The node has booted again: its pods start anew, one of no Deployment with what is left of its workloads; those that were evicted meanwhile are gone, and only a Deployment makes others.',
    ),
};

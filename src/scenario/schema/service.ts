import * as z from 'zod';
import { address, duration, label } from './values.ts';

const policy = z.enum(['Cluster', 'Local']);

const port = z.strictObject({
  name: label,
  protocol: z.enum(['udp', 'tcp']),
  port: z.int().min(1).max(65535),
  targetPort: z.int().min(1).max(65535).optional().describe('The port of the pods; the same as `port` unless said.'),
  nodePort: z
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Port on every node, 30000 to 32767 unless the API server is told otherwise.'),
});

/** What kube-proxy makes of a Service beside its addresses and ports. */
export const serviceRules = {
  sessionAffinity: z
    .enum(['None', 'ClientIP'])
    .default('None')
    .describe('ClientIP: a client is sent to the end point that it was sent to before.'),
  sessionAffinityTimeout: duration.optional().describe('How long ClientIP holds: 3h unless said.'),
  internalTrafficPolicy: policy
    .default('Cluster')
    .describe(
      'Local: traffic to the ClusterIP goes to end points on the same node, and is dropped without any; known from Kubernetes 1.22 on.',
    ),
  externalTrafficPolicy: policy
    .default('Cluster')
    .describe('Local: traffic from outside goes to end points on the node where it arrives, and keeps its source.'),
  externalIPs: z.array(address).default([]).describe('Addresses from outside at which nodes take its traffic.'),
  loadBalancerIPs: z.array(address).default([]).describe('Addresses of its load balancer (status.loadBalancer).'),
  publishNotReadyAddresses: z.boolean().default(false).describe('End points count as ready whatever their pods are.'),
};

/** An end point's conditions, as an EndpointSlice has them. */
const endpoint = z.union([
  address,
  z.strictObject({
    address,
    node: label.optional().describe('The node that its pod is on.'),
    ready: z.boolean().optional().describe('true unless it terminates.'),
    serving: z.boolean().optional().describe('The pod is ready, terminating or not; the same as `ready` unless said.'),
    terminating: z.boolean().default(false),
  }),
]);

export const endpoints = z
  .array(endpoint)
  .describe('Addresses of ready pods; or { address, node, ready, serving, terminating }.');

/** A Service with a ClusterIP. */
export const service = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .describe('namespace/name'),
  address: z.union([z.literal('None'), address]).describe('ClusterIP; None: a headless Service.'),
  ports: z.array(port).min(1),
  endpoints: endpoints.default([]),
  deployment: label
    .optional()
    .describe('In place of endpoints: the pods of this Deployment of `pods`, as they come and go.'),
  ...serviceRules,
});

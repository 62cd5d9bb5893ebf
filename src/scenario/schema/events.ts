import * as z from 'zod';
import { lifeEventKinds } from './life.ts';
import { quality as linkQuality } from './outside.ts';
import { endpoints, service } from './service.ts';
import { artefact, duration, label } from './values.ts';

const lines = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** What can happen; each entry of `events` holds exactly one of these. */
export const eventKinds = {
  changeRecords: z
    .strictObject({
      server: label,
      zone: z.string(),
      replace: lines.describe('Records as in a zone file; each replaces the records of its name and type.'),
    })
    .describe('Changes records at an authoritative server.'),
  setServer: z
    .strictObject({
      server: label,
      answers: z.enum(['normally', 'never', 'refused', 'servfail']).default('normally'),
      delay: duration.optional().describe('Before each answer.'),
    })
    .describe('Takes a server down, slows it or brings it back.'),
  flushCache: z
    .strictObject({ server: label })
    .describe('Empties the cache of a recursor, as an operator does after a change.'),
  editCorefile: z
    .strictObject({
      corefile: artefact,
      arrivesAfter: duration
        .optional()
        .describe(
          'Until the kubelet has written the file into the pods; drawn for each replica from 0 to 90s unless said.',
        ),
      broken: z
        .boolean()
        .default(false)
        .describe('true: the Corefile has mistakes on purpose, and what CoreDNS makes of them is to be seen.'),
    })
    .describe("Edits the ConfigMap that holds CoreDNS's Corefile; the reload plugin notices."),
  ...lifeEventKinds,
  crashNodeLocalDNS: z
    .strictObject({
      node: label,
      startsAgainAfter: duration
        .optional()
        .describe('Until the kubelet has started the container again; 1s unless said.'),
    })
    .describe('Kills node-cache on a node (SIGKILL, as out of memory): its link and rules stay, its cache is lost.'),
  restartNodeLocalDNS: z
    .strictObject({
      node: label,
      startsAgainAfter: duration
        .optional()
        .describe("Until the DaemonSet's next pod has started; 5s unless said, as one pod goes before the next comes."),
    })
    .describe('SIGTERM to node-cache on a node: it takes its link and rules away, and ends.'),
  editNodeLocalDNS: z
    .strictObject({
      corefile: artefact,
      arrivesAfter: duration
        .optional()
        .describe('Until the kubelet has written the file into the pods; drawn for each from 0 to 90s unless said.'),
    })
    .describe(
      'Edits the node-local-dns ConfigMap: node-cache notices within 10 s and writes its Corefile, then its reload plugin notices.',
    ),
  createService: service.describe('Creates a Service: the API shows it, and kube-proxy writes its rules.'),
  deleteService: z
    .strictObject({ service: z.string().describe('namespace/name of a Service of the scenario.') })
    .describe('Deletes a Service.'),
  changeEndpoints: z
    .strictObject({
      service: z.string().describe('namespace/name of a Service of the scenario.'),
      endpoints,
    })
    .describe('Changes the ready pods of a Service: the API shows them, and kube-proxy writes its rules.'),
  setApiServer: z
    .strictObject({
      reachable: z.boolean(),
      from: z
        .enum(['everywhere', 'nodes'])
        .optional()
        .describe(
          'nodes: only those cannot reach it, and the control plane goes on: it finds all nodes NotReady after a while. everywhere unless said: controllers, scheduler and kubectl do nothing either.',
        ),
    })
    .describe(
      'The API server goes away, or comes back. Meanwhile kubelets, kube-proxy and CoreDNS keep what they know and go on; a process that starts knows nothing; afterwards each hears of what it missed when it tries again, within a minute.',
    ),
  setLink: z
    .strictObject({
      link: z.string().describe('As under `links`: node-1..vpc-dns in both directions, node-1->vpc-dns in one.'),
      for: duration.optional().describe('Until it is again as before; to the end unless said.'),
      ...linkQuality.omit({ latencies: true }).shape,
    })
    .describe('Cuts a link (loss: 1), degrades it or mends it: what is not named is as `links` says.'),
  stopKubeProxy: z
    .strictObject({
      node: label,
      for: duration.optional().describe('Until it goes on; never unless said.'),
      hung: z
        .boolean()
        .default(false)
        .describe(
          'true: it hangs, and then hears of all that it missed; otherwise it ends, and starts anew with a full sync.',
        ),
    })
    .describe('Stops kube-proxy on a node: its rules stay as they are.'),
  failKubeProxyRestores: z
    .strictObject({ node: label, for: duration.optional().describe('Until they succeed again; never unless said.') })
    .describe("Lets kube-proxy's iptables-restore fail on a node: it tries again after its syncPeriod."),
  flushConntrack: z.strictObject({ node: label }).describe('conntrack -F on a node.'),
  run: z
    .strictObject({ on: label, command: z.string().min(1) })
    .describe(
      'An iptables, conntrack, ipvsadm, ip or sysctl command on a node or in a pod; what it prints is in commands.txt.',
    ),
};

export const event = z.strictObject({
  at: duration,
  label: z.string().optional().describe('Words for the charts.'),
  changeRecords: eventKinds.changeRecords.optional(),
  setServer: eventKinds.setServer.optional(),
  flushCache: eventKinds.flushCache.optional(),
  editCorefile: eventKinds.editCorefile.optional(),
  restart: eventKinds.restart.optional(),
  crash: eventKinds.crash.optional(),
  deletePod: eventKinds.deletePod.optional(),
  rolloutRestart: eventKinds.rolloutRestart.optional(),
  scale: eventKinds.scale.optional(),
  drain: eventKinds.drain.optional(),
  uncordon: eventKinds.uncordon.optional(),
  loseNode: eventKinds.loseNode.optional(),
  nodeReturns: eventKinds.nodeReturns.optional(),
  crashNodeLocalDNS: eventKinds.crashNodeLocalDNS.optional(),
  restartNodeLocalDNS: eventKinds.restartNodeLocalDNS.optional(),
  editNodeLocalDNS: eventKinds.editNodeLocalDNS.optional(),
  createService: eventKinds.createService.optional(),
  deleteService: eventKinds.deleteService.optional(),
  changeEndpoints: eventKinds.changeEndpoints.optional(),
  setApiServer: eventKinds.setApiServer.optional(),
  setLink: eventKinds.setLink.optional(),
  stopKubeProxy: eventKinds.stopKubeProxy.optional(),
  failKubeProxyRestores: eventKinds.failKubeProxyRestores.optional(),
  flushConntrack: eventKinds.flushConntrack.optional(),
  run: eventKinds.run.optional(),
});

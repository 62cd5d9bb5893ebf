import { coreDnsDeployment } from '../../cluster/pods/description.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import { keysOf, type Path } from '../document.ts';
import { formatDuration } from '../duration.ts';
import { nodesWithCache } from '../names.ts';
import { longestHeartbeat } from '../translate/life-events.ts';
import { type CheckContext, mustBeKnown, objectTo } from './check.ts';
import { checkRollout } from './deployments.ts';

/** What happens to pods and nodes must be about some that are there, and can come about. */
export function checkLife(context: CheckContext): void {
  checkPods(context);
  checkNodes(context);
  checkDeployment(context);
}

function checkPods(context: CheckContext): void {
  const { file, names } = context;
  for (const [i, { crash, restart, deletePod, rolloutRestart, scale }] of file.events.entries()) {
    for (const [kind, event] of Object.entries({ crash, restart, deletePod }))
      if (event !== undefined) checkPod(context, ['events', i, kind], event);
    const rolled = [coreDnsDeployment, 'node-local-dns', ...names.deployments];
    if (rolloutRestart !== undefined)
      mustBeKnown(context, ['events', i, 'rolloutRestart'], rolloutRestart, rolled, 'Deployment');
    for (const name of Object.keys(scale ?? {})) checkScaled(context, i, name);
    if (scale !== undefined && keysOf(context.document, ['events', i, 'scale']).length === 0)
      objectTo(
        context,
        ['events', i, 'scale'],
        'nothing-scaled',
        'scales nothing',
        'name a Deployment, such as coredns: 4',
      );
    const { replacedAfter, leavesAfter = 0 } = deletePod ?? {};
    if (typeof replacedAfter === 'number' && replacedAfter <= leavesAfter) {
      const path = ['events', i, 'deletePod', 'replacedAfter'];
      objectTo(context, path, 'out-of-range', 'the replacement is ready before the old one has left', 'make it later');
    }
    if (rolloutRestart === 'node-local-dns' && nodesWithCache(file.cluster).length === 0) {
      const hint = 'deploy it: cluster.nodeLocalDNS';
      objectTo(context, ['events', i, 'rolloutRestart'], 'no-node-cache', 'there is no NodeLocal DNSCache', hint);
    }
  }
}

/** One pod, by one of two keys. */
function checkPod(
  context: CheckContext,
  path: Path,
  { coredns, pod }: { readonly coredns?: string | undefined; readonly pod?: string | undefined },
): void {
  const { names } = context;
  if ((coredns === undefined) === (pod === undefined))
    objectTo(context, path, 'not-one-pod', 'is about one pod', 'name it with coredns or with pod');
  else if (coredns !== undefined) mustBeKnown(context, [...path, 'coredns'], coredns, names.coredns, 'CoreDNS pod');
  // A pod that comes into being in the run has a higher number.
  else if (pod !== undefined && names.pods.includes(pod) && !names.deployments.includes(pod)) {
    const hint = `give pods.${pod} a deployment, and name one of its pods, such as ${pod}-1`;
    objectTo(
      context,
      [...path, 'pod'],
      'no-deployment',
      `${pod} is a pod of no Deployment: nobody would replace it`,
      hint,
    );
  } else if (pod !== undefined && !names.deployments.some((name) => new RegExp(`^${name}-\\d+$`).test(pod)))
    mustBeKnown(
      context,
      [...path, 'pod'],
      pod,
      names.podHosts.filter((name) => !names.pods.includes(name)),
      'pod of a Deployment',
    );
}

function checkScaled(context: CheckContext, i: number, name: string): void {
  const known = [coreDnsDeployment, ...context.names.deployments];
  if (known.includes(name)) return;
  const position = context.document.keyAt(['events', i, 'scale', name]);
  const hint = didYouMean(name, known, 'Deployments here');
  context.problems.push({ code: 'unknown-Deployment', ...position, message: `there is no Deployment "${name}"`, hint });
}

function checkNodes(context: CheckContext): void {
  const { file, names } = context;
  const lost = new Set<string>();
  for (const [i, event] of [...file.events.entries()].sort(([, a], [, b]) => a.at - b.at)) {
    for (const kind of ['drain', 'uncordon', 'loseNode', 'nodeReturns'] as const) {
      const node = event[kind]?.node;
      const path = ['events', i, kind, 'node'];
      if (node === undefined || !mustBeKnown(context, path, node, names.nodes, 'node')) continue;
      if (kind === 'loseNode' && lost.has(node))
        objectTo(context, path, 'conflict', `${node} is lost already`, 'let it return first: nodeReturns');
      if (kind === 'nodeReturns' && !lost.has(node))
        objectTo(context, path, 'conflict', `${node} was not lost before`, 'lose it first: loseNode');
      if (kind === 'loseNode') lost.add(node);
      if (kind === 'nodeReturns') lost.delete(node);
    }
    const { sinceHeartbeat = 0 } = event.loseNode ?? {};
    if (sinceHeartbeat > longestHeartbeat) {
      const message = `the lease of a node is renewed every ${formatDuration(longestHeartbeat)}`;
      objectTo(context, ['events', i, 'loseNode', 'sinceHeartbeat'], 'out-of-range', message, 'make it shorter');
    }
  }
}

/** On the nodes' network there is room for one CoreDNS a node. */
function checkDeployment(context: CheckContext): void {
  const { file, names } = context;
  const { hostNetwork, replicas, nodes } = file.cluster.coredns;
  const path = ['cluster', 'coredns'];
  const used = nodes ?? names.nodes.slice(0, replicas);
  if (hostNetwork && new Set(used).size < replicas) {
    const hint = 'two on one node would both listen on its port 53: fewer replicas, or another node';
    const key = nodes === undefined ? 'replicas' : 'nodes';
    const given = context.document.get([...path, key]) === undefined ? 'hostNetwork' : key;
    const counted = new Set(used).size === 1 ? '1 node' : `${new Set(used).size} nodes`;
    const message = `${replicas} replicas with hostNetwork on ${counted}`;
    objectTo(context, [...path, given], 'conflict', message, hint);
  }
  checkRollout(context, path, file.cluster.coredns);
}
